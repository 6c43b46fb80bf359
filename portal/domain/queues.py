"""The queues of a desk as one table: what each is called, who sees it, and which open dossiers lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.domain.access import DESK, Role
from portal.domain.flow import OPEN, WAITING, Status
from portal.domain.standing import State
from procedures.model import Text

#: How many dossiers of a queue are counted at most; where there are more, only that is said.
MOST_COUNTED: Final = 99


class Whose(StrEnum):
    """In whose hands the dossiers of a queue are."""

    MINE = "mine"  # the actor's own, who took them or was given them
    ROLE = "role"  # wait for the actor's role at the actor's unit
    SCOPE = "scope"  # anybody's, as far as the actor may open them


class Which(StrEnum):
    """Which open dossiers a queue holds; each is a partial index of the database."""

    TO_DO = "to_do"  # all but those whose result is there
    NEW = "new"  # handed in, not received
    NEXT_DAY = "next_day"  # received after 15:00 and not passed on
    CONSULTED = "consulted"  # another body was asked for its opinion, and has not answered
    APPLICANTS = "applicants"  # wait for papers or a payment of the applicant
    TO_FETCH = "to_fetch"  # the result lies there until it is fetched, however long that takes
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Queue:
    """One row: `key` stands in the address, `due` keeps those alone whose handling limit stands so now.

    In its name `{hours}` is the working hours within which an online dossier is answered.
    """

    key: str
    name: Text
    roles: frozenset[Role]
    whose: Whose
    which: Which
    due: State | None = None

    def called(self, ack_hours: int) -> Text:
        """What it is called where online dossiers are answered within so many working hours."""
        return Text(vi=self.name.vi.format(hours=ack_hours), en=self.name.en.format(hours=ack_hours))

    @property
    def statuses(self) -> frozenset[Status]:
        """The statuses that its dossiers may be in, if there are several."""
        return _STATUSES.get(self.which, frozenset())


_STATUSES: Final = {
    Which.TO_DO: OPEN - {Status.DUTY_ASKED, Status.RESOLVED},
    Which.APPLICANTS: WAITING,
    Which.ALL: OPEN,
}

#: Whoever gives slips out and takes papers in: they receive, and hand results over.
RECEPTION: Final = frozenset({Role.ONE_STOP_OFFICER})


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


#: In the order in which the desk shows them; the first one is where somebody begins.
QUEUES: Final = (
    Queue("", _t("Chờ bộ phận tôi", "Waiting for my section"), DESK, Whose.ROLE, Which.TO_DO),
    Queue("cua_toi", _t("Của riêng tôi", "My own"), DESK, Whose.MINE, Which.TO_DO),
    Queue("qua_han", _t("Quá hạn", "Overdue"), DESK, Whose.ROLE, Which.TO_DO, State.LATE),
    Queue("hom_nay", _t("Hạn hôm nay", "Due today"), DESK, Whose.ROLE, Which.TO_DO, State.TODAY),
    Queue("hai_ngay", _t("Hạn trong 2 ngày tới", "Due in the next 2 days"), DESK, Whose.ROLE, Which.TO_DO, State.SOON),
    # NĐ 45/2020: an online dossier is answered within eight working hours of being handed in, or as the office decides.
    Queue(
        "cham_nhan", _t("Quá {hours} giờ chưa tiếp nhận", "Not received for over {hours} hours"),
        RECEPTION, Whose.ROLE, Which.NEW, State.LATE,
    ),
    # NĐ 61/2018 Art 18: such a dossier is passed on at the start of the next working day.
    Queue("sau_15h", _t("Nhận sau 15 giờ", "Received after 15:00"), RECEPTION, Whose.ROLE, Which.NEXT_DAY),
    Queue("cho_dan", _t("Chờ người nộp", "Waiting for the applicant"), DESK, Whose.SCOPE, Which.APPLICANTS),
    Queue("cho_y_kien", _t("Chờ lấy ý kiến", "Waiting for an opinion"), DESK, Whose.ROLE, Which.CONSULTED),
    Queue("tra", _t("Chờ trả kết quả", "To be handed over"), RECEPTION, Whose.ROLE, Which.TO_FETCH),
    Queue("tat_ca", _t("Tất cả của đơn vị", "All of the unit"), DESK, Whose.SCOPE, Which.ALL),
)  # fmt: skip
BY_KEY: Final = {queue.key: queue for queue in QUEUES}


def seen_by(role: Role) -> tuple[Queue, ...]:
    """The queues that somebody of this role sees, in order."""
    return tuple(queue for queue in QUEUES if role in queue.roles)


def of(role: Role, key: str) -> Queue:
    """The queue of this key, or the first one where there is none that the role sees."""
    queue = BY_KEY.get(key, QUEUES[0])
    return queue if role in queue.roles else QUEUES[0]
