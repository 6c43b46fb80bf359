"""Staff find what they may open by a few words of it, and nothing else, in bounded work."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal.domain.access import Actor, Role
from portal.domain.lookup import search_text, sought
from portal.store import database as store
from portal.store import lookup as rows
from portal.store import word_index
from portal.store.database import reading, transaction
from portal.store.dossiers import scope_filter
from portal.store.models import Dossier, DossierWord
from portal.usecases import demonstration, lookup
from tests.people import BRANCH

R = Role
AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
UNIT, OTHER = "bao-yen", "bao-ha"
SPECIALIST = Actor(1, R.SPECIALIST, UNIT)
WORDS = ["nguyen", "nguyet", "van", "thi", "mai", "hung", "hoang", "ho", "lan"]


def write(*names: str, unit: str = UNIT, sector: str = "construction", status: int = 1) -> None:
    """Dossiers of people of these names, one after the other."""
    with transaction() as session:
        first = (session.scalar(select(func.max(Dossier.id))) or 0) + 1
        for number, name in enumerate(names, first):
            session.add(
                Dossier(
                    registration=f"R{number}", procedure="1.013225", version=date(2026, 7, 1), sector=sector,
                    channel="online", unit=unit, desk_unit=unit, status=status, step="x", step_since=AT,
                    applicant_name=name, answers={}, papers={}, submitted_at=AT,
                    search=search_text(name, f"R{number}", None, (), {}),
                )
            )  # fmt: skip


def names(actor: Actor, typed: str, size: int = 30) -> list[str]:
    """The names on all pages of what is found."""
    found, before = list[str](), None
    while True:
        page = lookup.find(actor, typed, before, size)
        found += [each.applicant_name for each in page.dossiers]
        if (before := page.before) is None:
            return found


@pytest.fixture(autouse=True)
def _database(database: store.Database) -> None:
    """Every test has one."""


def test_the_latest_dossier_stands_first_whether_open_or_ended() -> None:
    write("Nguyễn Văn Hùng")
    write("Nguyễn Văn Hưng", status=3)
    write("Nguyễn Thị Lan")
    assert names(SPECIALIST, "nguyễn văn") == ["Nguyễn Văn Hưng", "Nguyễn Văn Hùng"]
    assert names(SPECIALIST, "hùng") == ["Nguyễn Văn Hưng", "Nguyễn Văn Hùng"]
    assert names(SPECIALIST, "LAN ng") == ["Nguyễn Thị Lan"]
    assert names(SPECIALIST, "khong co") == names(SPECIALIST, "") == names(SPECIALIST, "% _ ' \\") == []


def test_who_moved_or_is_called_otherwise_is_found_where_and_as_they_are_now() -> None:
    write("Nguyễn Văn Hùng")
    with transaction() as session:
        dossier = session.scalars(select(Dossier)).one()
        dossier.applicant_name, dossier.desk_unit = "Hoàng Văn Hùng", OTHER
        dossier.search = search_text("Hoàng Văn Hùng", dossier.registration, None, (), {})
    there = Actor(2, R.SPECIALIST, OTHER)
    assert names(there, "hoang hung") == ["Hoàng Văn Hùng"]
    assert names(SPECIALIST, "hung") == names(there, "nguyen") == []


LIVES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
        st.sampled_from([UNIT, OTHER]),
        st.sampled_from(["land", "residence", "construction"]),
    ),
    max_size=40,
)
ACTORS = [
    SPECIALIST, Actor(1, R.POLICE_OFFICER, UNIT), Actor(1, R.REGISTRY_OFFICER, BRANCH), Actor(1, R.LEADER, OTHER),
    Actor(1, R.CITIZEN), Actor(1, R.MANAGER), Actor(1, R.ADMINISTRATOR),
]  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=LIVES,
    typed=st.lists(st.sampled_from([*WORDS, "ng", "ho", "v"]), min_size=1, max_size=3).map(" ".join),
    actor=st.sampled_from(ACTORS),
    size=st.integers(1, 9),
)
def test_what_is_found_is_what_bears_the_words_of_what_one_may_open(
    lives: list[tuple[str, str, str]], typed: str, actor: Actor, size: int
) -> None:
    with transaction() as session:
        session.execute(delete(Dossier))
        session.execute(delete(DossierWord))
    for name, unit, sector in lives:
        write(name, unit=unit, sector=sector)
    with reading() as session:
        mine = session.scalars(select(Dossier).where(scope_filter(actor)).order_by(Dossier.id.desc())).all()
    on_desk = actor.unit is not None
    expected = [d.applicant_name for d in mine if all(w.is_among(d.search.split()) for w in sought(typed))]
    assert names(actor, typed, size) == (expected if on_desk else [])


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_page_stops_looking_and_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "WINDOW", 4)
    monkeypatch.setattr(rows, "MOST_WINDOWS", 2)
    write("Hoàng Mai", *["Hoàng Lan", "Nguyễn Mai"] * 20)
    first = lookup.find(SPECIALIST, "hoang mai")
    assert first.dossiers == []
    assert first.before is not None
    assert names(SPECIALIST, "hoang mai") == ["Hoàng Mai"]


def test_a_history_made_up_is_found_like_one_that_happened() -> None:
    demonstration.fill(40, 1, date(2026, 9, 1), date(2026, 9, 11), AT)
    with reading() as session:
        dossiers = session.scalars(select(Dossier)).all()
        kept = {
            tuple(row) for row in session.execute(select(DossierWord.place, DossierWord.word, DossierWord.dossier_id))
        }
    from portal.usecases.dossiers import search_words

    assert dossiers
    for dossier in dossiers:
        assert set(dossier.search.split()) == set(search_words(dossier).split())
        assert kept >= set(word_index.rows(dossier.id, dossier.desk_unit, dossier.sector, dossier.search))
