"""Who gave a dossier to whom, in the words of the control slip."""

from __future__ import annotations

from datetime import date

from portal.domain import custody, words
from portal.domain.access import Role
from portal.domain.casework import Rules, Stop
from portal.domain.custody import OFFICES, Due, Happened, Office, Party, Transfer
from portal.domain.flow import Action
from portal.domain.slips import HandOver
from portal.domain.workdays import office_time
from portal.store.dossiers import ACTING_FOR, WENT_BY
from portal.store.models import Dossier
from portal.usecases import law, letterheads


def office(dossier: Dossier) -> str:
    """The office that resolves it: the one whose step issues the result."""
    return resolving(law.rules_of(dossier), dossier.desk_unit)


def resolving(rules: Rules, desk_unit: str) -> str:
    """The same, of any dossier that goes by these rules and was received there."""
    return _body(rules, rules.issuer(), desk_unit)


def _body(rules: Rules, stop: Stop, desk_unit: str) -> str:
    unit = law.unit(rules.unit_of(stop, desk_unit))
    return letterheads.body(unit, police=OFFICES.get(stop.role) is Office.POLICE)


def cooperating(dossier: Dossier) -> tuple[str, ...]:
    """The other offices on its route, and the bodies whose opinion was asked for."""
    rules = law.rules_of(dossier)
    own = rules.unit_of(rules.issuer(), dossier.desk_unit)
    others = (stop for stop in rules.route if rules.unit_of(stop, dossier.desk_unit) != own)
    asked = (interval.body for interval in dossier.intervals if interval.body)
    named = dict.fromkeys([*(_body(rules, stop, dossier.desk_unit) for stop in others), *asked])
    return tuple(name for name in named if name != office(dossier))


def transfers(dossier: Dossier) -> tuple[Transfer, ...]:
    """Every hand-over of a dossier with all that belongs to it."""
    rules, calendar = law.rules_of(dossier), law.calendar(dossier.desk_unit, dossier.sector)
    log: list[Happened] = []
    for event in reversed(dossier.events):
        who, acting_for = event.actor.full_name if event.actor else "", event.details.get(ACTING_FOR, {})
        log.append(
            Happened(
                Action(event.action), event.step, event.unit, event.at, Role(event.role), who, rules, calendar,
                acting_for.get("name", ""),
            )
        )  # fmt: skip
        if (before := event.details.get(WENT_BY)) is not None:
            version = date.fromisoformat(before["version"])
            rules = law.rules(before["procedure"], version, before["unit"], before["term_case"])
            calendar = law.calendar(before["unit"], rules.sector)
    dues = [Due(change.at, change.new_due_at) for change in dossier.due_changes]
    return custody.transfers(log[::-1], dues, dossier.applicant_name)


def hand_overs(dossier: Dossier) -> tuple[HandOver, ...]:
    """The rows of the control slip."""
    return tuple(
        HandOver(
            giver=_called(each.giver),
            giver_name=each.giver.who,
            receiver=_called(each.receiver),
            receiver_name=each.receiver.who,
            at=each.at,
            in_time=each.in_time.value if each.in_time else None,
            note=_note(each),
        )
        for each in transfers(dossier)
    )


def _called(party: Party) -> str:
    role = words.ROLES[party.role].vi
    return f"{role}, {law.unit(party.unit).name.vi}" if party.unit else role


def _note(transfer: Transfer) -> str:
    said = custody.VERBS[transfer.action]
    return f"{said}; hạn {office_time(transfer.limit):%H:%M %d/%m/%Y}" if transfer.limit else said
