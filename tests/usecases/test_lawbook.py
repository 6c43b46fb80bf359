"""Every process sees the same law: what was published elsewhere is known a moment later, and at once to a reception."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal.domain.access import Actor, Role
from portal.store import database as store
from portal.store import publications
from portal.store.database import looking, transaction
from portal.usecases import authoring, law, lawbook
from procedures.catalogue import Contradiction, Entry
from tests.cases import NOW, person
from tests.cases import RESIDENCE as SPLIT
from tests.usecases.test_authoring import BEGINS, V, four_days, publish


@pytest.fixture
def admin(database: store.Database) -> Actor:
    return person(Role.ADMINISTRATOR)


def known(book: lawbook._Book) -> date:
    return book.catalogue().versions(SPLIT)[-1].version


def test_another_process_knows_of_a_publication_after_a_moment(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lawbook, "FRESH", 3600.0)
    other = lawbook._Book()
    assert known(other) == V
    publish(admin, four_days(admin))
    assert known(other) == V
    other.look_again()
    assert known(other) == BEGINS
    catalogue = other.catalogue()
    other.look_again()
    assert other.catalogue() is catalogue


def test_a_reception_asks_for_the_law_of_now(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lawbook, "FRESH", 3600.0)
    other = lawbook._Book()
    assert known(other) == V
    publish(admin, four_days(admin))
    with transaction() as session:
        assert other.now(session).in_force(SPLIT, BEGINS).version == BEGINS


def test_nobody_publishes_between_looking_at_the_law_and_writing_a_reception_down(
    admin: Actor, database: store.Database
) -> None:
    draft, done = four_days(admin, begins=law.office_day(NOW)), list[str]()
    with ThreadPoolExecutor(1) as elsewhere:
        with transaction() as session:
            version = law.held(session).in_force(SPLIT, law.office_day(NOW)).version
            publishing = elsewhere.submit(lambda: (publish(admin, draft), done.append("published")))
            while not database.is_sqlite and not _somebody_waits():
                time.sleep(0.01)
            done.append("received")
        publishing.result()
    assert (version, done) == (V, ["received", "published"])


def test_of_two_who_publish_the_same_version_at_once_one_is_told_that_it_exists(admin: Actor) -> None:
    drafts = [four_days(admin), four_days(admin)]

    def outcome(draft: authoring.Draft) -> str:
        try:
            return str(publish(admin, draft).begins)
        except authoring.Refused as refused:
            return ", ".join(objection.code for objection in refused.objections)

    with ThreadPoolExecutor(2) as authors:
        found = sorted(authors.map(outcome, drafts))
    assert found == [str(BEGINS), "nothing_changed, exists"]
    assert len(authoring.log()) == 1


def _somebody_waits() -> bool:
    with looking() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(connection.execute(waiting).scalar())


def test_while_the_database_is_away_the_law_of_a_moment_ago_is_shown(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = lawbook._Book()
    publish(admin, four_days(admin))
    assert known(book) == BEGINS

    def away(_connection: object) -> int:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(publications, "newest", away)
    book.look_again()
    assert known(book) == BEGINS
    with pytest.raises(OperationalError):
        known(lawbook._Book())


def test_what_was_published_here_stands_against_a_file_shipped_later_with_the_same_date(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(admin, four_days(admin))
    book = lawbook._Book()
    shipped = [entry for entry in law.catalogue().entries if entry.head.version != BEGINS]
    later = law.catalogue().version(SPLIT, V).model_copy(update={"version": BEGINS})
    monkeypatch.setattr(book, "_shipped", (*shipped, Entry.of(later)), raising=True)
    assert str(book.catalogue().in_force(SPLIT, BEGINS).term) == "4 working_day"


def test_a_publication_that_the_portal_cannot_read_any_more_is_never_passed_over(admin: Actor) -> None:
    publish(admin, four_days(admin))
    with transaction() as session:
        session.execute(text("UPDATE publications SET text = '[', sha256 = 'x'"))
    with pytest.raises(Contradiction, match="household-split"):
        lawbook._Book().catalogue()
    assert authoring.log(SPLIT)[0].begins == BEGINS
