"""What goes its rounds exists, is rung for in time, and finds a lost paper soon enough."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.settings import Settings
from procedures.calendars import OFFICE_TIME
from workers import jobs
from workers.schedule import DAY, NIGHT, Clock, Round, rounds, seconds_until

PROJECT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 7, 13, 5, tzinfo=UTC)


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    """Settings that need neither database nor queue."""
    return Settings.from_env({"PORTAL_VAR": str(tmp_path)})


def test_every_bell_that_is_rung_anywhere_has_its_job() -> None:
    code = [file for room in ("portal", "workers") for file in (PROJECT / room).rglob("*.py")]
    bells = {bell for file in code for bell in re.findall(r'"workers\.jobs\.(\w+)"', file.read_text())}
    assert {"render_slip", "send_notice", "sweep"} <= bells
    assert [bell for bell in bells if not callable(getattr(jobs, bell, None))] == []


def test_a_round_is_rung_for_at_its_first_time_and_then_each_time() -> None:
    rung: list[str] = []
    clock = Clock([Round("often", every=10), Round("later", every=100, first=25)], lambda job, _: rung.append(job), 0)
    for second in range(46):
        clock.tick(second)
    assert rung == ["often", "often", "often", "later", "often", "often"]


def test_a_paper_that_waits_too_long_is_found_within_half_that_time(plain: Settings) -> None:
    settings = dataclasses.replace(plain, sweep_after_seconds=20)
    (sweep,) = (round for round in rounds(settings, NOON) if round.job == "workers.jobs.sweep")
    assert (sweep.first, sweep.every) == (0, 10)


def test_the_evidence_is_checked_at_night_and_not_at_every_start(plain: Settings) -> None:
    (check,) = (round for round in rounds(plain, NOON) if round.job == "workers.jobs.check_evidence")
    assert (check.first, check.every) == (14 * 3600, DAY)


@given(st.floats(0, 400 * DAY))
def test_the_next_night_is_less_than_a_day_away(seconds: float) -> None:
    now = NOON + timedelta(seconds=seconds)
    wait = seconds_until(NIGHT, now)
    assert 0 <= wait < DAY
    arrives = (now + timedelta(seconds=wait)).astimezone(OFFICE_TIME)
    assert abs((datetime.combine(arrives, time(2), OFFICE_TIME) - arrives).total_seconds()) < 0.001
