"""Messages: written with what they tell of, sent once, tried again, given up, never telling more than they should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.errors import PortalError
from portal.domain.flow import Status
from portal.domain.notices import WORDINGS, NoticeKind, places
from portal.services.messages import Channel, Message, PermanentFailure, TemporaryFailure
from portal.settings import Settings
from portal.store.database import Database, reading, transaction
from portal.store.models import Account, Dossier, Duty, Notice, Supplement
from portal.usecases import notices
from portal.usecases.notices import WAITS, Recipient
from tests.people import account_of, signed_in

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HIM = Recipient("my@example.vn", Channel.EMAIL, "Lý Thị Mỷ")


@pytest.fixture(autouse=True)
def _connected(database: Database) -> None:
    """Every test here has a database."""


@dataclass
class Carrier:
    """Takes messages, or fails as it is told to."""

    faults: list[PortalError | None] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)

    def carries(self, channel: Channel) -> bool:
        return channel is Channel.EMAIL

    def send(self, message: Message) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.taken.append(message)


def written(kind: NoticeKind = NoticeKind.PASSWORD_CHANGED, to: Recipient = HIM, **values: str) -> int:
    with transaction() as session:
        return notices.write(session, kind, to, NOW, values).id


def kept(notice_id: int) -> Notice:
    with reading() as session:
        return session.get_one(Notice, notice_id)


def dossier_of(owner: Account | None = None, **columns: object) -> Dossier:
    """A received dossier."""
    known = {
        "registration": "DK-7K2M-PQ9X-3VTA", "code": "H38.02.01-260302-0001", "procedure": "1.013225",
        "version": date(2024, 12, 30), "sector": "construction", "channel": "online", "unit": "pho-rang",
        "desk_unit": "pho-rang", "status": int(Status.RECEIVED), "step": "reception", "step_since": NOW,
        "applicant_name": "Lý Thị Mỷ", "answers": {"secret": "riêng tư"}, "submitted_at": NOW, "received_at": NOW,
        "due_at": NOW + timedelta(days=9), "due_on": date(2026, 3, 11), "owner_id": owner.id if owner else None,
    }  # fmt: skip
    dossier = Dossier(**known | columns)
    with transaction() as session:
        session.add(dossier)
    return dossier


def tell(kind: str, dossier: Dossier, supplement: Supplement | None = None) -> Notice | None:
    with transaction() as session:
        return notices.notify(session, kind, dossier, NOW, supplement)


# --- what is written ---


def test_the_applicant_is_told_code_and_due_date_by_email_in_their_language() -> None:
    owner = account_of(Role.CITIZEN, email="my@example.vn", phone="0912345678", language="en", full_name="Lý Thị Mỷ")
    told = tell("received", dossier_of(owner))
    assert told is not None
    assert (told.channel, told.recipient, told.account_id) == ("email", "my@example.vn", owner.id)
    assert "H38.02.01-260302-0001" in told.subject
    assert "due on 11/03/2026" in told.body
    assert "/tra-cuu/DK-7K2M-PQ9X-3VTA" in told.body
    assert "riêng tư" not in told.body


@pytest.mark.parametrize(
    ("account", "dossier", "expected"),
    [
        ({"email": None, "phone": "0912345678"}, {}, ("sms", "0912345678")),
        ({}, {"applicant_email": "x@example.vn", "applicant_phone": "0987654321"}, ("email", "x@example.vn")),
        (None, {"applicant_phone": "0987654321"}, ("sms", "0987654321")),
        (None, {}, None),
    ],
)
def test_the_channel_is_email_if_there_is_one_else_a_text_message(
    account: dict[str, str | None] | None, dossier: dict[str, str], expected: tuple[str, str] | None
) -> None:
    owner = None if account is None else account_of(Role.CITIZEN, **account)
    told = tell("received", dossier_of(owner, **dossier))
    assert (None if told is None else (told.channel, told.recipient)) == expected


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if "code" in places(WORDINGS[kind].text.vi)])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_turn_of_a_dossier_can_be_told(kind: NoticeKind, language: str) -> None:
    owner = account_of(Role.CITIZEN, phone="0912345678", language=language)
    told = tell(kind.value, dossier_of(owner))
    assert told is not None
    assert "H38.02.01-260302-0001" in told.body


def test_a_supplement_is_told_with_how_many_items_and_until_when() -> None:
    dossier = dossier_of(applicant_phone="0912345678")
    asked = Supplement(items=[{}, {}, {}], answer_by=date(2026, 3, 20))
    told = tell("supplement_asked", dossier, asked)
    assert told is not None
    assert "3 nội dung, hạn đến hết ngày 20/03/2026" in told.body


def test_an_answer_before_reception_is_not_told_a_due_date_there_is_not() -> None:
    waiting = {
        "status": int(Status.SUPPLEMENT_ASKED),
        "code": None,
        "received_at": None,
        "due_at": None,
        "due_on": None,
    }
    early = dossier_of(applicant_phone="0912345678", **waiting)
    told = tell("supplement_received", early)
    assert told is not None
    assert told.kind == "supplement_sent"
    assert "DK-7K2M-PQ9X-3VTA" in told.body


@pytest.mark.parametrize(("amount", "said"), [(1_250_000, "1.250.000 đồng"), (None, "theo thông báo của cơ quan")])
def test_a_duty_is_told_with_its_sum_if_it_is_known(amount: int | None, said: str) -> None:
    officer, dossier = account_of(Role.SPECIALIST), dossier_of(applicant_phone="0912345678", answer_by=date(2026, 3, 9))
    with transaction() as session:
        session.add(Duty(dossier_id=dossier.id, asked_at=NOW, asked_by_id=officer.id, amount=amount))
    told = tell("duty_asked", dossier)
    assert told is not None
    assert said in told.body
    assert "09/03/2026" in told.body


def test_a_duty_is_told_with_its_sum_as_the_language_of_the_applicant_writes_it() -> None:
    owner = account_of(Role.CITIZEN, phone="0912345678", language="en")
    officer, dossier = account_of(Role.SPECIALIST), dossier_of(owner_id=owner.id, answer_by=date(2026, 3, 9))
    with transaction() as session:
        session.add(Duty(dossier_id=dossier.id, asked_at=NOW, asked_by_id=officer.id, amount=1_250_000))
    told = tell("duty_asked", dossier)
    assert told is not None
    assert "1,250,000 đồng" in told.body


def test_a_provisional_date_is_told_as_such() -> None:
    told = tell("received", dossier_of(applicant_phone="0912345678", due_provisional=True))
    assert told is not None
    assert "11/03/2026 (tạm tính)" in told.body


def test_what_is_rolled_back_is_never_told(database: Database) -> None:
    rung: list[tuple[str, str]] = []
    database.ring = lambda job, key: rung.append((job, key))

    def break_off() -> None:
        with transaction() as session:
            notices.write(session, NoticeKind.PASSWORD_CHANGED, HIM, NOW, {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert rung == []
    notice_id = written()
    assert rung == [("workers.jobs.send_notice", str(notice_id))]
    with reading() as session:
        assert len(session.scalars(select(Notice)).all()) == 1


# --- how it is sent ---


def test_a_message_is_sent_once_however_often_the_bell_rings(settings: Settings) -> None:
    carrier, notice_id = Carrier(), written()
    for minute in range(3):
        notices.send(notice_id, settings, NOW + timedelta(minutes=minute), carrier)
    assert [message.to for message in carrier.taken] == ["my@example.vn"]
    assert kept(notice_id).sent_at == NOW
    assert notices.waiting(NOW + timedelta(days=9), NOW + timedelta(days=9)) == []


def test_what_cannot_be_sent_now_is_tried_again_later_and_given_up_in_the_end(settings: Settings) -> None:
    carrier, notice_id, at, tries = Carrier([TemporaryFailure(fault="TimeoutError")] * 99), written(), NOW, 0
    while kept(notice_id).failed_at is None:
        notices.send(notice_id, settings, at, carrier)
        tries += 1
        notice = kept(notice_id)
        assert (notice.attempts, notice.fault, notice.sent_at) == (tries, "TimeoutError", None)
        notices.send(notice_id, settings, at + timedelta(seconds=1), carrier)  # too early: nothing happens
        assert kept(notice_id).attempts == tries
        at = notice.next_attempt_at
    assert tries == len(WAITS) + 1
    assert notices.waiting(at + timedelta(days=9), at + timedelta(days=9)) == []


def test_what_succeeds_at_the_second_try_is_sent(settings: Settings) -> None:
    carrier, notice_id = Carrier([TemporaryFailure(reply=451)]), written()
    notices.send(notice_id, settings, NOW, carrier)
    assert notices.waiting(NOW + WAITS[0], NOW + WAITS[0]) == [notice_id]
    notices.send(notice_id, settings, NOW + WAITS[0], carrier)
    assert (kept(notice_id).sent_at, kept(notice_id).fault) == (NOW + WAITS[0], None)


def test_an_address_that_was_refused_is_not_tried_again(settings: Settings) -> None:
    carrier, notice_id = Carrier([PermanentFailure(reply=550)]), written()
    notices.send(notice_id, settings, NOW, carrier)
    notice = kept(notice_id)
    assert (notice.failed_at, notice.fault, notice.sent_at) == (NOW, "550", None)


def test_a_worker_that_dies_while_sending_is_followed_by_another_after_a_while(settings: Settings) -> None:
    class Dying(Carrier):
        def send(self, message: Message) -> None:
            raise SystemExit

    notice_id = written()
    with pytest.raises(SystemExit):
        notices.send(notice_id, settings, NOW, Dying())
    carrier = Carrier()
    notices.send(notice_id, settings, NOW + timedelta(minutes=1), carrier)
    assert carrier.taken == []
    assert notices.waiting(NOW + WAITS[0], NOW + WAITS[0]) == [notice_id]
    notices.send(notice_id, settings, NOW + WAITS[0], carrier)
    assert len(carrier.taken) == 1


def test_the_same_message_has_the_same_key_at_every_attempt_and_no_other_has_it(settings: Settings) -> None:
    carrier, first, second = Carrier([TemporaryFailure()]), written(), written()
    keys: list[str] = []
    send = carrier.send

    def note(message: Message) -> None:
        keys.append(message.key)
        send(message)

    carrier.send = note  # type: ignore[method-assign]
    for notice_id, at in ((first, NOW), (first, NOW + WAITS[0]), (second, NOW)):
        notices.send(notice_id, settings, at, carrier)
    assert keys[0] == keys[1] != keys[2]


def test_a_secret_that_really_left_is_forgotten_and_stays_readable_where_nothing_leaves(settings: Settings) -> None:
    secret = {"secret": "123456", "minutes": "15"}
    mailed = written(NoticeKind.ACCOUNT_CONFIRMATION, **secret)
    texted = written(NoticeKind.ACCOUNT_CONFIRMATION, replace(HIM, to="0912345678", channel=Channel.SMS), **secret)
    for notice_id in (mailed, texted):
        notices.send(notice_id, settings, NOW, Carrier())
    assert kept(mailed).body == ""
    assert "123456" in kept(texted).body
    at_home = written(NoticeKind.ACCOUNT_CONFIRMATION, **secret)
    notices.send(at_home, settings, NOW)
    assert "123456" in kept(at_home).body


def test_the_workers_send_what_the_bell_rings_for(work: Callable[[], None]) -> None:
    notice_id = written()
    with reading() as session:
        at = session.get_one(Notice, notice_id).sent_at
    assert at is None
    work()
    assert kept(notice_id).sent_at is not None


# --- the outbox ---


def test_the_outbox_says_of_each_message_whether_it_left_or_is_to_be_read_there_alone(
    app: Flask, settings: Settings
) -> None:
    mailed, texted = written(), written(to=replace(HIM, to="0912345678", channel=Channel.SMS))
    for notice_id in (mailed, texted):
        notices.send(notice_id, settings, NOW, Carrier())
    rows = signed_in(app, account_of(Role.ADMINISTRATOR)).get("/quan-tri/hop-thu-di").text.split("<tr>")
    assert [("Đã gửi" in row, "Chỉ có ở đây" in row) for row in rows[-2:]] == [(False, True), (True, False)]


def test_the_outbox_is_read_page_by_page_in_both_directions() -> None:
    ids = [written() for _ in range(7)]
    first, more = notices.outbox(size=3)
    assert ([n.id for n in first], more) == (ids[:3:-1], True)
    second, more = notices.outbox(before=first[-1].id, size=3)
    assert ([n.id for n in second], more) == (ids[3:0:-1], True)
    third, more = notices.outbox(before=second[-1].id, size=3)
    assert ([n.id for n in third], more) == (ids[:1], False)
    back, more = notices.outbox(after=third[0].id, size=3)
    assert ([n.id for n in back], more) == ([n.id for n in second], True)
    back, more = notices.outbox(after=second[0].id, size=3)
    assert ([n.id for n in back], more) == ([n.id for n in first], False)
