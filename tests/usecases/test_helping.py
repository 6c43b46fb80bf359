"""Helping somebody to hand in: only with their code, only for them, logged in their name, and ended when they wish."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal.domain.access import Actor, Role
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action
from portal.domain.forms import Posted
from portal.domain.rehearsal import posted, typed_answers
from portal.domain.slips import SlipKind
from portal.settings import Settings
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.help_models import Helping
from portal.store.models import Account, Dossier, Draft, Notice, Slip
from portal.usecases import dossiers, drafts, helping, law
from portal.usecases.accounts import Locked
from portal.usecases.scenes import Deed
from portal.web import papers
from tests.cases import act, kept, submit
from tests.people import account_of

#: A Monday morning on which everything is open.
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
EXTRACT, PHONE = "2.000635", "0912345678"


@pytest.fixture
def lan(database: store.Database) -> Actor:
    """Somebody of the digital team of a village, who helps."""
    return actor(account_of(Role.CITIZEN, username="lan", full_name="Lý Thị Lan"))


@pytest.fixture
def pao(database: store.Database) -> Actor:
    """Somebody with an account, who is helped."""
    return actor(account_of(Role.CITIZEN, username=None, phone=PHONE, full_name="Hoàng Văn Páo"))


def actor(account: Account) -> Actor:
    return Actor(account.id, Role.CITIZEN, None, account.full_name)


def message() -> str:
    with reading() as session:
        return session.scalars(select(Notice.body).order_by(Notice.id.desc())).first() or ""


def code() -> str:
    """The code in the last message, as its reader would find it."""
    found = re.search(r"\b(\d{6})\b", message())
    assert found is not None
    return found[1]


def agreed(helper: Actor, settings: Settings, contact: str = PHONE) -> int:
    asked = helping.ask(helper, "Hoàng Văn Páo", contact, settings, NOW)
    helping.agree(helper, asked.id, code(), settings, NOW)
    return asked.id


def filled(helper: Actor, consent: int, **changes: str) -> str:
    """A draft for whoever is helped, answered as the procedure's first example; gives its key."""
    key = drafts.start(helper, EXTRACT, NOW, helping_id=consent).key
    procedure = law.catalogue().in_force(EXTRACT, law.office_day(NOW))
    typed = typed_answers(procedure, procedure.examples[0]) | {"phone": PHONE} | changes
    for section in procedure.form:
        answers: Posted = posted(section, typed)
        drafts.save_section(helper, key, section.key, answers, NOW)
    return key


def rows(table: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_a_helper_hands_in_is_its_owners_and_the_log_says_who_did_it_for_whom(
    lan: Actor, pao: Actor, settings: Settings
) -> None:
    dossier = drafts.submit(lan, filled(lan, agreed(lan, settings)), NOW)
    assert (dossier.owner_id, dossier.helper_id) == (pao.account_id, lan.account_id)
    for one in (lan, pao):
        assert dossiers.open_dossier(one, dossier.registration).dossier.id == dossier.id
    (event,) = dossiers.open_dossier(pao, dossier.registration).dossier.events
    assert event.actor_id == lan.account_id
    assert event.details["acting_for"]["account"] == pao.account_id
    assert [each.registration for each in helping.handed_in(lan)] == [dossier.registration]


def test_a_helper_neither_withdraws_nor_sees_results(lan: Actor, pao: Actor, settings: Settings) -> None:
    dossier = drafts.submit(lan, filled(lan, agreed(lan, settings)), NOW)
    with pytest.raises(Forbidden):
        dossiers.act(lan, dossier.registration, Deed(Action.WITHDRAW), NOW)
    whole = dossiers.open_dossier(pao, dossier.registration).dossier
    whole.slips.append(Slip(kind=SlipKind.RESULT.value, number="1"))
    seen = {one: [slip.kind for slip in papers.shown_to(one, whole)] for one in (lan, pao)}
    assert seen == {lan: ["acknowledgement"], pao: ["acknowledgement", "result"]}


def test_nothing_is_begun_before_the_code_is_told(lan: Actor, pao: Actor, settings: Settings) -> None:
    asked = helping.ask(lan, "Hoàng Văn Páo", PHONE, settings, NOW)
    with pytest.raises(NotFound):
        drafts.start(lan, EXTRACT, NOW, helping_id=asked.id)
    with pytest.raises(Invalid):
        helping.agree(lan, asked.id, code(), settings, NOW + timedelta(minutes=31))
    with pytest.raises(NotFound):
        helping.agree(pao, asked.id, code(), settings, NOW)
    assert rows(Draft) == 0


def test_a_code_is_guessed_at_five_times_at_most(lan: Actor, pao: Actor, settings: Settings) -> None:
    asked = helping.ask(lan, "Hoàng Văn Páo", PHONE, settings, NOW)
    wrong = "000000" if code() != "000000" else "000001"
    for _ in range(helping.GUESSES):
        with pytest.raises(Invalid):
            helping.agree(lan, asked.id, wrong, settings, NOW)
    with pytest.raises(Locked):
        helping.agree(lan, asked.id, code(), settings, NOW)


@pytest.mark.parametrize("by", ["owner", "helper", "link"])
def test_when_it_ends_the_helper_sees_and_does_nothing_more(
    lan: Actor, pao: Actor, settings: Settings, by: str
) -> None:
    consent = agreed(lan, settings)
    token = message().rpartition("/")[2].strip()
    dossier = drafts.submit(lan, filled(lan, consent), NOW)
    begun = filled(lan, consent)
    if by == "link":
        helping.end_by_link(token, settings, NOW)
    else:
        helping.end(pao if by == "owner" else lan, consent, NOW)
    for lost in (
        lambda: dossiers.open_dossier(lan, dossier.registration),
        lambda: drafts.open_draft(lan, begun, NOW),
        lambda: drafts.start(lan, EXTRACT, NOW, helping_id=consent),
    ):
        with pytest.raises(NotFound):
            lost()
    assert dossiers.open_dossier(pao, dossier.registration).dossier.owner_id == pao.account_id
    assert rows(Draft) == 1


def test_when_it_ends_the_legs_of_a_bundle_are_seen_no_more_either(lan: Actor, pao: Actor, settings: Settings) -> None:
    consent = agreed(lan, settings)
    lead = submit("2.000986", NOW, owner_id=pao.account_id, helper_id=lan.account_id)
    act(Role.ONE_STOP_OFFICER, lead, Action.RECEIVE, NOW)
    draft = drafts.start(lan, EXTRACT, NOW, helping_id=consent)
    with transaction() as session:
        session.get_one(Draft, draft.id).dossier_id = kept(lead).id
    assert helped_by(lan) == 3
    helping.end(pao, consent, NOW)
    assert helped_by(lan) == 0


def helped_by(helper: Actor) -> int:
    with reading() as session:
        query = select(func.count()).select_from(Dossier).where(Dossier.helper_id == helper.account_id)
        return session.scalar(query) or 0


def test_only_a_confirmed_account_of_a_citizen_is_the_one_who_is_helped(lan: Actor, settings: Settings) -> None:
    for phone, role, columns in (
        ("0912345671", Role.ONE_STOP_OFFICER, {}),
        ("0912345672", Role.CITIZEN, {"confirmed_at": None}),
        ("0912345673", Role.CITIZEN, {"active": False}),
    ):
        account_of(role, username=None, phone=phone, **columns)
        assert helping.ask(lan, "Hoàng Văn Páo", phone, settings, NOW).owner_id is None
    known = account_of(Role.CITIZEN, username=None, phone="0912345674")
    assert helping.ask(lan, "Hoàng Văn Páo", "0912345674", settings, NOW).owner_id == known.id


def test_whoever_asks_too_often_waits(lan: Actor, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "ASKED", 2)
    for _ in range(2):
        helping.ask(lan, "Hoàng Văn Páo", PHONE, settings, NOW)
    with pytest.raises(Locked):
        helping.ask(lan, "Hoàng Văn Páo", PHONE, settings, NOW)
    assert rows(Helping) == 2


def test_nobody_else_ends_it(lan: Actor, pao: Actor, settings: Settings) -> None:
    consent = agreed(lan, settings)
    stranger = actor(account_of(Role.CITIZEN, username="stranger"))
    with pytest.raises(NotFound):
        helping.end(stranger, consent, NOW)
    token = message().rpartition("/")[2].strip()
    # Not its last letter: some of its bits mean nothing.
    for forged in ("x", token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]):
        with pytest.raises(NotFound):
            helping.end_by_link(forged, settings, NOW)
    with reading() as session:
        assert session.get_one(Helping, consent).ended_at is None


def test_one_without_an_account_agrees_to_one_dossier_with_the_phone_they_gave(lan: Actor, settings: Settings) -> None:
    consent = agreed(lan, settings)
    key = filled(lan, consent, phone="0977777777")
    with pytest.raises(drafts.Incomplete) as refused:
        drafts.submit(lan, key, NOW)
    assert [problem.name for problem in refused.value.verdict.problems] == ["phone"]
    drafts.save_section(lan, key, "contact", {"permanent_address": ["Bản Nà, xã Bảo Yên"], "phone": [PHONE]}, NOW)
    dossier = drafts.submit(lan, key, NOW)
    assert (dossier.owner_id, dossier.helper_id) == (None, lan.account_id)
    with pytest.raises(Invalid):
        drafts.start(lan, EXTRACT, NOW, helping_id=consent)
    assert helping.used(lan) == {consent}


def test_whether_somebody_has_an_account_is_not_told(lan: Actor, pao: Actor, settings: Settings) -> None:
    known = helping.ask(lan, "Ai đó", PHONE, settings, NOW)
    told = message()
    unknown = helping.ask(lan, "Ai đó", "0912345679", settings, NOW)
    assert [len(told), known.owner_name, known.agreed_at] == [len(message()), unknown.owner_name, unknown.agreed_at]
    consent = agreed(lan, settings)
    begun = drafts.start(lan, EXTRACT, NOW, helping_id=consent)
    assert "personal_number" not in begun.answers


@pytest.mark.parametrize(
    ("name", "contact", "fault"),
    [("", PHONE, "name"), ("Páo", "mot-cua", "contact"), ("Páo", "0987654321", "contact")],
)
def test_whoever_is_to_be_helped_is_somebody_else_and_can_be_reached(
    settings: Settings, database: store.Database, name: str, contact: str, fault: str
) -> None:
    me = actor(account_of(Role.CITIZEN, phone="0987654321"))
    with pytest.raises(Invalid) as refused:
        helping.ask(me, name, contact, settings, NOW)
    assert set(refused.value.fields) == {fault}
    assert rows(Helping) == 0 == rows(Dossier)
