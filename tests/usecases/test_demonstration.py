"""Proves that the demonstration's history is one that could have happened, the same for the same seed, and whole."""

from __future__ import annotations

import re
import shutil
from collections import Counter as Number
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.domain import demonstration as told
from portal.domain import forms, watch
from portal.domain.access import Actor, Role
from portal.domain.casework import Request
from portal.domain.demonstration import DEMAND
from portal.domain.evidence import LEDGER
from portal.domain.flow import TERMINAL, Action, Status
from portal.domain.kinds import Context
from portal.domain.moment import office_day
from portal.domain.statistics import Period
from portal.services import identity
from portal.settings import Settings
from portal.store import bulk, counters
from portal.store import database as connection
from portal.store import dossiers as dossier_rows
from portal.store import watch as watched
from portal.store.database import reading, transaction
from portal.store.models import Account, Base, Counter, Dossier, DueChange, Duty, Event, Payment, Slip, Supplement
from portal.store.statistics import Cut
from portal.usecases import chronicle, demonstration, evidence, export, law, letters, statistics
from portal.usecases import dossiers as usecases
from procedures.calendars import OFFICE_TIME
from tests.usecases.test_statistics import naive, within

FIRST, LAST = date(2025, 5, 1), date(2026, 8, 31)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
END_OF_DISTRICT = date(2025, 6, 30)
#: From this demand on, a procedure is asked for in every history of some hundred dossiers.
OFTEN = 8


Export = tuple[list[dict[str, Any]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def history_file(sqlite_with_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with a history in it, made once."""
    file = Path(shutil.copy(sqlite_with_tables, tmp_path_factory.mktemp("history")))
    database = connection.connect(f"sqlite:///{file}")
    assert demonstration.fill(500, 7, FIRST, LAST, NOW) == 500
    database.close()
    return file


@pytest.fixture
def session(history_file: Path, tmp_path: Path) -> Iterator[Session]:
    """A copy of the history, to look at and to add to."""
    database = connection.connect(f"sqlite:///{shutil.copy(history_file, tmp_path / 'history.sqlite3')}")
    with reading() as session:
        yield session
    database.close()


def exported() -> Export:
    return [*export.dossiers()], [*export.events()]


def dossiers(session: Session) -> list[Dossier]:
    return list(session.scalars(select(Dossier).order_by(Dossier.id)))


def test_every_log_is_whole_and_agrees_with_its_dossier(session: Session) -> None:
    assert list(evidence.faults()) == []
    positions = list(session.scalars(select(Event.position).order_by(Event.position)))
    assert positions == list(range(1, len(positions) + 1))
    for dossier in dossiers(session):
        last = session.scalars(select(Event).where(Event.dossier_id == dossier.id).order_by(Event.seq.desc())).first()
        assert last is not None
        assert (last.after, last.step, last.unit, last.due_on, last.seq) == (
            dossier.status, dossier.step, dossier.desk_unit, dossier.due_on, dossier.seq,
        )  # fmt: skip


def test_the_watch_knows_when_to_look_at_each_dossier_as_if_it_had_been_lived(session: Session) -> None:
    """From the dossier as it stands, as the watch itself sees it: nothing of the way there is needed."""
    asked = {None: 0, True: 0}
    for dossier in dossiers(session):
        seen = watched.one(session, dossier.id)
        rules, moment = law.rules_of(dossier), law.moment(dossier.desk_unit, NOW, dossier.sector)
        assert dossier.watch_at == watch.first(watch.calls(seen.case, seen.holder, rules, moment)), dossier.registration
        asked[None if dossier.watch_at is None else True] += 1
    assert all(asked.values())


def test_the_ledger_ends_with_the_due_date_in_force(session: Session) -> None:
    ledger: dict[int, list[DueChange]] = defaultdict(list)
    for change in session.scalars(select(DueChange).order_by(DueChange.id)):
        ledger[change.dossier_id].append(change)
    for dossier in dossiers(session):
        changes = ledger[dossier.id]
        assert (changes[-1].new_due_at if changes else None) == dossier.due_at
        assert [change.old_due_at for change in changes] == [None, *(change.new_due_at for change in changes)][:-1]


def test_codes_count_on_from_where_the_history_ends(session: Session) -> None:
    serials: dict[str, list[int]] = defaultdict(list)
    for dossier in dossiers(session):
        if dossier.code:
            agency, day, serial = re.fullmatch(r"(.+)-(\d{6})-(\d{4})", dossier.code).groups()  # type: ignore[union-attr]
            assert agency == law.unit(dossier.unit).agency.id
            assert dossier.received_at is not None
            assert office_day(dossier.received_at).strftime("%y%m%d") == day
            serials[f"code/{agency}/20{day[:2]}-{day[2:4]}-{day[4:]}"].append(int(serial))
    kept = {counter.name: counter.value for counter in session.scalars(select(Counter))}
    for name, numbers in serials.items():
        assert sorted(numbers) == list(range(1, kept[name] + 1))
    assert kept["events"] == session.scalar(select(func.max(Event.position)))


def test_dossiers_come_where_and_when_the_law_lets_them(session: Session) -> None:
    for dossier in dossiers(session):
        day = office_day(dossier.submitted_at)
        assert FIRST <= day <= LAST
        procedure = law.catalogue().version(dossier.procedure, dossier.version)
        assert procedure.version <= day or dossier.received_at is not None
        assert dossier.channel in {channel.value for channel in procedure.channels}
        unit = law.unit(dossier.unit)
        assert unit.receives(procedure.sector)
        assert unit.alive(office_day(dossier.received_at or dossier.submitted_at))


def test_what_waits_when_the_history_ends_is_not_under_the_law_of_tomorrow(session: Session) -> None:
    """The construction permits have new versions from 01/07/2026 on."""
    renewed = {procedure.code for procedure in law.catalogue() if procedure.version == date(2026, 7, 1)}
    demonstration.fill(300, 8, date(2026, 6, 30), date(2026, 6, 30), NOW)
    waiting = [dossier for dossier in dossiers(session)[500:] if dossier.received_at is None]
    assert renewed & {dossier.procedure for dossier in waiting}
    assert all(dossier.version <= office_day(dossier.submitted_at) for dossier in waiting)


def test_what_was_open_when_the_district_ended_went_on_under_its_successors(session: Session) -> None:
    assert "huyen-bao-yen" in {dossier.unit for dossier in dossiers(session)}
    for dossier in dossiers(session):
        if dossier.status not in TERMINAL:
            assert law.unit(dossier.desk_unit).alive(LAST)
    handed_on = session.scalars(select(Event).where(Event.action == "succeed")).all()
    assert {event.at.astimezone(OFFICE_TIME).date() for event in handed_on} == {END_OF_DISTRICT + timedelta(days=1)}


def test_everything_that_can_happen_happens(session: Session) -> None:
    found = dossiers(session)
    assert {dossier.status for dossier in found} >= {3, 7, 8, 9, 10}
    assert {dossier.channel for dossier in found} == {"online", "counter", "post"}
    # What is seldom asked for may not come at all in so short a history.
    often = {code for code, demand in DEMAND.items() if demand >= OFTEN}
    assert {dossier.procedure for dossier in found} >= often & set(law.catalogue().codes)
    assert {dossier.decision for dossier in found} >= {"approved", "refused"}
    numbers = statistics.figures_of(statistics.Period(FIRST, LAST), statistics.Cut())
    assert min(numbers.resolved_early, numbers.resolved_on_time, numbers.resolved_late) > 0
    for model in (Supplement, Duty, Payment):
        assert session.scalar(select(func.count()).select_from(model))
    early = session.scalars(select(Supplement.after_reception).distinct()).all()
    assert set(early) == {True, False}


def test_whatever_befalls_it_every_procedure_can_be_told_of(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    world = demonstration.open_world(500, NOW)
    for head in [head for code in law.catalogue().codes for head in law.catalogue().versions(code)]:
        procedure = law.catalogue().version(head.code, head.version)
        monkeypatch.setattr(told, "_chosen", lambda *_, procedure=procedure: procedure)
        for _, fate in told.FATES:
            monkeypatch.setattr(told, "_FATES", (fate,))
            monkeypatch.setattr(told, "_FATE_WEIGHTS", (1,))
            day = max(procedure.version, FIRST) + timedelta(days=7)
            assert told.stories(world, 1, day, 1, 9)[0].procedure.code == procedure.code


def told_of_bundles(
    session: Session, monkeypatch: pytest.MonkeyPatch, last: date = LAST
) -> dict[str, dict[str, Dossier]]:
    """Bundles that met with whatever can happen, each by its legs, written to the database at hand."""
    offered = [law.catalogue().in_force(code, last) for code in ("2.000986", "2.001023")]
    monkeypatch.setattr(told, "_chosen", lambda random, *_: random.choice(offered))
    monkeypatch.setattr(told, "_FATE_WEIGHTS", tuple(range(1, len(told.FATES) + 1)))
    known = session.scalar(select(func.max(Dossier.id))) or 0
    session.rollback()
    demonstration.fill(90, 8, last - timedelta(days=45), last, NOW)
    found: dict[str, dict[str, Dossier]] = defaultdict(dict)
    for dossier in session.scalars(select(Dossier).where(Dossier.id > known).order_by(Dossier.id)):
        found[dossier.head.registration][dossier.leg] = dossier
    return found


#: What of a dossier comes of what is done to it.
STATE = (
    "procedure", "version", "term_case", "leg", "sector", "channel", "unit", "desk_unit", "commune", "status", "step",
    "step_since", "holder_role", "holder_unit", "act_by", "owner_id", "entered_by_id", "applicant_name",
    "applicant_number", "applicant_phone", "applicant_address", "own_answers", "own_papers", "delivery", "fee",
    "fee_paid", "submitted_at", "received_at", "due_at", "due_on", "due_provisional", "begins_by", "total_due_at",
    "held_since", "answer_by", "ended_at", "ended_on", "handed_over_at", "decision", "supplement_rounds",
    "answered_early", "withdrawal_asked", "seq",
)  # fmt: skip
DONE = ("seq", "at", "actor_id", "role", "action", "before", "after", "step", "unit", "due_on", "reason", "details")


def test_a_bundle_is_told_as_the_portal_would_have_made_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What people did is done again by the use cases: the portal makes, begins and gives up the same legs."""
    bundles = told_of_bundles(session, monkeypatch)
    people = {account.id: account for account in session.scalars(select(Account))}
    with transaction() as other:
        other.execute(delete(Payment))  # their receipts are about to be given again
    for legs in bundles.values():
        lived = live_again(legs, people)
        assert list(lived) == list(legs)
        for key, leg in legs.items():
            assert lived[key] == state_of(leg), (leg.registration, key)
            assert set(leg.search.split()) == set(usecases.search_words(leg).split())
    statuses = {leg.status for legs in bundles.values() for key, leg in legs.items() if key}
    assert statuses >= {Status.REGISTERED, Status.NOT_RECEIVED, Status.WITHDRAWN, Status.PROCESSING, Status.HANDED_OVER}
    assert any(len(legs) == 1 for legs in bundles.values())


def live_again(legs: dict[str, Dossier], people: dict[int, Account]) -> dict[str, dict[str, Any]]:
    """What becomes of a bundle that the same people come with and do the same to, at the same instants."""
    lead = legs[""]
    copied = (
        "procedure", "sector", "channel", "commune", "owner_id", "entered_by_id", "applicant_name", "applicant_number",
        "applicant_phone", "applicant_email", "applicant_address", "own_answers", "own_papers", "delivery",
        "submitted_at",
    )  # fmt: skip
    events = sorted((event for leg in legs.values() for event in leg.events), key=lambda event: event.position)
    with transaction() as session:
        again = Dossier(
            **{name: getattr(lead, name) for name in copied},
            version=law.catalogue().in_force(lead.procedure, office_day(lead.submitted_at)).version,
            registration=f"again-{lead.id}", unit=events[0].unit, desk_unit=events[0].unit, fee_lines=[], seq=0,
            last_hash="", supplement_rounds=0,
        )  # fmt: skip
        registration = again.registration
        usecases.begin(session, again, actor_of(events[0], people), events[0].at)
    for event in events[1:]:
        if event.role != Role.SYSTEM:
            with transaction() as session:
                whole = whole_bundle(session, registration)
                dossier = whole[next(key for key, leg in legs.items() if leg.id == event.dossier_id)]
                usecases.perform(session, dossier, actor_of(event, people), deed_of(event), event.at)
    with reading() as session:
        return {key: state_of(leg) for key, leg in whole_bundle(session, registration).items()}


def whole_bundle(session: Session, registration: str) -> dict[str, Dossier]:
    lead = session.scalars(select(Dossier).where(Dossier.registration == registration)).one()
    return {"": lead, **{leg.leg: leg for leg in dossier_rows.legs(session, lead.id)}}


def actor_of(event: Event, people: dict[int, Account]) -> Actor:
    assert event.actor_id is not None
    return Actor(event.actor_id, Role(event.role), people[event.actor_id].unit, people[event.actor_id].full_name)


def deed_of(event: Event) -> usecases.Deed:
    said = {name: value for name, value in event.details.items() if name != LEDGER}
    words, amount = said.pop("words", ""), said.pop("amount", None)
    day = date.fromisoformat(said.pop("answer_by")) if "answer_by" in said else None
    return usecases.Deed(Action(event.action), None, Request(event.reason, answer_by=day, **said), words, amount)


def state_of(dossier: Dossier) -> dict[str, Any]:
    state = {name: getattr(dossier, name) for name in STATE}
    state["fees"] = [{**line} for line in dossier.fee_lines]
    state["code"] = dossier.code is not None
    state["events"] = [[getattr(event, name) for name in DONE] for event in dossier.events]
    for event in state["events"]:  # history is told without files, as if none had been missing
        event[-1] = {name: value for name, value in event[-1].items() if name != usecases.LACKS}
    for name, rows in (("due_changes", dossier.due_changes), ("supplements", dossier.supplements)):
        columns = [c.key for c in (rows[0].__table__.c if rows else ()) if c.key not in ("id", "dossier_id")]
        state[name] = [[getattr(row, column) for column in columns] for row in rows]
    return state


def test_answers_are_ones_that_the_form_accepts(session: Session) -> None:
    for dossier in dossiers(session)[::7]:
        procedure = law.catalogue().version(dossier.procedure, dossier.version)
        context = Context(office_day(dossier.submitted_at), law.places(), dossier.channel)
        papers = {component.key: 1 for component in procedure.components}
        verdict = forms.check_all(procedure, dossier.answers, context, papers)
        assert verdict.problems == (), (dossier.procedure, verdict.problems)


def test_people_have_land_of_their_own_and_marry_and_mourn_different_ones(session: Session) -> None:
    told = dossiers(session)
    for code, key, least in (("1.000894", "groom", 5), ("1.000656", "deceased", 1)):
        names = [one.answers[key].get("personal_number") for one in told if one.procedure == code]
        known = [number for number in names if number]
        assert len(known) > least
        assert len(set(known)) >= 0.8 * len(known)
    parcels = Number((one.procedure, one.parcel) for one in told if one.parcel)
    assert len(parcels) > 50
    assert sum(many - 1 for many in parcels.values()) <= len(parcels) // 20


def test_nothing_happens_after_the_last_day(session: Session) -> None:
    latest = session.scalar(select(func.max(Event.at)))
    assert latest is not None
    assert office_day(latest) <= LAST


def test_citizens_own_what_they_sent_and_the_regular_one_has_some(session: Session) -> None:
    owners = Number(dossier.owner_id for dossier in dossiers(session) if dossier.channel == "online")
    assert None not in owners
    assert all(dossier.owner_id is None for dossier in dossiers(session) if dossier.channel != "online")
    regular = session.scalars(select(Account).where(Account.username == "cong-dan")).one()
    assert owners[regular.id] >= 3


def test_one_account_of_each_role_can_sign_in(session: Session) -> None:
    shown = demonstration.demonstration_accounts()
    assert {account.role for account in shown} == set(Role) - {Role.SYSTEM}
    for account in shown:
        row = session.scalars(select(Account).where(Account.username == account.sign_in)).one()
        assert row.active
        assert identity.is_password(row.password_hash, demonstration.PASSWORD)
    ended = session.scalars(select(Account).where(Account.unit == "huyen-bao-yen")).all()
    assert ended
    assert not any(account.active for account in ended)


def test_the_same_seed_gives_the_same_history_on_any_database(session: Session, database_url: str) -> None:
    first = exported()
    other = connection.connect(database_url)
    demonstration.fill(500, 7, FIRST, LAST, NOW + timedelta(days=1))
    assert exported() == first
    assert list(evidence.faults()) == []
    other.close()


def test_it_does_not_matter_how_many_processes_tell(
    session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = exported()
    monkeypatch.setattr(chronicle, "MANY", 1)
    monkeypatch.setattr(chronicle.os, "cpu_count", lambda: 2)
    other = connection.connect(database_url)
    demonstration.fill(500, 7, FIRST, LAST, NOW)
    assert exported() == first
    other.close()


def test_whoever_submits_meanwhile_keeps_the_number(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids that were expected are taken: the same dossiers come under the next ones, their logs whole."""
    expected = bulk.next_id(session, Dossier)
    session.rollback()
    monkeypatch.setattr(bulk, "next_id", lambda *_: expected - 400)
    monkeypatch.setattr(bulk, "reserve_ids", lambda *_: expected)
    demonstration.fill(30, 9, FIRST, LAST, NOW)
    assert {dossier.id for dossier in dossiers(session)} == set(range(1, expected + 30))
    assert list(evidence.faults()) == []


def test_a_day_with_very_many_is_told_in_parts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle, "CHUNK", 10)
    monkeypatch.setattr(chronicle, "MOST", 20)
    demonstration.fill(90, 8, date(2026, 3, 2), date(2026, 3, 2), NOW)
    found = dossiers(session)[500:]
    assert {office_day(dossier.submitted_at) for dossier in found} == {date(2026, 3, 2)}
    assert len({dossier.registration for dossier in found}) == 90
    assert list(evidence.faults()) == []


def statistics_kept() -> dict[str, list[Any]]:
    with reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name.startswith("stat_")
        }


def test_the_statistics_are_those_that_the_events_come_to(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where others write between two parts of the history, whose events are then read from the log."""
    monkeypatch.setattr(chronicle, "CHUNK", 20)
    monkeypatch.setattr(chronicle, "TOGETHER", 3)

    def write_between(done: int) -> None:
        if done != 100:
            return
        with transaction() as other:
            dossier = other.scalars(select(Dossier).where(Dossier.status == Status.RESOLVED)).first()
            assert dossier is not None
            last = dossier.events[-1]
            copied = {column.key: getattr(last, column.key) for column in Event.__table__.c}
            news = {"position": counters.take(other, counters.EVENTS), "seq": last.seq + 1}
            other.add(Event(**copied | news | {"action": "hand_over", "after": Status.HANDED_OVER}))

    demonstration.fill(100, 8, FIRST, LAST, NOW)
    demonstration.fill(200, 9, FIRST, LAST, NOW, write_between)
    kept = statistics_kept()
    statistics.rebuild()
    assert statistics_kept() == kept


def test_a_seed_is_used_once_and_another_adds_to_it(session: Session) -> None:
    with pytest.raises(demonstration.AlreadyThere):
        demonstration.fill(10, 7, FIRST, LAST, NOW)
    demonstration.fill(60, 8, FIRST, LAST, NOW)
    assert len(dossiers(session)) == 560
    assert list(evidence.faults()) == []


def test_history_begins_with_the_law(session: Session) -> None:
    with pytest.raises(demonstration.NothingInForce):
        demonstration.fill(10, 1, date(2010, 1, 1), date(2015, 12, 31), NOW)


def test_what_is_still_to_come_is_not_made_up(session: Session) -> None:
    demonstration.fill(40, 1, date(2026, 11, 2), date(2027, 3, 1), NOW)
    latest = session.scalar(select(func.max(Event.at)))
    assert latest is not None
    assert latest <= NOW


def test_the_figures_of_a_history_with_bundles_equal_a_naive_count(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = date(2026, 6, 30)
    told_of_bundles(session, monkeypatch, last)
    at = {dossier.id: dossier.unit for dossier in dossiers(session)}
    rows, events = exported()
    assert len({row["bundle"] for row in rows}) > 15
    for first in (FIRST, last - timedelta(days=30), last):
        for cut in (
            Cut(),
            Cut(procedure="2.000986"),
            Cut(("bao-yen",)),
            Cut(("nghia-do", "bao-yen"), "2.000986", "online"),
        ):
            period = Period(first, LAST)
            assert statistics.figures_of(period, cut) == naive(within(cut, rows, at), events, period)


def test_what_is_looked_at_first_has_papers_and_files_once(session: Session, tmp_path: Path) -> None:
    settings = Settings.from_env({"PORTAL_VAR": str(tmp_path / "var")})
    assert demonstration.dress(settings)
    regular = session.scalars(select(Account).where(Account.username == "cong-dan")).one()
    own = session.scalars(select(Dossier).where(Dossier.owner_id == regular.id)).all()
    assert all(dossier.slips for dossier in own if dossier.lead_id is None)
    assert all(file.pages == 1 and file.thumbnail for dossier in own for file in dossier.attachments)
    assert all(
        re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.jpg", file.name) for dossier in own for file in dossier.attachments
    )
    kinds = set(session.scalars(select(Slip.kind)))
    assert kinds >= {"acknowledgement", "receipt", "result"}
    due_one = {
        slip.dossier_id
        for slip in session.scalars(select(Slip))
        if slip.kind == "result" and letters.offered(slip.dossier)
    }
    assert due_one
    assert set(session.scalars(select(Slip.dossier_id).where(Slip.kind == "letter"))) == due_one
    made_out = session.scalar(select(func.count()).select_from(Slip))
    demonstration.dress(settings)
    assert session.scalar(select(func.count()).select_from(Slip)) == made_out


def test_papers_of_before_a_unit_ended_are_the_papers_of_that_unit(session: Session, tmp_path: Path) -> None:
    regular = session.scalars(select(Account).where(Account.username == "cong-dan")).one()
    went_on = select(Event.dossier_id).where(Event.action == "succeed")
    dossier = session.scalars(select(Dossier).where(Dossier.id.in_(went_on), Dossier.code.is_not(None)).limit(1)).one()
    dossier.owner_id, successor = regular.id, dossier.desk_unit
    session.commit()
    demonstration.dress(Settings.from_env({"PORTAL_VAR": str(tmp_path / "var")}))
    session.expire_all()
    made_out = [(slip.issuer or "").removeprefix("cong-an-") for slip in dossier.slips]
    ended = date(2025, 6, 30)
    before = [
        unit for unit, slip in zip(made_out, dossier.slips, strict=True) if law.office_day(slip.created_at) <= ended
    ]
    assert before
    assert successor not in before
    assert dossier.desk_unit == successor


def test_the_legs_of_a_bundle_have_papers_and_the_files_lie_with_the_first(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = told_of_bundles(session, monkeypatch)
    session.rollback()
    demonstration.dress(Settings.from_env({"PORTAL_VAR": str(tmp_path / "var")}))
    dressed = [legs for legs in bundles.values() if legs[""].slips]
    assert len(dressed) > 5
    further = [leg for legs in dressed for key, leg in legs.items() if key]
    assert not any(leg.attachments for leg in further)
    assert any(leg.received_at for leg in further)
    for leg in further:
        assert [slip.kind for slip in leg.slips][:1] == (["receipt"] if leg.received_at else [])
