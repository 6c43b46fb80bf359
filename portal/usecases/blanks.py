"""Receipts printed ahead for an outage: printed in batches, voided, and used once when the dossier is entered later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.domain import outage
from portal.domain import slips as paper
from portal.domain.access import Actor
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.outage import Serial
from portal.domain.slips import SlipKind
from portal.store import counters
from portal.store.blank_models import BlankReceipt
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Slip
from portal.usecases import law, letterheads, slips, tracking, unit_papers
from procedures.places import Unit

#: At most so many are printed at once, so that no worker is busy with them for long.
MOST = 50
PAGE = 50


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What was written on a blank receipt: its serial, and when the dossier came. `days`: how long ago at most."""

    serial: str
    received_at: datetime
    days: int


def print_batch(actor: Actor, many: int, at: datetime) -> list[Serial]:
    """Make out so many blank receipts of the actor's unit, with the next numbers of the year; each is sealed as any.

    Raises Invalid for none, or for more than MOST.
    """
    if not 0 < many <= MOST:
        raise Invalid({"many": "out_of_range"}, most=MOST)
    assert actor.unit is not None
    unit, day = law.unit(actor.unit), law.office_day(at)
    form_set = paper.form_set(SlipKind.BLANK, sector="", on=day)
    made = []
    with transaction() as session:
        first = counters.take(session, f"blank/{unit.id}/{day.year}", many)
        for number in range(first, first + many):
            serial = Serial(_mark(unit), day.year, number)
            payload = paper.Blank(
                form_set=form_set,
                head=letterheads.head(unit, str(serial), at, unit),
                serial=str(serial),
                tracking_url=tracking.papers_url(),
            )
            slip = unit_papers.make_out(session, unit, f"blank/{serial}", payload, str(serial), at)
            session.add(
                BlankReceipt(
                    slip_id=slip.id, unit=unit.id, year=day.year, number=number, printed_by_id=actor.account_id
                )
            )
            made.append(serial)
    return made


@dataclass(frozen=True, slots=True)
class Page:
    """Blank receipts of a unit, the newest first; `older` is where the next page begins."""

    blanks: Sequence[BlankReceipt]
    older: int | None


def page(actor: Actor, before: int | None = None, *, unused: bool = False) -> Page:
    """One page of the blank receipts of the actor's unit; `unused`: those that can still be handed out alone."""
    query = select(BlankReceipt).where(BlankReceipt.unit == actor.unit)
    if unused:
        query = query.join(Slip, Slip.id == BlankReceipt.slip_id)
        query = query.where(BlankReceipt.entered_at.is_(None), Slip.revoked_at.is_(None))
    if before is not None:
        query = query.where(BlankReceipt.slip_id < before)
    with reading() as session:
        rows = session.scalars(query.order_by(BlankReceipt.slip_id.desc()).limit(PAGE + 1)).all()
    return Page(rows[:PAGE], rows[PAGE - 1].slip_id if len(rows) > PAGE else None)


def any_unused(actor: Actor) -> bool:
    """Whether the actor's unit has blank receipts on which dossiers may have been taken down."""
    waiting = select(BlankReceipt.slip_id).join(Slip, Slip.id == BlankReceipt.slip_id)
    waiting = waiting.where(
        BlankReceipt.unit == actor.unit, BlankReceipt.entered_at.is_(None), Slip.revoked_at.is_(None)
    )
    with reading() as session:
        return bool(session.scalar(select(exists(waiting))))


def find(actor: Actor, slip_id: int) -> BlankReceipt:
    """A blank receipt of the actor's unit. Raises NotFound."""
    with reading() as session:
        return _find(session, actor, slip_id)


def void(actor: Actor, slip_id: int, words: str, at: datetime) -> BlankReceipt:
    """Take a spoiled or lost blank out of use: nothing is entered on it any more, and its QR says revoked.

    Raises NotFound; Conflict for one that is used or void already; Invalid without words.
    """
    with transaction() as session:
        blank = _find(session, actor, slip_id, lock=True)
        if blank.entered_at is not None:
            raise Conflict("blank_is_used", blank=slip_id)
        slips.revoke(session, blank.slip, words, at)
    return blank


def take(session: Session, actor: Actor, written: OnPaper, at: datetime) -> BlankReceipt:
    """The blank on which a dossier was taken down that is being entered; kept from others until the transaction ends.

    Raises Invalid: the serial is none of the unit's, is used or void ('serial'), or the time cannot be ('received_at').
    """
    serial = outage.read_serial(written.serial)
    unit = law.unit(actor.unit or "")
    if serial is None or serial.unit != _mark(unit):
        raise Invalid({"serial": "unknown"})
    query = select(BlankReceipt).where(
        BlankReceipt.unit == unit.id, BlankReceipt.year == serial.year, BlankReceipt.number == serial.number
    )
    blank = session.scalars(query.with_for_update(of=BlankReceipt)).one_or_none()
    if blank is None:
        raise Invalid({"serial": "unknown"})
    if blank.entered_at is not None:
        raise Invalid({"serial": "used"})
    if blank.slip.revoked_at is not None:
        raise Invalid({"serial": "void"})
    if fault := outage.fault_of(written.received_at, blank.slip.created_at, at, written.days):
        raise Invalid({"received_at": fault})
    return blank


def settle(blank: BlankReceipt, dossier: Dossier, at: datetime) -> None:
    """The dossier is entered: the blank is used for good."""
    blank.dossier_id, blank.entered_at = dossier.id, at


def _mark(unit: Unit) -> str:
    """What the serials of a unit begin with: its code, or what it is called here where it has none."""
    return (unit.code or unit.id).upper()


def _find(session: Session, actor: Actor, slip_id: int, *, lock: bool = False) -> BlankReceipt:
    query = select(BlankReceipt).where(BlankReceipt.slip_id == slip_id, BlankReceipt.unit == actor.unit)
    if lock:
        query = query.with_for_update(of=BlankReceipt)
    blank = session.scalars(query).one_or_none()
    if blank is None:
        raise NotFound(blank=slip_id)
    return blank
