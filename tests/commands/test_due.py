"""`portal due`: what it prints, what it refuses, and that it needs nothing but the law."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.commands.due import command
from portal.domain.access import Actor, Role
from portal.store import database as store
from portal.usecases import office
from procedures.calendars import DayReason, DaysOff, shipped_years
from procedures.model import Text
from tests.cases import person
from tests.usecases.test_authoring import four_days, publish

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def database_kind() -> str:
    """What is printed does not depend on the database."""
    return "sqlite"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a portal that was never started; what a command connects to instead is no other test's."""
    monkeypatch.setattr(store, "_current", None)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path / "nowhere"))
    return tmp_path / "nowhere"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def data(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refusal(*arguments: str) -> str:
    """The one line of a refusal."""
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr


#: The examples of domain 6.5 that a single question asks: number, code or term, unit, received, due.
EXAMPLES = [
    ("1", "3 working_day", "02947", "2024-02-05T09:10", "2024-02-15T09:10"),
    ("2", "5 working_day", "02947", "2024-04-25T14:00", "2024-05-06T14:00"),
    ("3", "7 working_day", "087", "2024-08-30", "2024-09-12"),
    ("4", "3 working_day", "02947", "2025-01-23", "2025-02-04"),
    ("5", "1.001193", "02947", "2025-04-25T15:20", "2025-04-26"),
    ("6", "5 working_day", "02947", "2025-04-28", "2025-05-08"),
    ("7", "1.013225", "087", "2025-06-27", "2025-07-08"),
    ("8", "3 working_day", "02947", "2025-12-30", "2026-01-06"),
    ("9", "1.013225", "02947", "2026-01-26T08:30", "2026-02-04T08:30"),
    ("10", "10 working_day", "02947", "2026-02-06", "2026-02-27"),
    ("11", "1.001193", "02947", "2026-02-13T16:00", "2026-02-23"),
    ("12", "3 working_day", "02947", "2026-03-02T10:00", "2026-03-05"),
    ("12 restarted", "3 working_day", "02947", "2026-03-10T14:30", "2026-03-13T14:30"),
    ("13", "1.013225", "02947", "2026-04-24", "2026-05-08"),
    ("14 with the mountain extra", "1.115668", "02947", "2026-07-13", "2026-08-03"),
    ("14 without", "8 working_day", "02947", "2026-07-13", "2026-07-23"),
    ("15", "12 working_day", "02947", "2026-07-13", "2026-07-29"),
    ("15 with the mountain extra", "12 working_day + 10 day", "02947", "2026-07-13", "2026-08-10"),
    ("16", "5 working_day", "02947", "2026-08-20", "2026-08-26"),
    ("17", "3 working_day", "02947", "2026-08-28", "2026-09-07"),
    ("18", "3 working_day", "02947", "2026-07-20T08:15", "2026-07-23T08:15"),
]


@pytest.mark.parametrize(("number", "what", "unit", "received", "expected"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_the_worked_example_comes_out_on_the_command_line(
    number: str, what: str, unit: str, received: str, expected: str
) -> None:
    asked = ("--term", what) if "_day" in what else (what,)
    found = data(*asked, "--unit", unit, "--received", received)
    assert found["due_on"] == expected[:10]
    if "T" in expected:
        assert found["due_at"] == f"{expected}:00+07:00"


def test_json_tells_every_date_up_to_the_due_date_once() -> None:
    found = data("1.115668", "--unit", "02947", "--received", "2026-07-13T08:30")
    assert found["due_at"] == "2026-08-03T08:30:00+07:00"
    assert found["received_at"] == found["starts_at"] == "2026-07-13T08:30:00+07:00"
    assert found["term"] == "8 working_day + 10 day"
    assert found["provisional"] is False
    assert len(found["counted"]) == 18
    assert [(each["date"], each["reason"]) for each in found["skipped"]] == [
        ("2026-07-18", "weekend"),
        ("2026-07-19", "weekend"),
        ("2026-08-03", "next_working_day"),
    ]
    every = {date(2026, 7, 14) + timedelta(days=number) for number in range(21)}
    assert {date.fromisoformat(day) for day in found["counted"]} | {
        date.fromisoformat(each["date"]) for each in found["skipped"]
    } == every


def test_many_receptions_give_one_object_a_line_in_their_order() -> None:
    received = ["2026-07-13T08:30", "2026-02-06T08:30", "2026-07-13T08:30"]
    result = run("--term", "1 working_day", "--json", *(part for each in received for part in ("--received", each)))
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["received_at"][:16] for line in lines] == received


@pytest.mark.parametrize(
    ("written", "received_at"),
    [
        ("2026-07-13T08:30", "2026-07-13T08:30:00+07:00"),
        ("2026-07-13 08:30:15", "2026-07-13T08:30:15+07:00"),
        ("2026-07-13T01:30Z", "2026-07-13T08:30:00+07:00"),
        ("2026-07-12T22:30-03:00", "2026-07-13T08:30:00+07:00"),
    ],
)
def test_an_instant_without_offset_is_the_offices_time(written: str, received_at: str) -> None:
    assert data("--term", "1 working_day", "--received", written)["received_at"] == received_at


def test_a_date_alone_is_taken_at_the_opening_hour_and_this_is_said() -> None:
    asked = ("--term", "1 working_day", "--received", "2026-07-13")
    assert data(*asked)["received_at"] == "2026-07-13T07:00:00+07:00"
    assert data(*asked)["only_day"] is True
    assert "07:00 thứ Hai 13/07/2026 (chỉ cho biết ngày: lấy giờ mở cửa)" in run(*asked).stdout


def test_people_read_every_counted_and_every_skipped_day_with_its_reason() -> None:
    shown = run("--term", "10 working_day", "--unit", "02947", "--received", "2026-02-06T08:30").stdout
    assert "Xã Bảo Yên (02947)" in shown
    assert "10 ngày làm việc" in shown
    assert "Hẹn trả:   08:30 thứ Sáu 27/02/2026" in shown
    assert "   1  thứ Hai 09/02/2026" in shown
    assert "  10  thứ Sáu 27/02/2026" in shown
    assert "   –  thứ Ba 17/02/2026: Tết Nguyên đán" in shown
    assert shown.count("nghỉ cuối tuần") == 6


def test_people_read_why_a_reception_outside_the_hours_starts_later() -> None:
    shown = run("--term", "3 working_day", "--received", "2026-07-18T21:00").stdout
    assert "Bắt đầu:   07:00 thứ Hai 20/07/2026" in shown
    assert "–  thứ Bảy 18/07/2026: nghỉ cuối tuần" in shown


def test_a_date_that_depends_on_a_year_not_entered_is_provisional() -> None:
    asked = ("--term", "7 working_day", "--received", "2026-12-28T08:30")
    assert data(*asked)["provisional"] is True
    assert "Tạm tính" in run(*asked).stdout


def test_people_read_who_goes_on_when_the_unit_ends_before_the_due_date() -> None:
    shown = run("--term", "7 working_day", "--unit", "02986", "--received", "2025-06-27").stdout
    assert "Sau ngày 30/06/2025 hồ sơ chuyển sang đơn vị kế thừa: Xã Bảo Yên." in shown


def test_a_closed_unit_is_refused_with_its_successor() -> None:
    assert "Xã Bảo Yên" in refusal("--term", "1 working_day", "--unit", "02986", "--received", "2025-07-01")
    district = refusal("1.013225", "--unit", "087", "--received", "2025-07-01T08:00")
    assert "Xã Bảo Hà" in district
    # The evening of the last day in another zone is the morning after here.
    assert "Xã Bảo Yên" in refusal("--term", "1 day", "--unit", "02986", "--received", "2025-06-30T23:30Z")


def test_a_code_that_is_borne_on_is_taken_on_either_side() -> None:
    for day, name in (("2025-06-30", "Thị trấn Phố Ràng"), ("2025-07-01", "Xã Bảo Yên")):
        assert name in run("--term", "1 working_day", "--unit", "02947", "--received", day).stdout


def test_a_procedure_is_refused_before_its_first_date_which_is_named() -> None:
    assert "01/08/2024" in refusal("1.115668", "--received", "2024-07-31T08:00")
    assert data("1.115668", "--received", "2024-08-01T08:00")["version"] == "2024-08-01"


def test_each_version_of_a_procedure_holds_from_its_day() -> None:
    assert data("1.013225", "--received", "2026-06-30T08:00")["version"] == "2024-12-30"
    assert data("1.013225", "--received", "2026-07-01T08:00")["version"] == "2026-07-01"


def test_without_a_unit_one_is_taken_that_receives_the_procedure() -> None:
    assert data("1.013225", "--received", "2025-06-30T08:00")["unit"] == "087"
    assert data("1.013225", "--received", "2025-07-01T08:00")["unit"] == "02947"


def test_the_police_receive_on_saturday_mornings_but_never_count_them() -> None:
    found = data("1.010038", "--unit", "02947", "--received", "2026-07-18T09:00")
    assert found["starts_at"] == "2026-07-18T09:00:00+07:00"
    assert "2026-07-18" not in found["counted"]
    assert "2026-07-25" not in found["counted"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--received", "2026-07-13"), "--term"),
        (("1.013225", "--term", "1 day", "--received", "2026-07-13"), "--term"),
        (("9.999999", "--received", "2026-07-13"), "9.999999"),
        (("--term", "8 days", "--received", "2026-07-13"), "8 days"),
        (("--term", "", "--received", "2026-07-13"), "không phải là thời hạn"),
        (("--term", "1 day", "--unit", "99999", "--received", "2026-07-13"), "99999"),
        (("--term", "1 day", "--received", "2026-02-30"), "2026-02-30"),
        (("--term", "1 day", "--received", "yesterday"), "yesterday"),
        (("--term", "1 day", "--received", "2026-07-13", "--received", "x"), "x"),
        (("--term", "1 day", "--received", "0001-01-01T00:00+14:00"), "0001"),
        (("--term", "1 day", "--received", "1999-07-13"), "2010"),
        (("--term", "9999 working_day", "--received", "2026-07-13"), "2060"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_plain_line(arguments: tuple[str, ...], reason: str) -> None:
    assert reason in refusal(*arguments)


def test_it_needs_neither_database_nor_queue_nor_flask(nowhere: Path) -> None:
    program = (
        "import sys; from portal.commands.due import command; "
        "command(['1.115668', '--received', '2026-07-13T08:30'], standalone_mode=False); "
        "print(sorted({'flask', 'sqlalchemy', 'redis', 'rq'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"PYTHONPATH": ".", "PORTAL_VAR": str(nowhere)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.splitlines()[-1] == "[]"
    assert "quy định, lịch làm việc kèm phần mềm" in shown
    assert not nowhere.exists()


def test_today_plus_term_is_never_earlier_than_today() -> None:
    now = datetime.fromisoformat("2026-11-24T09:00+07:00")
    assert datetime.fromisoformat(data("1.010038", "--received", now.isoformat())["due_at"]) > now


def test_of_a_bundle_it_also_says_by_when_each_further_leg_and_all_of_them_are_done() -> None:
    found = data("2.000986", "--unit", "02947", "--received", "2026-08-28T15:30")
    assert found["due_at"] == "2026-09-03T17:00:00+07:00"
    assert [leg["due_at"] for leg in found["legs"]] == ["2026-09-15T07:00:00+07:00", "2026-09-30T07:00:00+07:00"]
    assert found["total_due_at"] == "2026-09-30T07:00:00+07:00"
    assert "total_due_at" not in data("1.001193", "--received", "2026-08-28T15:30")
    told = run("2.000986", "--unit", "02947", "--received", "2026-08-28T15:30").stdout
    assert "Tất cả:     07:00 thứ Tư 30/09/2026" in told


# --- with the office's own law ---

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ASKED = ("1.010038", "--unit", "02947", "--received", "2026-10-12T14:00")


@pytest.fixture
def admin(database: store.Database) -> Actor:
    """The administrator of a portal whose database the command finds."""
    return person(Role.ADMINISTRATOR)


def test_where_the_office_has_published_a_version_it_answers_by_that_and_says_so(admin: Actor) -> None:
    assert data(*ASKED)["due_at"] == "2026-10-19T14:00:00+07:00"
    publish(admin, four_days(admin))
    found = data(*ASKED)
    assert (found["law"], found["version"], found["term"]) == ("office", "2026-10-12", "4 working_day")
    assert found["due_at"] == "2026-10-16T14:00:00+07:00"
    assert "Theo:      quy định, lịch làm việc của cơ quan" in run(*ASKED).stdout
    assert data("1.010038", "--received", "2026-10-09T14:00")["version"] == "2026-03-15"


def test_it_counts_by_the_days_off_that_the_office_has_entered(admin: Actor) -> None:
    asked = ("--term", "1 working_day", "--received", "2026-11-25T08:00")
    assert data(*asked)["due_on"] == "2026-11-26"
    flood = DaysOff(date(2026, 11, 26), DayReason.HOLIDAY, Text(vi="Nghỉ do lũ", en="Flood"))
    year = next(year for year in shipped_years() if year.year == 2026)
    office.publish_year(
        admin, replace(year, off=(*year.off, flood)), 0, AT, number="TB 1", decided_on=date(2026, 11, 20)
    )
    found = data(*asked)
    assert (found["law"], found["due_on"]) == ("office", "2026-11-27")
    assert {"date": "2026-11-26", "reason": "holiday", "name": "Nghỉ do lũ"} in found["skipped"]


def test_a_database_in_which_nothing_was_published_leaves_the_law_as_it_is_shipped(admin: Actor) -> None:
    assert data(*ASKED)["law"] == "shipped"
    assert "kèm phần mềm" in run(*ASKED).stdout


@pytest.mark.parametrize("url", ["sqlite:///{}", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_does_not_answer_is_told_and_does_without(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "broken.sqlite3").write_text("no database", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", url.format(file))
    done = run(*ASKED, "--json")
    assert (done.exit_code, json.loads(done.stdout)["law"]) == (0, "shipped")
    assert "không đọc được cơ sở dữ liệu" in done.stderr


def test_a_file_that_was_never_made_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'never.sqlite3'}")
    assert data(*ASKED)["law"] == "shipped"
    assert not (tmp_path / "never.sqlite3").exists()
