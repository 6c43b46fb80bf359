"""The office changes the law by itself: a draft touches nothing, and a publication only what comes after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from portal.domain.access import Actor, Role
from portal.domain.errors import Forbidden, Invalid, NotFound, Stale
from portal.domain.flow import Action
from portal.store import database as store
from portal.store.database import reading
from portal.store.models import Dossier
from portal.usecases import authoring, evidence, law
from portal.usecases.authoring import Draft, Refused
from tests.cases import NOW, RESIDENCE, act, kept, person, submit

SPLIT = RESIDENCE
V = date(2026, 3, 15)
#: A Monday a month after `NOW`, with its own working week before it.
BEGINS = date(2026, 10, 12)
DECISION = {"decision_number": "QĐ 1234/QĐ-UBND", "decided_on": date(2026, 9, 10)}


@pytest.fixture(autouse=True)
def whole_logs(database: store.Database) -> Iterator[None]:
    """Every log is whole after every test."""
    yield
    assert list(evidence.faults()) == []


@pytest.fixture
def admin() -> Actor:
    return person(Role.ADMINISTRATOR)


#: What an author types: the examples moved behind `BEGINS`, and a term of four working days in term and route.
MOVED = (
    ('received_at: "2026-08-20T09:00"', 'received_at: "2026-10-15T09:00"'),
    ('due_on: "2026-08-26"', 'due_on: "2026-10-21"'),
    ('received_at: "2026-07-20T14:00"', 'received_at: "2026-10-12T14:00"'),
    ('due_at: "2026-07-27T14:00"', 'due_at: "2026-10-16T14:00"'),
)
TERM, SHARE = ("term: 5 working_day", "term: 4 working_day"), ("    share: 3\n", "    share: 2\n")


def typed(text: str, *changes: tuple[str, str]) -> str:
    """The text after an author has typed these changes, each found in it."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def four_days(admin: Actor, *, begins: date | None = BEGINS, changes: Any = (TERM, SHARE, *MOVED)) -> Draft:
    """A draft of the household split with a term of four days."""
    draft = authoring.copy_version(admin, SPLIT, V, NOW, begins)
    return authoring.save(admin, draft.id, draft.revision, NOW, text=typed(draft.text, *changes))


def publish(admin: Actor, draft: Draft, at: Any = NOW, **given: Any) -> authoring.Published:
    return authoring.publish(admin, draft.id, draft.revision, at, **DECISION | given)


def refused(admin: Actor, draft: Draft, at: Any = NOW, **given: Any) -> dict[str, str]:
    """The refusal's codes, each with its words."""
    with pytest.raises(Refused) as caught:
        publish(admin, draft, at, **given)
    assert authoring.open_draft(draft.id) == draft
    return {objection.code: objection.text.vi for objection in caught.value.objections}


def received(at: Any) -> Dossier:
    registration = submit(SPLIT, at)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    return kept(registration)


def test_dossiers_received_before_the_date_keep_five_days_and_those_after_get_four(admin: Actor) -> None:
    before = received(NOW)
    published = publish(admin, four_days(admin))
    assert [line.vi for line in published.diff][:2] == [
        "Thời hạn: 5 ngày làm việc → 4 ngày làm việc",
        "Bước “Kiểm tra cơ sở dữ liệu, xác minh, đề xuất”, thời gian của bước: 3 → 2",
    ]
    eve, first = NOW + timedelta(days=25), NOW + timedelta(days=28)
    still, after = received(eve), received(first)
    assert [d.version for d in (before, still, after)] == [V, V, BEGINS]
    assert [(law.office_day(d.received_at), d.due_on) for d in (before, still, after) if d.received_at] == [
        (date(2026, 9, 14), date(2026, 9, 21)),
        (date(2026, 10, 9), date(2026, 10, 16)),
        (date(2026, 10, 12), date(2026, 10, 16)),
    ]
    assert kept(before.registration).due_on == before.due_on
    assert authoring.log(SPLIT) == (published,)
    assert authoring.text_of(SPLIT, BEGINS).count("term: 4 working_day") == 1


def test_a_publication_is_on_the_shelf_and_its_draft_is_gone(admin: Actor) -> None:
    draft = four_days(admin)
    assert [row.draft_ids for row in authoring.shelf(NOW) if row.head.code == SPLIT] == [(), (draft.id,)]
    published = publish(admin, draft)
    rows = {row.head.version: row for row in authoring.shelf(NOW) if row.head.code == SPLIT}
    assert [(row.publication, row.in_force) for row in rows.values()] == [
        (None, False), (None, True), (published, False),
    ]  # fmt: skip
    assert authoring.drafts() == ()
    assert [row.in_force for row in authoring.shelf(NOW + timedelta(days=30)) if row.head.code == SPLIT][-1]
    with pytest.raises(NotFound):
        authoring.open_draft(draft.id)


def test_a_route_that_does_not_add_up_is_refused_with_its_line(admin: Actor) -> None:
    draft = four_days(admin, changes=(TERM, *MOVED))
    assert refused(admin, draft) == {"faulty": "the shares sum to 5 working days, the term is 4"}
    checked = authoring.check(draft)
    assert checked.procedure is not None
    assert checked.playable
    assert all(played.agrees for played in authoring.play(checked.procedure))
    (objection,) = authoring.objections(draft, NOW)
    assert objection.place == ("route",)
    assert draft.text.splitlines()[(objection.line or 0) - 1] == "route:"


def test_a_failing_example_is_refused(admin: Actor) -> None:
    wrong = ('due_at: "2026-07-27T14:00"', 'due_at: "2026-10-19T14:00"')
    draft = four_days(admin, changes=(TERM, SHARE, *MOVED[:3], wrong))
    assert list(refused(admin, draft)) == ["example_fails"]
    played = authoring.play(authoring.check(draft).procedure)  # type: ignore[arg-type]
    (failing,) = [example for example in played if not example.agrees]
    (row,) = [row for row in failing.rows if not row.agrees]
    assert (row.place, row.expected, row.found) == (("expect", "due_at"), "19/10/2026 14:00", "16/10/2026 14:00")


def test_what_contradicts_itself_is_compared_and_not_played(admin: Actor) -> None:
    before = authoring.copy_version(admin, SPLIT, V, NOW, BEGINS)
    draft = four_days(admin, changes=(*MOVED, ("new_head_number != old_head_number", "new_head_number != nobody")))
    checked = authoring.check(draft)
    assert checked.procedure is not None
    assert not checked.playable
    assert list(refused(admin, draft)) == ["faulty"]
    changes = authoring.compare_texts(before, draft)
    assert changes is not None
    rule = "rule: new_head_number != old_head_number → new_head_number != nobody"
    assert changes[0].line.en == f"Check “The new head cannot be the present head.”, {rule}"
    broken = authoring.save(admin, draft.id, draft.revision, NOW, text="[")
    assert authoring.check(broken).procedure is None
    assert authoring.compare_texts(before, broken) is None


def test_examples_are_moved_behind_the_date_in_force_by_whole_weeks_and_nothing_else_is_changed(admin: Actor) -> None:
    draft = authoring.copy_version(admin, SPLIT, V, NOW, BEGINS)
    assert {fault.place[0] for fault in authoring.check(draft).faults} == {"examples"}
    moved = authoring.move_examples(admin, draft.id, draft.revision, NOW)
    # A Saturday was worked in August and is not in October: that the day is another one is for the author to see.
    assert {fault.place[2:] for fault in authoring.check(moved).faults} == {("expect", "due_on")}
    changed = [
        (old.strip(), new.strip())
        for old, new in zip(draft.text.splitlines(), moved.text.splitlines(), strict=True)
        if old != new
    ]
    assert ('received_at: "2026-07-20T14:00"', 'received_at: "2026-10-12T14:00"') in changed
    assert all(old.split(":")[0] in ("received_at", "due_on", "expect") for old, _ in changed)
    assert authoring.move_examples(admin, moved.id, moved.revision, NOW) == moved
    undated = authoring.save(admin, moved.id, moved.revision, NOW, begins=None)
    with pytest.raises(Invalid):
        authoring.move_examples(admin, undated.id, undated.revision, NOW)


def test_a_date_that_would_change_a_dossier_already_received_is_refused(admin: Actor) -> None:
    today = law.office_day(NOW)
    text = typed(authoring.text_of(SPLIT, V), TERM, SHARE, *MOVED)
    draft = authoring.take_in(admin, text, NOW, begins=today)
    assert authoring.objections(draft, NOW) == ()
    received(NOW)
    assert list(refused(admin, draft)) == ["changes_received"]
    assert "1 hồ sơ đã được tiếp nhận từ ngày 14/09/2026" in refused(admin, draft)["changes_received"]
    past = authoring.save(admin, draft.id, draft.revision, NOW, begins=today - timedelta(days=1))
    assert list(refused(admin, past)) == ["date_in_past", "changes_received"]


def test_on_a_day_on_which_nothing_was_received_a_version_may_begin_at_once(admin: Actor) -> None:
    draft = four_days(admin, begins=law.office_day(NOW))
    publish(admin, draft)
    assert received(NOW).version == law.office_day(NOW)


def test_what_else_is_refused_is_said(admin: Actor) -> None:
    copy = authoring.copy_version(admin, SPLIT, V, NOW)
    assert list(refused(admin, copy)) == ["nothing_changed", "no_date"]
    same_day = authoring.save(admin, copy.id, copy.revision, NOW, begins=V, text=typed(copy.text, TERM, SHARE, *MOVED))
    assert set(refused(admin, same_day)) == {"date_in_past", "exists"}
    draft = four_days(admin)
    assert list(refused(admin, draft, decision_number=" ")) == ["decision_number"]
    assert list(refused(admin, draft, decision_number="x" * 101)) == ["decision_number"]
    assert list(refused(admin, draft, decided_on=None)) == ["decided_on"]
    assert list(refused(admin, draft, decided_on=date(2026, 9, 15))) == ["decided_on"]
    other = authoring.save(admin, draft.id, draft.revision, NOW, text=draft.text.replace(SPLIT, "1.010039"))
    assert list(refused(admin, other)) == ["another_code"]


def test_two_authors_at_once_are_told(admin: Actor) -> None:
    draft = authoring.copy_version(admin, SPLIT, V, NOW)
    mine = authoring.save(admin, draft.id, draft.revision, NOW, text=typed(draft.text, TERM))
    with pytest.raises(Stale) as caught:
        authoring.save(admin, draft.id, draft.revision, NOW, text=typed(draft.text, SHARE))
    assert caught.value.details == {"draft": draft.id, "seen": 1, "now": 2, "by": admin.name}
    assert authoring.revision(draft.id, 1) == draft
    assert authoring.open_draft(draft.id) == mine
    for deed in (
        lambda: publish(admin, draft),
        lambda: authoring.discard(admin, draft.id, draft.revision),
    ):
        with pytest.raises(Stale):
            deed()
    authoring.discard(admin, mine.id, mine.revision)
    assert authoring.drafts() == ()


def test_saving_nothing_new_makes_no_revision(admin: Actor) -> None:
    draft = authoring.copy_version(admin, SPLIT, V, NOW)
    assert authoring.save(admin, draft.id, draft.revision, NOW, text=draft.text) == draft
    assert authoring.save(admin, draft.id, draft.revision, NOW, begins=BEGINS).begins == BEGINS


def test_only_an_administrator_changes_the_law(admin: Actor) -> None:
    draft = authoring.copy_version(admin, SPLIT, V, NOW)
    for role in (Role.CITIZEN, Role.LEADER, Role.MANAGER):
        other = person(role)
        for deed in (
            lambda who=other: authoring.copy_version(who, SPLIT, V, NOW),
            lambda who=other: authoring.take_in(who, draft.text, NOW),
            lambda who=other: authoring.save(who, draft.id, 1, NOW, text=""),
            lambda who=other: authoring.discard(who, draft.id, 1),
            lambda who=other: publish(who, draft),
        ):
            with pytest.raises(Forbidden):
                deed()


@pytest.mark.parametrize(
    ("text", "slug", "fault"),
    [
        ("[", None, {"text": "not_readable"}),
        ("a: 1", None, {"text": "no_code"}),
        ("- a", None, {"text": "no_code"}),
        ("code: 1.0", None, {"text": "no_code"}),
        ("x" * 600_000, None, {"text": "too_long"}),
        ("code: \ud800", None, {"text": "not_text"}),
        ("code: '9.999999'", None, {"slug": "needed"}),
        ("code: '9.999999'", "../x", {"slug": "not_a_slug"}),
        ("code: '9.999999'\nsector: residence", "household-split", {"slug": "taken"}),
    ],
)
def test_a_text_from_elsewhere_must_say_of_which_procedure_it_is(
    admin: Actor, text: str, slug: str | None, fault: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        authoring.take_in(admin, text, NOW, slug=slug)
    assert caught.value.fields == fault


def test_a_procedure_that_is_new_is_published_as_well(admin: Actor) -> None:
    text = typed(authoring.text_of(SPLIT, V), *MOVED, ('due_on: "2026-10-21"', 'due_on: "2026-10-22"'),
        ('due_at: "2026-10-16T14:00"', 'due_at: "2026-10-19T14:00"'), (SPLIT, "9.999999"))  # fmt: skip
    draft = authoring.take_in(admin, text, NOW, slug="household-again", begins=BEGINS)
    publication = publish(admin, draft)
    assert (publication.replaces, publication.diff) == (None, ())
    assert law.catalogue().in_force("9.999999", BEGINS).slug == "household-again"


def test_a_changed_publication_is_found(admin: Actor) -> None:
    from sqlalchemy import text

    from portal.store.database import transaction

    publish(admin, four_days(admin))
    with transaction() as session:
        session.execute(text("UPDATE publications SET decision_number = 'QĐ 1'"))
    assert [(fault.dossier_id, fault.seq, fault.what) for fault in evidence.faults()] == [(None, 1, "publication")]
    with transaction() as session:
        session.execute(text("UPDATE publications SET decision_number = 'QĐ 1234/QĐ-UBND'"))


def test_a_draft_touches_no_dossier(admin: Actor) -> None:
    before = received(NOW)
    four_days(admin)
    with reading() as session:
        assert session.query(Dossier).count() == 1
    assert kept(before.registration).revision == before.revision
    assert law.catalogue().in_force(SPLIT, BEGINS).version == V
