"""The register: each received dossier has one number, numbers follow each other, a locked book is not touched."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.domain import slips as paper
from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, NotFound
from portal.domain.flow import Action
from portal.domain.slips import SlipKind
from portal.store import registers as rows
from portal.store.database import reading, transaction
from portal.store.models import Event, Slip
from portal.store.register_models import RegisterBook, RegisterEntry
from portal.usecases import dossiers, registers
from procedures.calendars import OFFICE_TIME
from tests.cases import BIRTH, HOUSE, NOW, act, kept, person, submit

R = Role
pytestmark = pytest.mark.usefixtures("database")
OFFICER, LEADER = R.ONE_STOP_OFFICER, R.LEADER
NEW_YEAR = datetime(2027, 1, 4, 8, 0, tzinfo=OFFICE_TIME)


def received(code: str = HOUSE, at: datetime = NOW) -> str:
    registration = submit(code, at)
    act(OFFICER, registration, Action.RECEIVE, at)
    return registration


def book_of(sector: str = "construction", year: int = 2026) -> RegisterBook:
    with reading() as session:
        query = select(RegisterBook).where(RegisterBook.sector == sector, RegisterBook.year == year)
        return session.scalars(query).one()


def places() -> list[tuple[int, int]]:
    """Number and the position of the reception in the log, by number."""
    with reading() as session:
        query = (
            select(RegisterEntry.number, Event.position)
            .join(Event, Event.dossier_id == RegisterEntry.dossier_id)
            .where(Event.action == Action.RECEIVE.value)
            .order_by(RegisterEntry.book_id, RegisterEntry.number)
        )
        return [(number, position) for number, position in session.execute(query)]


def test_numbers_are_given_at_reception_by_sector_and_stand_on_the_receipt() -> None:
    first, birth, second = received(), received(BIRTH), received()
    told = [
        (slip.payload or {})["book"]
        for of in (first, birth, second)
        for slip in kept(of).slips
        if slip.kind == "receipt"
    ]
    assert told == [{"volume": "2026/01", "number": number} for number in (1, 1, 2)]
    assert (book_of().entries, book_of("civil_status").entries) == (2, 1)


def test_receptions_at_once_get_numbers_without_a_gap_in_the_order_of_the_log() -> None:
    waiting = [submit() for _ in range(8)]
    people = [person(OFFICER)] * 2
    failed: list[Exception] = []

    def receive(actor: Actor, own: list[str]) -> None:
        for registration in own:
            try:
                dossiers.act(actor, registration, dossiers.Deed(Action.RECEIVE), NOW)
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=receive, args=(who, waiting[i::2])) for i, who in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    told = places()
    assert [number for number, _ in told] == list(range(1, 9))
    assert [position for _, position in told] == sorted(position for _, position in told)
    assert book_of().entries == 8


def test_a_reception_that_fails_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    registration = submit()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("power")

    with monkeypatch.context() as patch:
        patch.setattr("portal.usecases.notices.notify", fail)
        with pytest.raises(RuntimeError, match="power"):
            act(OFFICER, registration, Action.RECEIVE)
    received()
    assert [number for number, _ in places()] == [1]


def test_history_is_entered_in_the_order_of_reception_after_those_that_have_a_place() -> None:
    received(at=NOW)
    later, earlier = received(at=NOW + timedelta(hours=3)), received(at=NOW + timedelta(hours=1))
    with transaction() as session:
        for registration in (later, earlier):
            session.delete(
                session.scalars(select(RegisterEntry).where(RegisterEntry.dossier_id == kept(registration).id)).one()
            )
        session.get_one(RegisterBook, book_of().id).entries = 1
    with transaction() as session:
        assert rows.enter_history(session) == 2
    with transaction() as session:
        assert rows.enter_history(session) == 0
        assert rows.enter(session, kept(earlier)) == rows.Place(2026, 2)
        assert rows.enter(session, kept(later)) == rows.Place(2026, 3)


def test_a_book_is_locked_in_the_new_year_and_its_volume_made_out_as_it_then_stands() -> None:
    registration = received()
    book = book_of()
    with pytest.raises(Conflict):
        registers.lock(person(LEADER), book.id, NOW)
    registers.lock(person(LEADER), book.id, NEW_YEAR)
    with reading() as session:
        (volume,) = session.scalars(select(Slip).where(Slip.about.is_not(None)))
    payload = paper.from_json(volume.payload or {})
    assert isinstance(payload, paper.Register)
    assert (payload.closed, payload.volume, payload.first, payload.last) == (True, "2026/01", 1, 1)
    assert [line.code for line in payload.lines] == [kept(registration).code]
    assert (volume.kind, volume.issuer, volume.replaced_by_id) == (SlipKind.REGISTER, "bao-yen", None)


def test_a_locked_book_refuses_entries_prints_and_a_second_lock() -> None:
    before = received()
    late = submit(at=NOW)
    book = book_of()
    registers.lock(person(LEADER), book.id, NEW_YEAR)
    for again in (registers.lock, lambda who, which, at: registers.print_out(who, which, "2026/01", at)):
        with pytest.raises(Conflict):
            again(person(LEADER), book.id, NEW_YEAR)
    act(OFFICER, late, Action.RECEIVE, NOW)  # entered after the lock, with the true time of its reception
    assert (book_of().entries, book_of(year=2027).entries) == (1, 1)
    opened = registers.open_book(person(LEADER), book_of(year=2027).id, 1, NEW_YEAR)
    assert "Nhận ngày 14/09/2026, ghi sau khi khóa sổ năm 2026" in opened.lines[0][0].note
    act(OFFICER, before, Action.FORWARD, NEW_YEAR)
    live = registers.open_book(person(LEADER), book.id, 1, NEW_YEAR).lines[0][0]
    with reading() as session:
        (sealed,) = session.scalars(select(Slip).where(Slip.about == "register/bao-yen/construction/2026/01"))
    assert live.forwarded_on is not None
    assert (sealed.payload or {})["lines"][0]["forwarded_on"] is None


def test_a_book_that_somebody_locks_meanwhile_is_not_locked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    received()
    book = book_of()
    registers.lock(person(LEADER), book.id, NEW_YEAR)
    monkeypatch.setattr(rows, "unlocked_before", lambda _session, _year: [book.id])
    assert registers.lock_past_years(NEW_YEAR) == 0
    assert book_of().locked_by_id == person(LEADER).account_id


def test_the_first_hour_of_a_year_belongs_to_that_years_book_by_the_offices_clock() -> None:
    received(at=datetime(2027, 1, 1, 0, 30, tzinfo=OFFICE_TIME).astimezone(UTC))
    assert book_of(year=2027).entries == 1


def test_a_line_keeps_the_date_that_was_promised_first_and_the_day_of_the_first_hand_over() -> None:
    registration = received()
    promised, later = kept(registration).due_on, datetime(2026, 9, 28, 16, 0, tzinfo=OFFICE_TIME)
    act(OFFICER, registration, Action.FORWARD)
    act(R.HEAD_OF_OFFICE, registration, Action.FORWARD, NOW + timedelta(days=1))
    act(R.SPECIALIST, registration, Action.APOLOGISE, NOW + timedelta(days=1), reason="workload", promised=later)
    line = registers.open_book(person(OFFICER), book_of().id, 1, NOW).lines[0][0]
    assert (line.due_on, line.forwarded_on) == (promised, date(2026, 9, 14))
    assert "Hẹn lại ngày 28/09/2026" in line.note


def test_the_portal_locks_what_is_over_once() -> None:
    received()
    received(BIRTH)
    assert registers.lock_past_years(NOW) == 0
    assert registers.lock_past_years(NEW_YEAR) == 2
    assert registers.lock_past_years(NEW_YEAR) == 0
    assert book_of().locked_by_id is None


def test_a_print_of_an_open_book_takes_the_place_of_the_one_before() -> None:
    received()
    first = registers.print_out(person(OFFICER), book_of().id, "2026/01", NOW)
    received()
    second = registers.print_out(person(OFFICER), book_of().id, "2026/01", NOW)
    with reading() as session:
        assert session.get_one(Slip, first.id).replaced_by_id == second.id
    assert [len((slip.payload or {})["lines"]) for slip in (first, second)] == [1, 2]
    with pytest.raises(NotFound):
        registers.print_out(person(OFFICER), book_of().id, "2026/02", NOW)


def test_another_units_book_is_not_there_but_that_of_a_unit_it_succeeded_is() -> None:
    received()
    book = book_of()
    assert [each.id for each in registers.books(person(LEADER))] == [book.id]
    elsewhere = person(LEADER, "nghia-do")
    assert registers.books(elsewhere) == []
    with pytest.raises(NotFound):
        registers.open_book(elsewhere, book.id, 1, NOW)
    with transaction() as session:
        session.add(RegisterBook(unit="pho-rang", sector="land", year=2024, entries=1))
    assert {each.unit for each in registers.books(person(LEADER))} == {"bao-yen", "pho-rang"}


def test_pages_of_a_book_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "PAGE", 2)
    for _ in range(3):
        received()
    opened = registers.open_book(person(OFFICER), book_of().id, 1, NOW)
    assert ([line.number for line, _ in opened.lines], opened.before, opened.after) == ([1, 2], None, 3)
    further = registers.open_book(person(OFFICER), book_of().id, 3, NOW)
    assert ([line.number for line, _ in further.lines], further.before, further.after) == ([3], 1, None)


def test_every_line_of_a_book_can_be_read_one_after_the_other() -> None:
    received()
    book, lines = registers.every_line(person(OFFICER), book_of().id)
    assert (book.entries, [line.number for line in lines]) == (1, [1])
