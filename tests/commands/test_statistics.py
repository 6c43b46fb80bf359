"""Proves what `portal statistics` and `portal export` print."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.domain.statistics import Period
from portal.settings import Settings
from portal.usecases import demonstration, start
from tests.usecases.test_statistics import naive

DOSSIER = [
    "id", "code", "procedure", "version", "unit", "channel", "status", "submitted_at", "received_at", "due_at",
    "due_on", "ended_at", "ended_on", "handed_over_at", "supplement_rounds", "fee", "bundle", "leg", "previous",
    "counted_on",
]  # fmt: skip
EVENT = ["dossier", "seq", "at", "actor", "role", "action", "before", "after", "due_on", "reason"]
KEYS = [
    "carried_over", "received_online", "received_counter", "resolved_early", "resolved_on_time", "resolved_late",
    "open_within", "open_over", "resolution_rate", "on_time_rate",
]  # fmt: skip
PERIOD = ["--from", "2025-06-01", "--to", "2025-07-15"]


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A portal of its own with a small history."""
    monkeypatch.setenv("PORTAL_VAR", str(tmp_path / "var"))
    start.prepare(Settings.from_env())
    demonstration.fill(150, 3, date(2025, 5, 1), date(2025, 8, 31), datetime(2026, 1, 1, tzinfo=UTC))
    return CliRunner()


def run(portal: CliRunner, *arguments: str) -> str:
    done = portal.invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def exported(portal: CliRunner, what: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(portal, "export", what).splitlines()]


def test_dossiers_and_events_have_exactly_their_fields(portal: CliRunner) -> None:
    dossiers, events = exported(portal, "dossiers"), exported(portal, "events")
    assert len(dossiers) == 150
    assert all(list(dossier) == DOSSIER for dossier in dossiers)
    assert all(list(event) == EVENT for event in events)
    assert all(event["before"] is None for event in events if event["seq"] == 1)
    assert all(str(event["at"]).endswith("+07:00") for event in events)
    assert {dossier["unit"] for dossier in dossiers} >= {"087", "02947"}


def test_the_statistics_equal_a_count_of_what_was_exported(portal: CliRunner) -> None:
    dossiers, events = exported(portal, "dossiers"), exported(portal, "events")
    numbers = json.loads(run(portal, "statistics", *PERIOD, "--json"))
    assert list(numbers) == KEYS
    counted = naive(dossiers, events, Period(date(2025, 6, 1), date(2025, 7, 15)))
    assert numbers == {
        key: value if value is None or isinstance(value, int) else float(value)
        for key, value in ((key, getattr(counted, key)) for key in KEYS)
    }


def test_a_code_borne_twice_counts_both_bearers(portal: CliRunner) -> None:
    dossiers, events = exported(portal, "dossiers"), exported(portal, "events")
    numbers = json.loads(run(portal, "statistics", *PERIOD, "--json", "--unit", "02947"))
    chosen = [dossier for dossier in dossiers if dossier["unit"] == "02947"]
    counted = naive(chosen, events, Period(date(2025, 6, 1), date(2025, 7, 15)))
    assert numbers["received_online"] + numbers["received_counter"] == counted.received > 0
    assert numbers["resolved_early"] == counted.resolved_early


def test_a_rebuild_changes_nothing(portal: CliRunner) -> None:
    before = run(portal, "statistics", *PERIOD)
    assert run(portal, "statistics", *PERIOD, "--rebuild") == before
    assert "Kỳ trước chuyển sang" in before


def test_a_rate_of_nothing_is_null(portal: CliRunner) -> None:
    numbers = json.loads(run(portal, "statistics", "--from", "2020-01-01", "--to", "2020-01-31", "--json"))
    assert numbers == dict.fromkeys(KEYS[:8], 0) | {"resolution_rate": None, "on_time_rate": None}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2026-02-01", "--to", "2026-01-01"),
        (*PERIOD, "--unit", "99999"),
        (*PERIOD, "--procedure", "9.999999"),
        ("--from", "yesterday", "--to", "2026-01-01"),
    ],
)
def test_what_cannot_be_asked_is_said_plainly(portal: CliRunner, arguments: tuple[str, ...]) -> None:
    done = portal.invoke(main, ["statistics", *arguments])
    assert done.exit_code == 2
    assert "Error" in done.output


def test_a_second_history_of_the_same_seed_is_refused(portal: CliRunner) -> None:
    done = portal.invoke(main, ["demo", "--dossiers", "5", "--seed", "3", "--from", "2025-05-01", "--to", "2025-08-31"])
    assert done.exit_code == 1
    assert "hạt giống 3 đã có" in done.output
