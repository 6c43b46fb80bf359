"""Lists of what one office handed to another on a day, to be signed by both: made from the log, numbered and sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import custody as rules
from portal.domain import slips as paper
from portal.domain import words
from portal.domain.access import Actor, Role
from portal.domain.custody import OFFICES, Bundle, Office, Side, Transfer
from portal.domain.errors import NotFound
from portal.domain.slips import SlipKind
from portal.store import hand_overs as store
from portal.store.database import reading, transaction
from portal.store.models import Dossier, Slip
from portal.usecases import custody, law, letterheads, slips, tracking, unit_papers
from procedures.calendars import OFFICE_TIME
from procedures.model import Text

_PREFIX: Final = "hand-over"
#: Those of one office, who see their own lists alone; the others see all of their unit.
_OF_ONE_OFFICE: Final = frozenset({Office.POLICE, Office.REGISTRY})


@dataclass(frozen=True, slots=True)
class List:
    """What went from one office to another on a day: how many, under which key, and the paper that was made of it."""

    bundle: Bundle
    key: str
    number: int
    paper: Slip | None


def of_day(actor: Actor, day: date) -> list[List]:
    """The lists of a day that somebody may see, from whom to whom."""
    with reading() as session:
        found = _found(session, actor, day)
        papers = unit_papers.standing(session, [_about(bundle, day) for bundle in found])
    return [
        List(bundle, _key(bundle), len(rows), papers.get(_about(bundle, day))) for bundle, rows in sorted(found.items())
    ]


def make_out(actor: Actor, day: date, key: str, at: datetime) -> Slip:
    """Make out one of the lists of a day, under the number it had if it was made out before. Raises NotFound."""
    with transaction() as session:
        found = _found(session, actor, day)
        bundle = next((each for each in found if _key(each) == key), None)
        if bundle is None:
            raise NotFound(list=key)
        issuer, police = law.unit(bundle.giver.unit), bundle.giver.office is Office.POLICE
        about = _about(bundle, day)
        last = unit_papers.standing(session, [about]).get(about)
        number = last.number if last else slips.next_number(session, issuer, slips.SIGNS[SlipKind.HAND_OVER_LIST], at)
        payload = paper.HandOverList(
            form_set="results" if bundle.results else "dossiers",
            head=letterheads.head(issuer, number, at, issuer, police=police, shop=bundle.giver.office is Office.SHOP),
            giver=name(bundle.giver).vi,
            receiver=name(bundle.receiver).vi,
            day=day,
            lines=tuple(_line(dossier, transfer) for dossier, transfer in found[bundle]),
            tracking_url=tracking.papers_url(),
        )
        return unit_papers.make_out(session, issuer, about, payload, number, at, police=police)


def paper_of(actor: Actor, slip_id: int) -> Slip:
    """A rendered list. Raises NotFound, also for one that the actor may not see or that still waits."""
    with reading() as session:
        slip = session.get(Slip, slip_id)
    about = (slip.about or "").split("/") if slip else []
    if slip is None or about[0] != _PREFIX or not _sees(actor, *(_side(side) for side in about[2:4])):
        raise NotFound(slip=slip_id)
    if slip.sha256 is None:
        raise NotFound("paper_not_ready", slip=slip_id)
    return slip


def name(side: Side) -> Text:
    """What an office of a unit is called."""
    office, unit = words.OFFICES[side.office], law.unit(side.unit).name
    if side.office is Office.REGISTRY:
        return unit
    return Text(vi=f"{office.vi}, {unit.vi}", en=f"{office.en}, {unit.en}")


def _found(session: Session, actor: Actor, day: date) -> Mapping[Bundle, list[tuple[Dossier, Transfer]]]:
    since = datetime.combine(day, time(), OFFICE_TIME)
    until = since + timedelta(days=1)
    found: dict[Bundle, list[tuple[Dossier, Transfer]]] = defaultdict(list)
    for dossier in store.handed_on(session, actor, _units(actor), since, until):
        for transfer in custody.transfers(dossier):
            bundle = rules.bundle_of(transfer)
            if since <= transfer.at < until and bundle is not None and _sees(actor, bundle.giver, bundle.receiver):
                found[bundle].append((dossier, transfer))
    for rows in found.values():
        rows.sort(key=lambda row: row[1].at)
    return found


def _units(actor: Actor) -> frozenset[str]:
    """Where dossiers stand that go through somebody's hands: at their unit, or at those that their branch serves."""
    if actor.role in (Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD):
        return law.places().served_by(actor.unit)
    return frozenset({actor.unit} if actor.unit else ())


def _sees(actor: Actor, *sides: Side) -> bool:
    own = OFFICES.get(actor.role)
    return any(side.unit == actor.unit and (own not in _OF_ONE_OFFICE or side.office is own) for side in sides)


def _line(dossier: Dossier, transfer: Transfer) -> paper.HandedOn:
    return paper.HandedOn(
        code=dossier.code or dossier.registration,
        applicant=dossier.applicant_name,
        subject=law.procedure_of(dossier).short_title.vi,
        at=transfer.at,
        giver_name=transfer.giver.who,
        receiver_name=transfer.receiver.who,
        note=rules.VERBS[transfer.action],
    )


def _about(bundle: Bundle, day: date) -> str:
    return f"{_PREFIX}/{day.isoformat()}/{_key(bundle)}"


def _key(bundle: Bundle) -> str:
    sides = (f"{side.office}.{side.unit}" for side in (bundle.giver, bundle.receiver))
    return "/".join((*sides, "results" if bundle.results else "dossiers"))


def _side(written: str) -> Side:
    office, _, unit = written.partition(".")
    return Side(Office(office), unit)
