"""What a version would have made of dossiers that were received: date, fee, route and what would be missing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.domain.access import Role
from portal.domain.flow import Action
from portal.store import database as store
from portal.usecases import law, simulation
from procedures.catalogue import FOLDER, read_text
from procedures.model import Procedure
from tests.cases import NOW, RESIDENCE, act, kept, submit

FILE = FOLDER / "residence" / "household-split" / "2026-03-15.yaml"
BIRTH = FOLDER / "civil_status" / "birth-bundle" / "2025-07-01.yaml"
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
TERM, SHARE = ("term: 5 working_day", "term: 4 working_day"), ("    share: 3\n", "    share: 2\n")
WHERE = """  - key: update
    title: {vi: "Cập nhật Cơ sở dữ liệu về cư trú, ra thông báo CT08", en: "Residence database updated, notice CT08"}"""


@pytest.fixture(autouse=True)
def connected(database: store.Database) -> None:
    """Every test has a database."""


def version(*changes: tuple[str, str], file: Path = FILE) -> Procedure:
    """A version (of the household split) with these words changed and its examples left out of account."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_text(text, file).procedure


def received(days: int = 0, code: str = RESIDENCE, **columns: Any) -> str:
    at = NOW + timedelta(days=days)
    registration = submit(code, at, **columns)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    return registration


def test_the_same_law_would_have_changed_nothing() -> None:
    registration = received()
    (row,) = simulation.simulate(version(), *SEPTEMBER).rows
    dossier = kept(registration)
    assert (row.registration, row.code, row.received_at) == (registration, dossier.code, dossier.received_at)
    assert (row.old.due_at, row.old.fee) == (dossier.due_at, dossier.fee)
    assert row.old == row.new
    assert not row.differs


def test_a_shorter_term_a_lower_fee_and_another_route_are_told_of_each_dossier() -> None:
    received()
    received(1, channel="counter")
    step = WHERE.replace("update", "second_look").replace("Cập nhật", "Xem lại, cập nhật")
    shorter = (
        TERM,
        ("    share: 3\n", "    share: 1.5\n"),
        (WHERE, f"{step}\n{REST}{WHERE}"),
        ("amount: 5000", "amount: 4000"),
    )
    online, counter = simulation.simulate(version(*shorter), *SEPTEMBER).rows
    assert [(row.old.due_on, row.new.due_on) for row in (online, counter)] == [
        (date(2026, 9, 21), date(2026, 9, 18)),
        (date(2026, 9, 22), date(2026, 9, 21)),
    ]
    assert [(row.old.fee, row.new.fee) for row in (online, counter)] == [(5000, 4000), (10000, 10000)]
    assert len(online.new.route) == len(online.old.route) + 1
    summary = simulation.summary(version(*shorter), *SEPTEMBER)
    assert {name: number for name, number in summary.by_measure.items() if number} == {
        "due_earlier": 2, "fee_lower": 1, "route_changed": 2,
    }  # fmt: skip
    assert (summary.total, summary.differing, summary.whole) == (2, 2, True)


REST = """    role: police_officer
    unit: police
    share: 0.5
    actions: [forward, send_back]
"""


def test_what_only_the_other_version_asks_for_is_missing_and_what_it_asks_otherwise_has_no_answer() -> None:
    received()
    question = """  - key: reasons
    title: {vi: Lý do, en: Reasons}
    fields:
      - {key: why, kind: text, label: {vi: Vì sao tách hộ, en: Why}}
  - use: delivery-exempt"""
    (row,) = simulation.simulate(version(("  - use: delivery-exempt", question)), *SEPTEMBER).rows
    assert row.newly_missing == ("why",)
    assert row.new.missing["why"].en == "Why"
    assert simulation.summary(version(("  - use: delivery-exempt", question)), *SEPTEMBER).by_measure["incomplete"] == 1


def test_only_the_days_asked_for_are_looked_at_and_page_by_page() -> None:
    registrations = [received(day) for day in (0, 1, 2)]
    day = law.office_day(NOW)
    two = simulation.simulate(version(), day, day + timedelta(days=1), size=2)
    assert ([row.registration for row in two.rows], two.after) == (registrations[:2], None)
    first = simulation.simulate(version(), *SEPTEMBER, size=2)
    assert first.after is not None
    rest = simulation.simulate(version(), *SEPTEMBER, size=2, after=first.after)
    assert [row.registration for row in (*first.rows, *rest.rows)] == registrations
    assert rest.after is None
    assert simulation.simulate(version(), date(2026, 8, 1), date(2026, 8, 31)).rows == ()
    summary = simulation.summary(version(), *SEPTEMBER, most=2)
    assert (summary.total, summary.whole) == (2, False)


SLOWER = (
    ("  within: 20 working_day", "  within: 21 working_day"),
    ("      term: 11 working_day", "      term: 12 working_day"),
    ("          share: 8.5", "          share: 9.5"),
)
QUICKER = (("      term: 7 working_day", "      term: 5 working_day"), ("          share: 5.5", "          share: 3.5"))


@pytest.mark.parametrize(("changes", "measure"), [(SLOWER, "due_later"), (QUICKER, "due_earlier")])
def test_of_a_bundle_the_date_for_all_legs_is_compared_though_the_first_one_stays(
    changes: tuple[tuple[str, str], ...], measure: str
) -> None:
    registration = received(code="2.000986", answers={"residence_commune": "nghia-do"})
    dossier = kept(registration)
    other = version(*changes, file=BIRTH)
    (row,) = simulation.simulate(other, *SEPTEMBER).rows
    assert row.registration == registration
    assert (row.old.due_at, row.old.done_at) == (dossier.due_at, dossier.total_due_at)
    assert row.new.due_at == row.old.due_at
    assert row.new.done_at != row.old.done_at
    by_measure = simulation.summary(other, *SEPTEMBER).by_measure
    assert {name: number for name, number in by_measure.items() if number} == {measure: 1}


def test_of_a_bundle_steps_of_every_leg_are_compared() -> None:
    received(code="2.000986")
    step = ('vi: "Kiểm tra cơ sở dữ liệu, đề xuất đăng ký thường trú"', "vi: Kiểm tra")
    (row,) = simulation.simulate(version(step, file=BIRTH), *SEPTEMBER).rows
    assert row.differs
    assert (row.new.due_at, row.new.done_at) == (row.old.due_at, row.old.done_at)
    assert not simulation.simulate(version(file=BIRTH), *SEPTEMBER).rows[0].differs


def test_a_procedure_by_itself_is_done_when_it_is_due() -> None:
    received()
    (row,) = simulation.simulate(version(), *SEPTEMBER).rows
    assert row.old.done_at == row.old.due_at == row.new.done_at
