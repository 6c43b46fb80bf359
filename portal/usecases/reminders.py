"""What people at a desk are reminded of: work whose time runs out, apologies to sign; and a daily message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.access import Actor, Role, is_reminded_of
from portal.domain.moment import office_day
from portal.domain.notices import NoticeKind
from portal.store import accounts
from portal.store import watch as store
from portal.store.database import looking, reading, transaction
from portal.store.models import Account, Dossier
from portal.store.watch import Place, Reminder, Shelf
from portal.store.watch_models import ApologyPreparation
from portal.usecases import law, notices, tracking

PAGE = 30


@dataclass(frozen=True, slots=True)
class ReminderPage:
    """One page of reminders, where the next begins, how many there are of each sort, and the apologies prepared."""

    reminders: Sequence[Reminder]
    next: Place | None
    counts: dict[Shelf, int]
    prepared: dict[int, ApologyPreparation]


def page(actor: Actor, shelf: Shelf, at: datetime, after: Place | None = None, size: int = PAGE) -> ReminderPage:
    """One page of what an actor is reminded of, the most urgent first."""
    with looking() as connection:
        found, more = store.reminders(connection, shelf, actor, at, after, size)
        counts = {each: store.count_reminders(connection, each, actor, at) for each in Shelf}
    prepared = {}
    if shelf is Shelf.APOLOGIES:
        with reading() as session:
            prepared = store.prepared_for(session, [each.id for each in found])
    last = found[-1] if more else None
    return ReminderPage(found, (getattr(last, shelf.value), last.id) if last else None, counts, prepared)


def promised(dossier: Dossier) -> date | None:
    """The new date of the apology that was prepared for a dossier; None where none waits to be signed."""
    if dossier.apology_by is None:
        return None
    with reading() as session:
        found = store.prepared_for(session, [dossier.id]).get(dossier.id)
    return office_day(found.promised) if found else None


def send_digests(at: datetime) -> int:
    """Tell all whose work, or whose office's work, has steps past their time since the last message: one message each.

    Those who have neither e-mail nor telephone read it at the desk. Gives how many messages; safe to repeat.
    """
    with transaction() as session:
        late = store.untold(session)
        whose = Counter((each.holder_unit, Role(each.holder_role), each.sector) for each in late)
        sent = 0
        for account in accounts.at_desks(session, sorted({unit for unit, _role, _sector in whose})):
            actor = Actor(account.id, Role(account.role), account.unit, account.full_name)
            count = sum(number for work, number in whose.items() if is_reminded_of(actor, *work))
            recipient = notices.of_account(account)
            if count and recipient is not None:
                values = {"count": str(count), "unit": _unit(account), "link": tracking.reminders_url()}
                notices.write(session, NoticeKind.STEPS_LATE, recipient, at, values)
                sent += 1
        for each in late:
            each.told_at = at
    return sent


def _unit(account: Account) -> str:
    assert account.unit is not None
    return law.unit(account.unit).name.say(account.language)
