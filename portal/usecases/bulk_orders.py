"""One action for several dossiers: looked at beforehand, ordered once, and done one dossier at a time by a worker.

Each dossier is a transaction of its own in which the action is done and its row says so: whatever is killed, and
whenever, each is done once. The action bears the instant of the order, when somebody decided it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.access import DESK, Actor, Claiming, Role
from portal.domain.errors import Forbidden, Invalid, NotFound, PortalError, Unavailable
from portal.domain.flow import Action, Status
from portal.store import accounts
from portal.store import bulk_orders as store
from portal.store import dossiers as rows
from portal.store.bulk_order_models import BulkItem, BulkOrder
from portal.store.bulk_orders import Counts
from portal.store.database import reading, ring_after_commit, transaction
from portal.store.models import Account, Dossier
from portal.usecases import absences, claims, dossiers, law
from portal.usecases.dossiers import Opened
from portal.usecases.scenes import Deed
from procedures.model import Component

log = structlog.get_logger(__name__)

DO: Final = "workers.jobs.do_bulk_order"


class Errand(StrEnum):
    """What is done to many dossiers alike: nothing that must be decided for each by itself."""

    RECEIVE = Action.RECEIVE.value
    FORWARD = Action.FORWARD.value
    HAND_OVER = Action.HAND_OVER.value
    ASSIGN = Claiming.ASSIGN.value

    @property
    def action(self) -> Action | None:
        """The action on the dossier; None for one that only changes who has it."""
        return None if self is Errand.ASSIGN else Action(self.value)


#: Who can order what at all; whether it can be done to a dossier is decided for each.
_ROLES: Final = {
    Errand.RECEIVE: frozenset({Role.ONE_STOP_OFFICER}),
    Errand.FORWARD: DESK,
    Errand.HAND_OVER: frozenset({Role.ONE_STOP_OFFICER}),
    Errand.ASSIGN: frozenset({Role.HEAD_OF_OFFICE, Role.LEADER, Role.POLICE_HEAD, Role.REGISTRY_HEAD}),
}
#: What must be said with an errand, once for all.
NEEDS_WORDS: Final = frozenset({Errand.HAND_OVER})
#: So many dossiers can be ordered at once.
MOST: Final = 500
#: So many orders are listed of those that somebody gave.
LISTED: Final = 20


class Chosen(NamedTuple):
    """A dossier that was chosen, and the number of the last event that was seen then."""

    registration: str
    seen: int


@dataclass(frozen=True, slots=True)
class Wish:
    """One errand for several dossiers, with what it needs: words, or the account that is to have them."""

    errand: Errand
    chosen: Sequence[Chosen]
    words: str = ""
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an errand would do to a dossier: `refusal` is the code of why it cannot be done, None if it can.

    `lacks` are the components that are missing of one that would be received.
    """

    opened: Opened
    refusal: str | None
    lacks: Sequence[Component] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """An order and how far it is; `items` are empty where only the numbers were asked for.

    `lacked` are the components that were missing of a dossier when it was received, by its id.
    """

    order: BulkOrder
    counts: Counts
    items: Sequence[BulkItem] = ()
    lacked: Mapping[int, Sequence[Component]] = field(default_factory=dict)


def offered(actor: Actor) -> tuple[Errand, ...]:
    """What somebody of this role can order."""
    return tuple(errand for errand in Errand if actor.role in _ROLES[errand])


def look(actor: Actor, errand: Errand, registrations: Sequence[str], at: datetime) -> Sequence[Prospect]:
    """What the errand would do to each of the chosen dossiers that the actor may open, in the order chosen."""
    with reading() as session:
        brought = (Dossier.due_changes, Dossier.intervals, Dossier.events, Dossier.attachments, Dossier.supplements)
        found = rows.several(session, registrations, actor, *brought)
        guises = absences.guises_of(session, actor, at)
        return [_prospect(guises(dossier), errand, dossier) for dossier in found]


def _prospect(guises: Sequence[Actor], errand: Errand, dossier: Dossier) -> Prospect:
    actor = guises[-1]  # as themself
    seen = dossiers.opened(dossier, guises)
    if errand.action is None:
        return Prospect(seen, None if Claiming.ASSIGN in claims.possible(actor, dossier) else "not_yours_to_assign")
    if errand.action not in seen.possible:
        owed = errand is Errand.HAND_OVER and dossier.fee and not dossier.fee_paid
        return Prospect(seen, "fee_open" if owed and dossier.state is Status.RESOLVED else "not_possible_now")
    held = all(claims.in_the_way(guise, dossier) is not None for guise in guises)
    return Prospect(seen, "held" if held else None, dossiers.lacking(dossier) if errand is Errand.RECEIVE else ())


def candidates(prospects: Sequence[Prospect]) -> Sequence[Account]:
    """Those who can be given one of these dossiers: whose step it is at."""
    steps = {(each.opened.dossier.holder_role, each.opened.dossier.holder_unit) for each in prospects}
    with reading() as session:
        there = accounts.at_desks(session, sorted({unit for _, unit in steps if unit}))
    return [account for account in there if (account.role, account.unit) in steps]


def give(actor: Actor, key: str, wish: Wish, at: datetime) -> str:
    """Order it; gives the order's key. The same key orders once, however often it is sent.

    Raises Forbidden for an errand that is not the actor's, Invalid (`ho_so`, `words`, `account`), NotFound for a
    dossier that they may not open.
    """
    if wish.errand not in offered(actor) or actor.account_id is None:
        raise Forbidden(errand=wish.errand.value)
    if not 0 < len(wish.chosen) <= MOST:
        raise Invalid({"ho_so": "too_many" if wish.chosen else "required"})
    if wish.errand in NEEDS_WORDS and not wish.words:
        raise Invalid({"words": "required"})
    if wish.errand is Errand.ASSIGN and wish.account_id is None:
        raise Invalid({"account": "required"})
    with transaction() as session:
        if store.of_account(session, actor.account_id, key) is not None:
            return key
        seen = dict(wish.chosen)
        found = rows.several(session, list(seen), actor)
        if len(found) < len(seen):
            raise NotFound(missing=len(seen) - len(found))
        order = BulkOrder(
            key=key,
            ordered_by_id=actor.account_id,
            errand=wish.errand.value,
            words=wish.words,
            account_id=wish.account_id if wish.errand is Errand.ASSIGN else None,
            ordered_at=at,
        )
        session.add(order)
        session.flush()
        session.add_all(
            BulkItem(order_id=order.id, place=place, dossier_id=dossier.id, seen=seen[dossier.registration])
            for place, dossier in enumerate(found)
        )
        ring_after_commit(session, DO, order.id)
    return key


def progress(actor: Actor, key: str) -> Progress:
    """One's own order and what came of each dossier. Raises NotFound."""
    with reading() as session:
        order = store.of_account(session, actor.account_id or 0, key)
        if order is None:
            raise NotFound(key=key)
        counts, items = store.counts(session, [order.id])[order.id], store.items(session, order.id)
        return Progress(order, counts, items, _lacked(session, order))


def _lacked(session: Session, order: BulkOrder) -> dict[int, Sequence[Component]]:
    if order.errand != Errand.RECEIVE:
        return {}
    told = store.receptions(session, order.id)
    return {
        row.dossier_id: [part for part in law.procedure_of(row).components if part.key in row.details[dossiers.LACKS]]
        for row in told
        if dossiers.LACKS in row.details
    }


def given(actor: Actor) -> Sequence[Progress]:
    """One's own last orders, the newest first."""
    with reading() as session:
        orders = store.newest(session, actor.account_id or 0, LISTED)
        counts = store.counts(session, [order.id for order in orders])
        return [Progress(order, counts[order.id]) for order in orders]


def waiting() -> Sequence[int]:
    """The orders that are not at their end."""
    with reading() as session:
        return store.waiting(session)


def work(order_id: int, at: datetime) -> None:
    """Go through an order to its end; begins where it was broken off.

    What the rules refuse is refused for that dossier alone; a database or service that does not answer breaks it off.
    """
    with reading() as session:
        left = store.unsettled(session, order_id)
    for place, registration in left:
        try:
            _do(order_id, place, registration, at)
        except (SQLAlchemyError, Unavailable):
            raise
        except PortalError as refused:
            _refuse(order_id, place, refused.code, at)
        except Exception:
            log.exception("bulk_item_failed", order=order_id, place=place)
            _refuse(order_id, place, "failed", at)
    with transaction() as session:
        order = store.locked(session, order_id)
        if order is not None and order.done_at is None:
            order.done_at = at


def _do(order_id: int, place: int, registration: str, at: datetime) -> None:
    """Do the action on one dossier and say so, or neither; nothing where it was gone through meanwhile."""
    with transaction() as session:
        order = store.locked(session, order_id)
        item = store.unsettled_item(session, order_id, place)
        if order is None or item is None:
            return
        account = order.ordered_by
        if not account.active:
            raise Forbidden("account_closed")
        actor = Actor(account.id, Role(account.role), account.unit, account.full_name)
        dossier = dossiers.open_for_change(session, registration, actor, item.seen)
        errand = Errand(order.errand)
        if errand.action is None:
            claims.change(session, dossier, Claiming.ASSIGN, order.account_id, actor, order.ordered_at)
        else:
            dossiers.perform(session, dossier, actor, Deed(errand.action, words=order.words), order.ordered_at)
        item.settled_at = at


def _refuse(order_id: int, place: int, code: str, at: datetime) -> None:
    """Write down why a dossier was not done."""
    with transaction() as session:
        store.locked(session, order_id)
        if (item := store.unsettled_item(session, order_id, place)) is not None:
            item.settled_at, item.refusal = at, code
