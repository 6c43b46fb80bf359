"""What an administrator changes of calendars, units and wordings: in force from its day, and never unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
import time_machine

from portal.domain.access import Actor, Role
from portal.domain.errors import Forbidden, Invalid, Stale
from portal.store import database as store
from portal.store import office as book
from portal.usecases import evidence, law, office
from procedures.calendars import DayReason, DaysOff, MakeUpDay, Session, WorkingHours, proposed_year
from procedures.model import Text
from procedures.places import PlacesError
from procedures.wordings import Wording, WordingError
from tests.people import account_of

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
DECIDED = date(2026, 11, 20)


@pytest.fixture
def admin(database: store.Database) -> Iterator[Actor]:
    """An administrator, on a day in November 2026."""
    with time_machine.travel(AT):
        account = account_of(Role.ADMINISTRATOR)
        yield Actor(account.id, Role.ADMINISTRATOR, None, account.full_name)
    book.look_again()


def enter_2027(admin: Actor, seen: int = 0) -> office.Entry:
    return office.publish_year(admin, proposed_year(2027), seen, AT, number="TB 9441", decided_on=DECIDED)


def test_a_year_that_is_entered_is_no_longer_provisional(admin: Actor) -> None:
    calendar = law.calendar("bao-yen")
    assert calendar.is_provisional(TODAY, date(2027, 3, 1))
    assert office.missing_year(AT) == 2027
    enter_2027(admin)
    assert not law.calendar("bao-yen").is_provisional(TODAY, date(2027, 3, 1))
    assert office.missing_year(AT) is None
    found = office.year(2027)
    assert found == proposed_year(2027)


def test_the_next_year_is_missed_from_the_first_of_november_in_the_office_on(database: store.Database) -> None:
    eve = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)
    assert office.missing_year(eve) is None
    assert office.missing_year(eve.replace(hour=17, minute=0, second=0)) == 2027
    assert office.missing_year(datetime(2026, 12, 31, 16, 59, tzinfo=UTC)) == 2027


def test_a_day_off_and_its_make_up_day_move_what_is_counted_from_then_on(admin: Actor) -> None:
    monday, saturday = date(2027, 9, 6), date(2027, 9, 11)
    assert law.official_days().is_working(monday)
    year = proposed_year(2027)
    swap = DaysOff(monday, DayReason.SWAP, Text(vi="Nghỉ hoán đổi", en="Swapped"))
    year = replace(year, off=(*year.off, swap), make_up=(MakeUpDay(saturday, monday),))
    office.publish_year(admin, year, 0, AT, number="TB 1", decided_on=DECIDED)
    assert not law.official_days().is_working(monday)
    assert law.official_days().is_working(saturday)
    assert law.calendar("bao-yen").working_days_between(date(2027, 9, 5), saturday) == 5


def test_a_year_needs_the_notice_it_comes_from(admin: Actor) -> None:
    for number, day, field in (
        ("", DECIDED, "number"),
        ("TB 1", None, "decided_on"),
        ("TB 1", date(2027, 1, 1), "decided_on"),
    ):
        with pytest.raises(Invalid) as refused:
            office.publish_year(admin, proposed_year(2027), 0, AT, number=number, decided_on=day)
        assert list(refused.value.fields) == [field]


def test_whoever_edits_what_another_has_just_changed_is_told(admin: Actor) -> None:
    first = enter_2027(admin)
    with pytest.raises(Stale) as stale:
        enter_2027(admin)
    assert stale.value.details["by"] == admin.name
    with pytest.raises(Invalid) as same:
        enter_2027(admin, first.seq)
    assert same.value.fields == {"form": "nothing_changed"}


def test_only_an_administrator_changes_anything(admin: Actor) -> None:
    manager = account_of(Role.MANAGER)
    with pytest.raises(Forbidden):
        enter_2027(Actor(manager.id, Role.MANAGER))
    unit = law.unit("bao-yen")
    with pytest.raises(Forbidden):
        office.publish_unit(Actor(manager.id, Role.MANAGER), replace(unit, mountain=False), TODAY, 0, AT)


def test_what_is_changed_is_logged_with_who_when_and_what(admin: Actor) -> None:
    unit = law.unit("bao-yen")
    assert unit.shop is not None
    enter_2027(admin)
    office.publish_unit(admin, replace(unit, shop=replace(unit.shop, phone="02143888999")), TODAY, 0, AT)
    newest, older = office.log()
    assert (newest.kind, newest.name, newest.published_by, newest.published_at) == ("unit", "bao-yen", admin.name, AT)
    assert [line.vi for line in newest.diff] == ["Điện thoại: 02140000019 → 02143888999"]
    assert (older.kind, older.name, older.decision_number, older.decided_on) == ("calendar", "2027", "TB 9441", DECIDED)
    assert "Thêm ngày nghỉ 01/01/2027: Tết Dương lịch (nghỉ lễ, tết)" in [line.vi for line in older.diff]
    assert [entry.kind for entry in office.log("unit")] == ["unit"]
    assert [entry.seq for entry in office.log(before=newest.seq)] == [older.seq]
    assert list(evidence.faults()) == []


def test_a_units_new_address_holds_from_its_day_and_not_before(admin: Actor) -> None:
    unit = law.unit("bao-yen")
    assert unit.shop is not None
    moved = replace(unit, shop=replace(unit.shop, address=Text(vi="Số 1", en="No. 1")))
    entry = office.publish_unit(admin, moved, date(2026, 12, 1), 0, AT)
    assert law.unit("bao-yen") == unit
    assert office.unit("bao-yen") == moved
    with pytest.raises(Invalid) as early:
        office.publish_unit(admin, replace(moved, mountain=False), TODAY, entry.seq, AT)
    assert early.value.fields == {"begins": "order"}
    with time_machine.travel(datetime(2026, 11, 30, 17, tzinfo=UTC)):
        book.look_again()
        assert law.unit("bao-yen") == moved


def test_working_hours_with_a_later_day_are_counted_with_at_once(admin: Actor) -> None:
    unit = law.unit("bao-yen")
    (hours,) = unit.hours
    later = WorkingHours((Session(time(8), time(12)), Session(time(13), time(16))), valid_from=date(2027, 1, 1))
    changed = replace(unit, hours=(replace(hours, valid_to=date(2026, 12, 31)), later))
    office.publish_unit(admin, changed, TODAY, 0, AT)
    calendar = law.calendar("bao-yen")
    assert calendar.closing(date(2026, 12, 31)).time() == time(17)
    assert calendar.closing(date(2027, 1, 4)).time() == time(16)
    assert law.calendar("bao-ha").closing(date(2027, 1, 4)).time() == time(17)


def test_what_contradicts_the_other_units_is_refused_with_the_reason(admin: Actor) -> None:
    unit = law.unit("bao-yen")
    with pytest.raises(PlacesError, match="do not cover every day"):
        office.publish_unit(admin, replace(unit, hours=()), TODAY, 0, AT)
    with pytest.raises(PlacesError) as refused:
        office.publish_unit(admin, replace(unit, registry=None), TODAY, 0, AT)
    assert "không có chi nhánh đăng ký đất đai" in refused.value.text.vi
    with pytest.raises(Invalid) as ended:
        office.publish_unit(admin, replace(unit, valid_to=date(2026, 12, 31)), TODAY, 0, AT)
    assert ended.value.fields == {"successor": "missing"}
    with pytest.raises(Invalid) as past:
        office.publish_unit(admin, replace(unit, mountain=False), date(2026, 11, 23), 0, AT)
    assert past.value.fields == {"begins": "past"}
    assert office.log() == []


def test_a_unit_that_ends_is_followed_by_its_successor(admin: Actor) -> None:
    ending = replace(law.unit("bao-ha"), valid_to=date(2026, 12, 31), successor="bao-yen")
    office.publish_unit(admin, ending, TODAY, 0, AT)
    places = law.places()
    assert places.by_id("bao-ha").alive(date(2026, 12, 31))
    assert places.holder("bao-ha", date(2027, 1, 1)).id == "bao-yen"


def test_a_sentence_is_worded_anew_from_its_day_on(admin: Actor) -> None:
    said = law.wording("receipt", "03/2025", TODAY)
    wording = Wording("receipt", "03/2025", said | {"note": "Giữ giấy này."})
    office.publish_wording(admin, wording, date(2026, 12, 1), 0, AT)
    assert law.wording("receipt", "03/2025", TODAY) == said
    assert law.wording("receipt", "03/2025", date(2026, 12, 1))["note"] == "Giữ giấy này."
    assert law.wording("receipt", "01/2018", date(2026, 12, 1))["note"] != "Giữ giấy này."


@pytest.mark.parametrize(
    "text", ["", "Gọi {contact}.", "Gọi {contact}, {phone}, {fax}.", "Gọi {contact} {phone} {", "x" * 1001]
)
def test_a_sentence_that_could_not_be_printed_is_refused(admin: Actor, text: str) -> None:
    said = law.wording("supplement_request", "03/2025", TODAY)
    with pytest.raises(WordingError):
        office.publish_wording(admin, Wording("supplement_request", "03/2025", said | {"help": text}), TODAY, 0, AT)


def test_another_process_knows_of_it_after_a_moment(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    other = book._Book()
    assert 2027 not in other.known().days.entered
    enter_2027(admin)
    assert other.known() is other.known()
    monkeypatch.setattr(book, "FRESH", 0.0)
    other.look_again()
    assert 2027 in other.known().days.entered
