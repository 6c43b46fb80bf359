"""Who gave a dossier to whom, when, and whether in time: the rows of the control slip, told from its log.

The control slip is Mẫu số 05 of TT 01/2018/TT-VPCP, 06 of TT 03/2025/TT-VPCP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from portal.domain import clock
from portal.domain.access import Role
from portal.domain.casework import Rules
from portal.domain.flow import Action
from portal.domain.moment import office_day
from portal.domain.workdays import WorkCalendar


class InTime(StrEnum):
    """How somebody's work with a dossier stood to its limit, in the words of the slip."""

    EARLY = "Trước hạn"
    ON_TIME = "Đúng hạn"
    LATE = "Quá hạn"


class Office(StrEnum):
    """Who keeps dossiers together, and hands them to the others with a list to be signed."""

    SHOP = "shop"
    SPECIALIST = "specialist"
    LEADERSHIP = "leadership"
    POLICE = "police"
    REGISTRY = "registry"


OFFICES: Final[Mapping[Role, Office]] = {
    Role.ONE_STOP_OFFICER: Office.SHOP,
    Role.SPECIALIST: Office.SPECIALIST,
    Role.HEAD_OF_OFFICE: Office.SPECIALIST,
    Role.LEADER: Office.LEADERSHIP,
    Role.CLERK: Office.LEADERSHIP,
    Role.POLICE_OFFICER: Office.POLICE,
    Role.POLICE_HEAD: Office.POLICE,
    Role.REGISTRY_OFFICER: Office.REGISTRY,
    Role.REGISTRY_HEAD: Office.REGISTRY,
}
"""The office of everybody who works on dossiers."""


class Side(NamedTuple):
    """An office of a unit, as one side of a list."""

    office: Office
    unit: str


class Bundle(NamedTuple):
    """What one list holds: from whom, to whom, and whether dossiers or the results that come back."""

    giver: Side
    receiver: Side
    results: bool


class Happened(NamedTuple):
    """One row of the log: `step` and `unit` are those the dossier is at afterwards, `who` the name of who acted.

    `rules` and `calendar` are those it goes by from then on. `acting_for` is the name of the absent colleague in whose
    place they did.
    """

    action: Action
    step: str
    unit: str
    at: datetime
    role: Role
    who: str
    rules: Rules
    calendar: WorkCalendar
    acting_for: str = ""

    @property
    def called(self) -> str:
        """Whoever acted, and in whose place."""
        return f"{self.who} (thay mặt {self.acting_for})" if self.acting_for else self.who


class Due(NamedTuple):
    """One row of the ledger of the due date: what was promised from an instant on."""

    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a hand-over: the role and unit, and the person where the log knows who it was."""

    role: Role
    unit: str | None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One hand-over; `limit` is by when the giver had to be done, None where nobody had to."""

    giver: Party
    receiver: Party
    at: datetime
    action: Action
    limit: datetime | None

    @property
    def in_time(self) -> InTime | None:
        """How the giver's work stood to its limit; early is on an earlier office day."""
        if self.limit is None:
            return None
        if self.at > self.limit:
            return InTime.LATE
        return InTime.EARLY if office_day(self.at) < office_day(self.limit) else InTime.ON_TIME


#: What lets the clock run again that was held: the step's own time starts anew.
_RELEASES: Final = frozenset({Action.ANSWER_SUPPLEMENT, Action.CONFIRM_DUTY, Action.LAPSE})
#: What nobody has to do by any time.
_UNTIMED: Final = frozenset({Action.HAND_OVER, Action.CORRECT, Action.SUCCEED, Action.RECTIFY})


def transfers(log: Sequence[Happened], dues: Iterable[Due], applicant: str) -> tuple[Transfer, ...]:
    """Every hand-over since reception, in order: from the applicant to the office, from step to step, and back."""
    promised = list(dues)
    told: list[Transfer] = []
    went_by, step, unit, since = log[0], log[0].rules.route[0].key, "", None
    for place, event in enumerate(log):
        before = _holder(went_by.rules, step, unit or event.unit)
        match event.action:
            case Action.RECEIVE:
                giver, receiver = Party(Role.CITIZEN, None, applicant), _at(event, event.called)
            case Action.HAND_OVER:
                giver, receiver = _by(before, event), Party(Role.CITIZEN, None, applicant)
            case Action.SUCCEED if since is not None:
                giver, receiver = before, _at(event, _next(log, place))
            case Action.RECTIFY if before != _at(event):
                giver, receiver = _by(before, event), _at(event, _next(log, place))
            case _ if since is not None and event.step != step:
                giver, receiver = _by(before, event), _at(event, _next(log, place))
            case _:
                since = event.at if since is not None and event.action in _RELEASES else since
                went_by, step = event, event.step
                continue
        limit = None
        if since is not None and event.action not in _UNTIMED:
            limit = _limit(went_by, step, since, [due.due_at for due in promised if due.at <= event.at])
        told.append(Transfer(giver, receiver, event.at, event.action, limit))
        went_by, step, unit, since = event, event.step, event.unit, event.at
    return tuple(told)


def _holder(rules: Rules, step: str, unit: str, who: str = "") -> Party:
    stop = rules.stop(step)
    return Party(stop.role, rules.unit_of(stop, unit), who)


def _by(holder: Party, event: Happened) -> Party:
    """Who gave it: whoever acted, in the role in which they did."""
    return Party(event.role, holder.unit if event.role is not Role.SYSTEM else None, event.called)


def _at(event: Happened, who: str = "") -> Party:
    """Who has the dossier after an event."""
    return _holder(event.rules, event.step, event.unit, who)


def _next(log: Sequence[Happened], place: int) -> str:
    """Who took it up: whoever of that step acted first on it, if anybody has yet."""
    here = log[place]
    for event in log[place + 1 :]:
        if event.role is here.rules.stop(here.step).role:
            return event.called
        if event.step != here.step:
            break
    return ""


def _limit(went_by: Happened, step: str, since: datetime, promised: Sequence[datetime]) -> datetime | None:
    """By when a step was to be done: its own share of the term, at the latest the date promised by then."""
    share = went_by.rules.stop(step).share
    if share is None:
        return promised[-1] if went_by.rules.term.same_day and promised else None
    return min([clock.step_limit(since, share, went_by.calendar), *promised[-1:]])


def bundle_of(transfer: Transfer) -> Bundle | None:
    """The list on which a hand-over stands; None where nothing goes from one office to another."""
    giver, receiver = _side(transfer.giver), _side(transfer.receiver)
    if giver is None or receiver is None or giver == receiver:
        return None
    return Bundle(giver, receiver, transfer.action is Action.ISSUE)


def _side(party: Party) -> Side | None:
    office = OFFICES.get(party.role)
    return Side(office, party.unit) if office and party.unit else None


VERBS: Final[Mapping[Action, str]] = {
    Action.RECEIVE: "Tiếp nhận hồ sơ",
    Action.FORWARD: "Chuyển bước tiếp theo",
    Action.SEND_BACK: "Trả lại bước trước",
    Action.APPROVE: "Ký duyệt",
    Action.REFUSE: "Ký từ chối giải quyết",
    Action.ISSUE: "Cấp số, đóng dấu; chuyển kết quả",
    Action.CORRECT: "Thu hồi kết quả để sửa",
    Action.HAND_OVER: "Trả kết quả",
    Action.SUCCEED: "Chuyển sang đơn vị kế thừa",
    Action.RECTIFY: "Đính chính việc tiếp nhận",
}
"""What a hand-over was for, as the slip's last column says it."""
