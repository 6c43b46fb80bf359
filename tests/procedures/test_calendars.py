"""The official calendar: what a year's file may say, and how years without a file are filled."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from procedures.calendars import CalendarError, DayReason, load_official_days
from procedures.files import FaultyFile

NAME = "name: {vi: Nghỉ, en: Off}"
OFF_2 = f"{{first: 2030-01-02, reason: holiday, {NAME}}}"


def load(folder: Path, year: int, off: str, make_up: str = "") -> None:
    """Read a folder with one year."""
    (folder / f"{year}.yaml").write_text(f"year: {year}\noff: [{off}]\nmake_up: [{make_up}]\n", encoding="utf-8")
    load_official_days(folder)


@pytest.mark.parametrize(
    ("off", "make_up", "reason"),
    [
        (f"{{first: 2029-01-01, reason: holiday, {NAME}}}", "", "lies in another year"),
        (f"{{first: 2030-01-01, last: 2030-01-03, reason: holiday, {NAME}}}, {OFF_2}", "", "listed twice"),
        (f"{{first: 2030-01-04, reason: swap_day, {NAME}}}", "", "do not match"),
        ("", "{day: 2030-01-05, instead_of: 2030-01-04}", "do not match"),
        (f"{{first: 2030-01-04, reason: swap_day, {NAME}}}", "{day: 2030-01-07, instead_of: 2030-01-04}", "no weekend"),
        (f"{{first: 2030-01-04, reason: whim, {NAME}}}", "", "Input should be"),
        (f"{{first: 2030-02-30, reason: holiday, {NAME}}}", "", "date"),
    ],
)  # fmt: skip
def test_a_year_that_contradicts_itself_is_refused_with_its_file(
    tmp_path: Path, off: str, make_up: str, reason: str
) -> None:
    with pytest.raises(FaultyFile, match=reason) as refusal:
        load(tmp_path, 2030, off, make_up)
    assert refusal.value.faults[0].file == tmp_path / "2030.yaml"


def test_an_entered_year_holds_as_it_stands_and_is_no_longer_guessed(tmp_path: Path) -> None:
    load(
        tmp_path, 2030, f"{{first: 2030-01-04, reason: swap_day, {NAME}}}", "{day: 2030-01-05, instead_of: 2030-01-04}"
    )
    days = load_official_days(tmp_path)
    assert days.entered == {2030}
    assert not days.is_working(date(2030, 1, 4))
    assert days.is_working(date(2030, 1, 5))
    # The package knows 01/01/2030 for a holiday; the entered year does not list it.
    assert days.is_working(date(2030, 1, 1))
    assert not days.is_working(date(2031, 1, 1))


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(reason.words.vi != reason.words.en for reason in DayReason)


def test_a_year_outside_the_calendar_is_refused() -> None:
    with pytest.raises(CalendarError, match="2010"):
        load_official_days().reason_off(date(1999, 1, 1))
