"""Bulk orders: each dossier is done once, as if somebody had done it there, and what cannot be done says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError

from portal.domain.access import Actor, Role
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action, Status
from portal.domain.slips import SlipKind
from portal.store import database
from portal.store.database import transaction
from portal.store.models import Account, Dossier
from portal.usecases import bulk_orders, dossiers
from portal.usecases.bulk_orders import Chosen, Errand, Wish
from tests.cases import BIRTH, HOUSE, NOW, act, kept, person, submit, to_the_leader
from tests.people import account_of

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(minutes=5)
R = Role


def chosen(registrations: Sequence[str]) -> list[Chosen]:
    return [Chosen(registration, kept(registration).seq) for registration in registrations]


def order(
    actor: Actor, errand: Errand, registrations: Sequence[str], words: str = "", account: int | None = None
) -> int:
    """An order as it is just given; gives its id."""
    wish = Wish(errand, chosen(registrations), words, account)
    key = bulk_orders.give(actor, f"{errand}-{registrations[0]}"[:32], wish, NOW)
    return bulk_orders.progress(actor, key).order.id


def refusals(actor: Actor) -> list[str | None]:
    """What came of each dossier of one's last order."""
    (last, *_) = bulk_orders.given(actor)
    return [item.refusal for item in bulk_orders.progress(actor, last.order.key).items]


def test_every_dossier_of_an_order_is_received_once_with_code_receipt_and_the_instant_of_the_order() -> None:
    officer, registrations = person(R.ONE_STOP_OFFICER), [submit(HOUSE), submit(BIRTH), submit(HOUSE)]
    bulk_orders.work(order(officer, Errand.RECEIVE, registrations), LATER)
    for dossier in map(kept, registrations):
        assert dossier.state is Status.RECEIVED
        assert dossier.received_at == NOW
        assert [event.actor_id for event in dossier.events if event.action == Action.RECEIVE] == [officer.account_id]
        assert [slip.kind for slip in dossier.slips] == [SlipKind.RECEIPT]
    assert len({kept(registration).code for registration in registrations}) == 3
    assert refusals(officer) == [None, None, None]
    assert bulk_orders.waiting() == []


def test_an_order_done_again_does_nothing_again() -> None:
    officer, registrations = person(R.ONE_STOP_OFFICER), [submit(HOUSE), submit(HOUSE)]
    number = order(officer, Errand.RECEIVE, registrations)
    bulk_orders.work(number, LATER)
    before = [kept(registration).last_hash for registration in registrations]
    bulk_orders.work(number, LATER)
    assert [kept(registration).last_hash for registration in registrations] == before


def test_the_same_form_sent_twice_orders_once() -> None:
    officer, registration = person(R.ONE_STOP_OFFICER), submit(HOUSE)
    for _ in range(2):
        bulk_orders.give(officer, "one-key", Wish(Errand.RECEIVE, chosen([registration])), NOW)
    assert len(bulk_orders.given(officer)) == 1


def test_a_dossier_that_changed_after_it_was_chosen_is_refused_and_the_others_are_done() -> None:
    officer, first, second = person(R.ONE_STOP_OFFICER), submit(HOUSE), submit(HOUSE)
    number = order(officer, Errand.RECEIVE, [first, second])
    act(R.ONE_STOP_OFFICER, first, Action.RECEIVE)
    before = kept(first).last_hash
    bulk_orders.work(number, LATER)
    assert refusals(officer) == ["stale", None]
    assert kept(first).last_hash == before
    assert kept(second).state is Status.RECEIVED


def test_what_the_rules_refuse_is_refused_for_that_dossier_alone() -> None:
    officer, there, ready = person(R.ONE_STOP_OFFICER), submit(HOUSE), submit(HOUSE)
    act(R.ONE_STOP_OFFICER, ready, Action.RECEIVE)
    bulk_orders.work(order(officer, Errand.FORWARD, [there, ready]), LATER)
    assert refusals(officer) == ["not_possible_now", None]


def test_an_error_nobody_expected_stops_one_dossier_and_not_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    officer, broken, whole = person(R.ONE_STOP_OFFICER), submit(HOUSE), submit(HOUSE)
    number, real = order(officer, Errand.RECEIVE, [broken, whole]), dossiers.open_for_change

    def fails_once(session: object, registration: str, *rest: object) -> object:
        assert registration != broken
        return real(session, registration, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(dossiers, "open_for_change", fails_once)
    bulk_orders.work(number, LATER)
    assert refusals(officer) == ["failed", None]


def test_a_database_that_does_not_answer_breaks_it_off_and_it_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer, registrations = person(R.ONE_STOP_OFFICER), [submit(HOUSE), submit(HOUSE)]
    number, real = order(officer, Errand.RECEIVE, registrations), dossiers.perform
    with monkeypatch.context() as away:

        def goes_away(session: object, dossier: object, *rest: object) -> object:
            if getattr(dossier, "registration", "") == registrations[1]:
                raise OperationalError("", {}, Exception("gone"))
            return real(session, dossier, *rest)  # type: ignore[arg-type]

        away.setattr(dossiers, "perform", goes_away)
        with pytest.raises(OperationalError):
            bulk_orders.work(number, LATER)
    assert bulk_orders.waiting() == [number]
    first = kept(registrations[0]).last_hash
    bulk_orders.work(number, LATER)
    assert kept(registrations[0]).last_hash == first
    assert kept(registrations[1]).state is Status.RECEIVED
    assert refusals(officer) == [None, None]


def test_whoever_lost_the_right_meanwhile_does_nothing_by_an_older_order() -> None:
    officer, registration = person(R.ONE_STOP_OFFICER), submit(HOUSE)
    number = order(officer, Errand.RECEIVE, [registration])
    with transaction() as session:
        session.execute(update(Account).where(Account.id == officer.account_id).values(active=False))
    bulk_orders.work(number, LATER)
    assert refusals(officer) == ["account_closed"]
    assert kept(registration).state is Status.REGISTERED


def test_forwarding_and_handing_over_keep_the_words_said_once_with_every_dossier() -> None:
    officer, registrations = person(R.ONE_STOP_OFFICER), [submit(BIRTH), submit(BIRTH)]
    bulk_orders.work(order(officer, Errand.RECEIVE, registrations), LATER)
    bulk_orders.work(order(officer, Errand.FORWARD, registrations, "Đủ giấy tờ."), LATER)
    for registration in registrations:
        assert kept(registration).events[-1].details["words"] == "Đủ giấy tờ."


def test_a_result_whose_fee_is_open_is_not_handed_over_and_the_order_says_so() -> None:
    officer, registration = person(R.ONE_STOP_OFFICER), submit(HOUSE)
    to_the_leader(registration)
    act(R.LEADER, registration, Action.APPROVE)
    act(R.CLERK, registration, Action.ISSUE)
    with transaction() as session:
        session.execute(update(Dossier).where(Dossier.registration == registration).values(fee=75_000, fee_paid=False))
    (shown,) = bulk_orders.look(officer, Errand.HAND_OVER, [registration], NOW)
    assert shown.refusal == "fee_open"
    bulk_orders.work(order(officer, Errand.HAND_OVER, [registration], "Trả tại quầy."), LATER)
    assert refusals(officer) == ["not_possible_now"]


def test_a_head_gives_dossiers_to_one_of_those_whose_step_it_is_and_to_nobody_else() -> None:
    head, first, second = person(R.HEAD_OF_OFFICE), submit(HOUSE), submit(HOUSE)
    for registration in (first, second):
        act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    officer = person(R.ONE_STOP_OFFICER)
    prospects = bulk_orders.look(head, Errand.ASSIGN, [first, second], NOW)
    assert [each.refusal for each in prospects] == [None, None]
    assert [account.id for account in bulk_orders.candidates(prospects)] == [officer.account_id]
    bulk_orders.work(order(head, Errand.ASSIGN, [first], account=officer.account_id), LATER)
    bulk_orders.work(order(head, Errand.ASSIGN, [second], account=person(R.CLERK).account_id), LATER)
    assert (kept(first).holder_id, kept(second).holder_id) == (officer.account_id, None)
    assert refusals(head) == ["invalid"]


def test_a_dossier_that_a_colleague_has_is_not_acted_on_in_their_place_unknowingly() -> None:
    officer, registration = person(R.ONE_STOP_OFFICER), submit(HOUSE)
    act(R.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    colleague = account_of(R.ONE_STOP_OFFICER, username="dong-nghiep")
    bulk_orders.work(order(person(R.HEAD_OF_OFFICE), Errand.ASSIGN, [registration], account=colleague.id), LATER)
    (shown,) = bulk_orders.look(officer, Errand.FORWARD, [registration], NOW)
    assert shown.refusal == "held"
    bulk_orders.work(order(officer, Errand.FORWARD, [registration]), LATER)
    assert refusals(officer) == ["held"]


def test_looking_at_many_dossiers_asks_of_each_table_once() -> None:
    officer, registrations = person(R.ONE_STOP_OFFICER), [submit(HOUSE) for _ in range(6)]
    asked: list[str] = []
    event.listen(database.current().engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    bulk_orders.look(officer, Errand.RECEIVE, registrations, NOW)
    for table in ("dossiers", "events", "due_changes", "intervals", "absences"):
        assert sum(f"FROM {table}" in " ".join(text.split()) for text in asked) == 1, table


def test_an_order_needs_dossiers_words_somebody_and_the_right() -> None:
    officer, registration = person(R.ONE_STOP_OFFICER), submit(HOUSE)
    many = [Chosen(str(number), 1) for number in range(bulk_orders.MOST + 1)]
    one = chosen([registration])
    for who, wish, fault in (
        (officer, Wish(Errand.RECEIVE, []), {"ho_so": "required"}),
        (officer, Wish(Errand.RECEIVE, many), {"ho_so": "too_many"}),
        (officer, Wish(Errand.HAND_OVER, one), {"words": "required"}),
        (person(R.LEADER), Wish(Errand.ASSIGN, one), {"account": "required"}),
    ):
        with pytest.raises(Invalid) as refused:
            bulk_orders.give(who, "k", wish, NOW)
        assert refused.value.fields == fault
    for role, errand in ((R.CLERK, Errand.RECEIVE), (R.ONE_STOP_OFFICER, Errand.ASSIGN), (R.CITIZEN, Errand.FORWARD)):
        with pytest.raises(Forbidden):
            bulk_orders.give(person(role), "k", Wish(errand, one, "x", 1), NOW)
    with pytest.raises(NotFound):
        bulk_orders.give(person(R.ONE_STOP_OFFICER, "nghia-do"), "k", Wish(Errand.RECEIVE, one), NOW)
    assert bulk_orders.given(officer) == []


def test_an_order_is_seen_by_whoever_gave_it_and_rings_for_a_worker() -> None:
    officer, registration = person(R.ONE_STOP_OFFICER), submit(HOUSE)
    rung: list[tuple[str, str]] = []
    database.current().ring = lambda job, key: rung.append((job, key))
    number = order(officer, Errand.RECEIVE, [registration])
    assert rung == [(bulk_orders.DO, str(number))]
    (own,) = bulk_orders.given(officer)
    assert own.counts == (1, 0, 0)
    with pytest.raises(NotFound):
        bulk_orders.progress(person(R.CLERK), own.order.key)
