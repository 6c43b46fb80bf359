"""What moves a promised date after reception, as the database and the applicant see it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.domain import casework, clock
from portal.domain.access import PORTAL, Actor, Role
from portal.domain.casework import Request
from portal.domain.errors import Invalid, NotPossibleNow
from portal.domain.flow import Action, Status
from portal.domain.slips import Apology, SlipKind, Stopping, SupplementRequest, from_json
from portal.store.database import Database, reading
from portal.store.models import Dossier, Notice
from portal.usecases import dossiers, law, letterheads
from portal.usecases.scenes import Deed
from tests.cases import HOUSE, NOW, WORDS, act, kept, submit

FIRST = "1.115689"
ITEMS = [{"key": "1", "section": "applicant", "words": "Thiếu trang 2"}]
ASKING = {"reason": "missing", "items": ITEMS, "answer_by": date(2026, 9, 30)}


def days(number: float) -> datetime:
    """So many days after the Monday morning on which everything is open."""
    return NOW + timedelta(days=number)


def told(registration: str) -> list[str]:
    """What the applicant was told, in order."""
    with reading() as session:
        of = select(Dossier.id).where(Dossier.registration == registration).scalar_subquery()
        return list(session.scalars(select(Notice.kind).where(Notice.dossier_id == of).order_by(Notice.id)))


def paper(registration: str, kind: SlipKind) -> object:
    return from_json(next(slip.payload or {} for slip in reversed(kept(registration).slips) if slip.kind == kind))


def at_the_step(registration: str, wanted: str) -> Dossier:
    """Received, and forwarded until it lies there; by whoever holds it."""
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    while (dossier := kept(registration)).step != wanted:
        act(Role(dossier.holder_role or ""), registration, Action.FORWARD)
    return dossier


@pytest.fixture
def house(database: Database) -> str:
    """A house permit with the specialist who appraises it."""
    registration = submit(HOUSE, applicant_phone="0912345678")
    at_the_step(registration, "appraisal")
    return registration


@pytest.fixture
def posted(database: Database) -> str:
    """A first registration where it is posted."""
    registration = submit(FIRST, applicant_phone="0912345678")
    at_the_step(registration, "posting")
    return registration


def test_posting_is_left_out_of_the_count_by_its_length_as_soon_as_it_begins(posted: str) -> None:
    before = kept(posted)
    after = act(Role.SPECIALIST, posted, Action.BEGIN_INTERVAL, days(1), interval="posting")
    calendar = law.calendar(after.desk_unit, after.sector)
    planned = clock.planned_end(days(1), law.rules_of(after).interludes["posting"].length, calendar)  # type: ignore[arg-type]
    assert before.due_at
    assert after.due_at
    assert calendar.working_time_between(before.due_at, after.due_at) == calendar.working_time_between(days(1), planned)
    (interval,) = kept(posted).intervals
    assert (interval.kind, interval.limit_at, interval.old_due_at) == ("posting", planned, before.due_at)
    assert told(posted)[-1] == "date_moved"


def test_posting_that_ends_early_takes_back_what_it_did_not_need_and_one_that_is_late_moves_nothing(
    posted: str,
) -> None:
    before = kept(posted).due_at
    begun = act(Role.SPECIALIST, posted, Action.BEGIN_INTERVAL, days(1), interval="posting").due_at
    ended = act(Role.SPECIALIST, posted, Action.END_INTERVAL, days(8), interval="posting").due_at
    assert before
    assert begun
    assert ended
    assert before < ended < begun
    act(Role.SPECIALIST, posted, Action.BEGIN_INTERVAL, days(9), interval="posting")
    promised = kept(posted).due_at
    late = act(Role.SPECIALIST, posted, Action.END_INTERVAL, days(40), interval="posting")
    assert late.due_at == promised


def test_what_has_no_length_by_law_is_left_out_once_it_is_over(posted: str) -> None:
    before = kept(posted).due_at
    assert act(Role.SPECIALIST, posted, Action.BEGIN_INTERVAL, days(1), interval="offence").due_at == before
    after = act(Role.SPECIALIST, posted, Action.END_INTERVAL, days(8), interval="offence").due_at
    assert before
    assert after
    assert after - before == timedelta(days=7)


def test_an_opinion_asked_for_has_a_limit_of_its_own_and_moves_no_date(house: str) -> None:
    with pytest.raises(Invalid):
        act(Role.SPECIALIST, house, Action.BEGIN_INTERVAL, days(1), interval="consultation")
    before = kept(house).due_at
    after = act(Role.SPECIALIST, house, Action.BEGIN_INTERVAL, days(1), interval="consultation", body="Phòng Kinh tế")
    (interval,) = kept(house).intervals
    assert after.due_at == before
    assert interval.limit_at is not None
    assert interval.limit_at < before  # type: ignore[operator]


@pytest.mark.parametrize(
    ("role", "authority", "name"),
    [
        (Role.LEADER, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Vàng Thị Thảo"),
        (Role.HEAD_OF_OFFICE, ("TL. THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "LÃNH ĐẠO PHÒNG"), "Vàng Thị Thảo"),
        (Role.SPECIALIST, ("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",), ""),
        (Role.POLICE_OFFICER, ("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",), ""),
    ],
)
def test_nobody_is_said_to_sign_who_may_not(role: Role, authority: tuple[str, ...], name: str) -> None:
    signature = letterheads.signed_by(Actor(1, role, "bao-yen", "Vàng Thị Thảo"))
    assert (signature.authority, signature.name) == (authority, name)


def test_an_apology_promises_another_date_once_with_its_slip_and_is_told_at_once(house: str) -> None:
    old = kept(house).due_at
    assert old is not None
    new = old + timedelta(days=7)
    act(Role.HEAD_OF_OFFICE, house, Action.APOLOGISE, days(2), reason="workload", promised=new)
    dossier = kept(house)
    assert (dossier.due_at, told(house)[-1]) == (new, "apology")
    slip = paper(house, SlipKind.APOLOGY)
    assert isinstance(slip, Apology)
    assert (slip.old_due_at, slip.new_due_at) == (old, new)
    assert slip.reasons[-1] == WORDS
    assert slip.signature.authority == ("TL. THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "LÃNH ĐẠO PHÒNG")
    assert dossier.due_changes[-1].rule == "NĐ 61/2018/NĐ-CP Điều 19 khoản 9"
    with pytest.raises(NotPossibleNow):
        act(Role.HEAD_OF_OFFICE, house, Action.APOLOGISE, days(3), reason="workload", promised=new + timedelta(days=7))


def test_an_apology_comes_a_working_day_before_the_date_or_not_at_all(house: str) -> None:
    dossier = kept(house)
    assert dossier.due_at is not None
    moment = law.moment(dossier.desk_unit, NOW, dossier.sector)
    rules = law.rules_of(dossier)
    last = casework.apology_by(dossiers.opened(dossier, (PORTAL,)).case, rules, moment)
    promised = dossier.due_at + timedelta(days=7)
    with pytest.raises(Invalid) as refused:
        act(
            Role.HEAD_OF_OFFICE, house, Action.APOLOGISE, last + timedelta(seconds=1), reason="workload",
            promised=promised,
        )  # fmt: skip
    assert refused.value.fields == {"promised": "too_late"}
    act(Role.HEAD_OF_OFFICE, house, Action.APOLOGISE, last, reason="workload", promised=promised)


def test_nobody_is_asked_a_second_time_unless_a_head_allows_it(database: Database) -> None:
    registration = submit(FIRST, applicant_phone="0912345678")
    at_the_step(registration, "verification")
    act(Role.SPECIALIST, registration, Action.ASK_SUPPLEMENT, days(1), **ASKING)
    act(Role.CITIZEN, registration, Action.ANSWER_SUPPLEMENT, days(2))
    with pytest.raises(NotPossibleNow):
        act(Role.SPECIALIST, registration, Action.ASK_SUPPLEMENT, days(3), **ASKING)
    proposed = act(Role.SPECIALIST, registration, Action.PROPOSE_SUPPLEMENT, days(3), **ASKING)
    assert (proposed.status, proposed.holder_role) == (Status.PROCESSING, Role.HEAD_OF_OFFICE)
    with pytest.raises(NotPossibleNow):
        act(Role.SPECIALIST, registration, Action.FORWARD, days(3))
    denied = act(Role.HEAD_OF_OFFICE, registration, Action.DENY_SUPPLEMENT, days(3))
    assert (denied.holder_role, denied.supplement_rounds, len(kept(registration).supplements)) == ("specialist", 1, 1)
    act(Role.SPECIALIST, registration, Action.PROPOSE_SUPPLEMENT, days(4), **ASKING)
    granted = act(Role.HEAD_OF_OFFICE, registration, Action.GRANT_SUPPLEMENT, days(4))
    assert (granted.status, granted.supplement_rounds) == (Status.SUPPLEMENT_ASKED, 2)
    slip = paper(registration, SlipKind.SUPPLEMENT_REQUEST)
    assert isinstance(slip, SupplementRequest)
    assert (slip.round, slip.items[0].missing) == (2, "Thiếu trang 2")


def test_a_permit_is_supplemented_once_and_whoever_does_not_answer_is_refused(house: str) -> None:
    act(Role.SPECIALIST, house, Action.ASK_SUPPLEMENT, days(1), **ASKING | {"answer_by": date(2026, 9, 17)})
    before = kept(house)
    lapsed = dossiers.act(PORTAL, house, Deed(Action.LAPSE, request=Request(reason="unanswered")), days(4))
    assert (lapsed.status, lapsed.holder_role) == (Status.PROCESSING, Role.SPECIALIST)
    # It is not complete, so the term goes on and does not start anew.
    assert [row.reason for row in kept(house).due_changes][-1] == "supplement_resume"
    assert before.due_at is not None
    assert kept(house).supplements[0].lapsed_at == days(4)
    assert told(house)[-1] == "supplement_lapsed"
    with pytest.raises(NotPossibleNow):
        act(Role.SPECIALIST, house, Action.PROPOSE_SUPPLEMENT, days(4), **ASKING)


def test_who_is_stopped_gets_the_notice_with_the_reason(house: str) -> None:
    act(Role.LEADER, house, Action.STOP, days(1), reason="other")
    slip = paper(house, SlipKind.STOPPING)
    assert isinstance(slip, Stopping)
    assert slip.reasons == (WORDS,)


def test_who_is_stopped_before_reception_gets_the_notice_too(database: Database) -> None:
    registration = submit(HOUSE, applicant_phone="0912345678")
    act(Role.ONE_STOP_OFFICER, registration, Action.ASK_SUPPLEMENT, days(1), **ASKING)
    act(Role.LEADER, registration, Action.STOP, days(40), reason="other")
    slip = paper(registration, SlipKind.STOPPING)
    assert isinstance(slip, Stopping)
    assert (slip.code, slip.received_at, slip.registration_number) == (None, None, registration)
