"""Accounts, as their owners and as strangers try them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal.domain.access import Role
from portal.domain.codes import Doubt
from portal.domain.errors import Invalid, NotFound
from portal.services import identity
from portal.settings import Settings
from portal.store.database import Database, reading, transaction
from portal.store.models import Account, Notice, Tries
from portal.usecases import accounts
from portal.usecases.accounts import GUESSES, LOCK, MESSAGES, Locked, Person, Unconfirmed
from tests.people import PASSWORD, account_of

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PHONE = "0912345678"
MY = Person("Lý Thị Mỷ", "010188123456", date(1988, 2, 9), "female")


@pytest.fixture(autouse=True)
def _connected(database: Database) -> None:
    """Every test here has a database."""


def sign_up(settings: Settings, contact: str = PHONE, person: Person = MY, at: datetime = NOW) -> str:
    return accounts.sign_up(contact, person, PASSWORD, settings, at)


def last_notice() -> Notice:
    with reading() as session:
        return session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1)).one()


def code_in(notice: Notice) -> str:
    found = re.search(r"\b\d{6}\b", notice.body)
    assert found is not None
    return found[0]


def link_in(notice: Notice) -> str:
    found = re.search(r"https?://\S+/([\w.-]+)", notice.body)
    assert found is not None
    return found[1]


def confirmed(settings: Settings, contact: str = PHONE, person: Person = MY) -> Account:
    sign_up(settings, contact, person)
    return accounts.confirm(contact, code_in(last_notice()), settings, NOW)


def how_many(model: type[Account | Notice | Tries]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


# --- signing up ---


@pytest.mark.parametrize("contact", ["0912 345 678", "+84 912.345.678", "My.Ly@Example.VN"])
def test_somebody_signs_up_confirms_by_the_code_and_signs_in(settings: Settings, contact: str) -> None:
    kept = sign_up(settings, contact)
    told = last_notice()
    assert told.recipient == kept
    assert told.channel == ("email" if "@" in contact else "sms")
    assert MY.full_name not in told.body  # whoever typed it may be anybody
    account = accounts.confirm(kept, code_in(told), settings, NOW + timedelta(minutes=10))
    assert accounts.sign_in(contact, PASSWORD, NOW).id == account.id
    assert (account.role, account.full_name, account.personal_number) == ("citizen", MY.full_name, MY.personal_number)


def test_the_link_of_an_email_confirms_once(settings: Settings) -> None:
    sign_up(settings, "my@example.vn")
    token = link_in(last_notice())
    assert accounts.confirm_by_link(token, settings, NOW).confirmed_at == NOW
    with pytest.raises(NotFound):
        accounts.confirm_by_link(token, settings, NOW)


def test_a_forged_or_old_link_confirms_nothing(settings: Settings) -> None:
    sign_up(settings, "my@example.vn")
    token = link_in(last_notice())
    # Not its last letter: some of its bits mean nothing.
    forged = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for bad in (forged, "", "x", token.replace(".", "")):
        with pytest.raises(NotFound):
            accounts.confirm_by_link(bad, settings, NOW)
    with pytest.raises(NotFound):
        accounts.confirm_by_link(token, settings, NOW + identity.LINK_LIFE + timedelta(seconds=1))
    with pytest.raises(NotFound):
        accounts.confirm_by_link(token, replace(settings, secret_key="another key"), NOW)


def test_a_code_expires(settings: Settings) -> None:
    sign_up(settings)
    secret = code_in(last_notice())
    with pytest.raises(Invalid):
        accounts.confirm(PHONE, secret, settings, NOW + 2 * identity.CODE_LIFE)


def test_a_code_is_good_for_its_own_contact_alone(settings: Settings) -> None:
    sign_up(settings)
    secret = code_in(last_notice())
    sign_up(settings, "0987654321", replace(MY, personal_number="010188000001"))
    with pytest.raises(Invalid):
        accounts.confirm("0987654321", secret, settings, NOW)


def test_codes_cannot_be_guessed_without_end(settings: Settings) -> None:
    sign_up(settings)
    secret = code_in(last_notice())
    wrong = f"{(int(secret) + 1) % 10**6:06d}"
    for _ in range(GUESSES):
        with pytest.raises(Invalid):
            accounts.confirm(PHONE, wrong, settings, NOW)
    with pytest.raises(Locked) as locked:
        accounts.confirm(PHONE, secret, settings, NOW)
    assert locked.value.until == NOW + LOCK


def test_a_sign_up_that_was_never_confirmed_gives_way_to_a_new_one(settings: Settings) -> None:
    sign_up(settings, person=replace(MY, full_name="Kẻ Chiếm Chỗ"))
    first = code_in(last_notice())
    accounts.sign_up(PHONE, MY, "một mật khẩu khác hẳn", settings, NOW)
    second = code_in(last_notice())
    with pytest.raises(Invalid):
        accounts.confirm(PHONE, first, settings, NOW)
    assert accounts.confirm(PHONE, second, settings, NOW).full_name == MY.full_name
    assert how_many(Account) == 1


def test_signing_up_does_not_tell_whether_a_contact_has_an_account(settings: Settings) -> None:
    mine = confirmed(settings)
    answers = [sign_up(settings, contact, replace(MY, personal_number=n)) for contact, n in (
        (PHONE, "010188000001"), ("0987654321", "010188000002"),
    )]  # fmt: skip
    assert answers == [PHONE, "0987654321"]
    with reading() as session:
        kinds = list(session.scalars(select(Notice.kind).order_by(Notice.id)))
    assert kinds == ["account_confirmation", "account_exists", "account_confirmation"]
    assert accounts.sign_in(PHONE, PASSWORD, NOW).id == mine.id


def test_a_personal_number_belongs_to_one_confirmed_account(settings: Settings) -> None:
    confirmed(settings)
    assert sign_up(settings, "0987654321") == "0987654321"
    assert last_notice().kind == "number_taken"
    with pytest.raises(Invalid):
        accounts.confirm("0987654321", "123456", settings, NOW)
    assert how_many(Account) == 1


def test_a_personal_number_is_not_held_by_a_sign_up_nobody_confirmed(settings: Settings) -> None:
    sign_up(settings, "0987654321")
    assert confirmed(settings).personal_number == MY.personal_number


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"full_name": ""}, {"full_name": "not_a_name"}),
        ({"full_name": "R2 D2"}, {"full_name": "not_a_name"}),
        ({"personal_number": "12345"}, {"personal_number": "not_a_number"}),
        ({"birth_date": None}, {"birth_date": "missing"}),
        ({"sex": "x"}, {"sex": "missing"}),
        ({"sex": "male"}, {"personal_number": "doubtful"}),
        ({"birth_date": date(1989, 2, 9)}, {"personal_number": "doubtful"}),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    settings: Settings, change: dict[str, object], fault: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        sign_up(settings, person=replace(MY, **change))  # type: ignore[arg-type]
    assert refused.value.fields == fault
    assert how_many(Account) == how_many(Notice) == 0


def test_a_doubtful_number_can_be_kept_by_whoever_has_checked_it(settings: Settings) -> None:
    doubtful = replace(MY, sex="male")
    with pytest.raises(Invalid) as refused:
        sign_up(settings, person=doubtful)
    assert refused.value.details["doubts"] == (Doubt.SEX,)
    assert confirmed(settings, person=replace(doubtful, number_checked=True)).personal_number == MY.personal_number


@pytest.mark.parametrize(
    "contact", ["", "lan", "12345", "a@b", "a b@example.vn", "x" * 250 + "@example.vn", "a@example.vn, b@x.vn"]
)
def test_a_contact_nobody_can_be_reached_by_is_refused(settings: Settings, contact: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign_up(settings, contact)
    assert refused.value.fields == {"contact": "not_reachable"}


def test_a_stranger_cannot_have_messages_sent_without_end(settings: Settings) -> None:
    for _ in range(MESSAGES + 3):
        assert sign_up(settings) == PHONE
    accounts.send_code_again(PHONE, settings, NOW)
    assert how_many(Notice) == MESSAGES
    sign_up(settings, at=NOW + timedelta(hours=1))
    assert how_many(Notice) == MESSAGES + 1


def test_two_who_sign_up_with_one_contact_at_once_make_one_account(settings: Settings) -> None:
    people = [replace(MY, personal_number=f"01018800000{n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda person: sign_up(settings, person=person), people)) == {PHONE}
    assert how_many(Account) == 1


# --- signing in ---


def test_a_wrong_password_and_a_wrong_name_are_answered_the_same() -> None:
    account_of(Role.SPECIALIST, username="can-bo")
    faults = []
    for identifier, password in (
        ("can-bo", "sai mật khẩu"),
        ("không-có", PASSWORD),
        ("0912345678", PASSWORD),
        ("", ""),
    ):
        with pytest.raises(Invalid) as refused:
            accounts.sign_in(identifier, password, NOW)
        faults.append((refused.value.fields, refused.value.details))
    assert all(fault == ({"password": "wrong"}, {}) for fault in faults)


@pytest.mark.parametrize("identifier", ["can-bo", "khong-ai", "0912345678", "khong@example.vn"])
def test_five_wrong_guesses_lock_for_a_quarter_of_an_hour_whether_the_account_exists_or_not(identifier: str) -> None:
    account_of(Role.SPECIALIST, username="can-bo")
    for _ in range(GUESSES):
        with pytest.raises(Invalid):
            accounts.sign_in(identifier, "sai mật khẩu", NOW)
    for at in (NOW, NOW + LOCK - timedelta(seconds=1)):
        with pytest.raises(Locked) as locked:
            accounts.sign_in(identifier.upper(), PASSWORD, at)
        assert locked.value.until == NOW + LOCK
    if identifier == "can-bo":
        assert accounts.sign_in(identifier, PASSWORD, NOW + LOCK).username == "can-bo"
    else:
        with pytest.raises(Invalid):
            accounts.sign_in(identifier, PASSWORD, NOW + LOCK)


def test_guesses_made_side_by_side_are_no_more_than_five() -> None:
    account_of(Role.SPECIALIST, username="can-bo")

    def guess(number: int) -> type[Exception]:
        try:
            accounts.sign_in("can-bo", f"đoán lần thứ {number}", NOW)
        except (Invalid, Locked) as error:
            return type(error)
        raise AssertionError("guessed")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(Invalid) == GUESSES


def test_a_right_password_forgives_the_wrong_ones_before() -> None:
    account_of(Role.SPECIALIST, username="can-bo")
    for _ in range(3):
        for _ in range(GUESSES - 1):
            with pytest.raises(Invalid):
                accounts.sign_in("can-bo", "sai mật khẩu", NOW)
        accounts.sign_in("can-bo", PASSWORD, NOW)
    assert how_many(Tries) == 0


def test_an_account_nobody_confirmed_or_that_was_closed_is_not_entered(settings: Settings) -> None:
    sign_up(settings)
    with pytest.raises(Unconfirmed) as waiting:
        accounts.sign_in(PHONE, PASSWORD, NOW)
    assert waiting.value.contact == PHONE
    with pytest.raises(Invalid):
        accounts.sign_in(PHONE, "sai mật khẩu", NOW)
    account_of(Role.CLERK, username="da-nghi", active=False)
    with pytest.raises(Invalid):
        accounts.sign_in("da-nghi", PASSWORD, NOW)


def test_a_hash_made_with_older_numbers_is_made_anew_at_sign_in() -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    account = account_of(Role.CLERK, username="cu-ky", password_hash=old)
    accounts.sign_in("cu-ky", PASSWORD, NOW)
    with reading() as session:
        kept = session.get_one(Account, account.id).password_hash
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    accounts.sign_in("cu-ky", PASSWORD, NOW)


# --- passwords ---


def test_a_forgotten_password_is_set_anew_by_the_link_once_and_ends_all_sessions(settings: Settings) -> None:
    account = confirmed(settings, "my@example.vn")
    accounts.ask_reset("MY@example.vn", settings, NOW)
    told = last_notice()
    token = link_in(told)
    assert (told.kind, told.recipient) == ("password_reset", "my@example.vn")
    assert accounts.is_reset_link(token, settings, NOW)
    changed = accounts.reset(token, "nương lúa cuối tháng mười", settings, NOW)
    assert changed.session_epoch == account.session_epoch + 1
    assert not accounts.is_reset_link(token, settings, NOW)
    with pytest.raises(NotFound):
        accounts.reset(token, "thêm một lần nữa xem sao", settings, NOW)
    with pytest.raises(Invalid):
        accounts.sign_in("my@example.vn", PASSWORD, NOW)
    assert accounts.sign_in("my@example.vn", "nương lúa cuối tháng mười", NOW).id == account.id
    assert last_notice().kind == "password_changed"


def test_a_link_to_set_a_password_ends_with_its_hour_and_cannot_be_forged(settings: Settings) -> None:
    confirmed(settings)
    accounts.ask_reset(PHONE, settings, NOW)
    token = link_in(last_notice())
    late = NOW + identity.LINK_LIFE + timedelta(seconds=1)
    assert not accounts.is_reset_link(token, settings, late)
    for bad in (token[::-1], "", "a.b", token + "x"):
        assert not accounts.is_reset_link(bad, settings, NOW)
        with pytest.raises(NotFound):
            accounts.reset(bad, "nương lúa cuối tháng mười", settings, NOW)


def test_a_link_for_one_purpose_serves_no_other(settings: Settings) -> None:
    sign_up(settings, "my@example.vn")
    token = link_in(last_notice())
    assert not accounts.is_reset_link(token, settings, NOW)


def test_a_new_password_lifts_the_lock(settings: Settings) -> None:
    confirmed(settings)
    for _ in range(GUESSES):
        with pytest.raises(Invalid):
            accounts.sign_in(PHONE, "sai mật khẩu", NOW)
    accounts.ask_reset(PHONE, settings, NOW)
    accounts.reset(link_in(last_notice()), "nương lúa cuối tháng mười", settings, NOW)
    accounts.sign_in(PHONE, "nương lúa cuối tháng mười", NOW)


@pytest.mark.parametrize("identifier", ["0987654321", "khong@example.vn", "khong-ai", "", "???"])
def test_asking_for_a_link_for_nobody_sends_nothing_and_says_nothing(settings: Settings, identifier: str) -> None:
    accounts.ask_reset(identifier, settings, NOW)
    assert how_many(Notice) == 0


def test_a_password_is_changed_by_whoever_knows_the_old_one() -> None:
    account = account_of(Role.LEADER, username="lanh-dao")
    with pytest.raises(Invalid) as refused:
        accounts.change_password(account.id, "không phải", "nương lúa cuối tháng mười", NOW)
    assert refused.value.fields == {"old_password": "wrong"}
    with pytest.raises(Invalid) as refused:
        accounts.change_password(account.id, PASSWORD, "password123", NOW)
    assert refused.value.fields == {"password": "too_common"}
    assert accounts.change_password(account.id, PASSWORD, "nương lúa cuối tháng mười", NOW).session_epoch == 1
    accounts.sign_in("lanh-dao", "nương lúa cuối tháng mười", NOW)


def test_the_old_password_cannot_be_guessed_without_end() -> None:
    account = account_of(Role.LEADER)
    for _ in range(GUESSES):
        with pytest.raises(Invalid):
            accounts.change_password(account.id, "không phải", "nương lúa cuối tháng mười", NOW)
    with pytest.raises(Locked):
        accounts.change_password(account.id, PASSWORD, "nương lúa cuối tháng mười", NOW)


# --- one's own account ---


def test_a_person_changes_what_is_theirs_but_takes_nobody_elses_number(settings: Settings) -> None:
    mine = confirmed(settings)
    confirmed(settings, "0987654321", replace(MY, personal_number="010188000002"))
    moved = replace(MY, commune="pho-rang", address="  Tổ 3 ", language="en")
    changed = accounts.change_person(mine.id, moved)
    assert (changed.address, changed.language) == ("Tổ 3", "en")
    assert accounts.change_person(mine.id, replace(moved, commune="no-such-unit")).commune is None
    with pytest.raises(Invalid) as refused:
        accounts.change_person(mine.id, replace(moved, personal_number="010188000002"))
    assert refused.value.fields == {"personal_number": "taken"}


def test_a_second_contact_is_added_by_the_code_sent_there(settings: Settings) -> None:
    mine = confirmed(settings)
    assert accounts.ask_contact(mine.id, "My@Example.vn", settings, NOW) == "my@example.vn"
    told = last_notice()
    assert (told.kind, told.recipient) == ("contact_confirmation", "my@example.vn")
    with pytest.raises(Invalid):
        accounts.confirm_contact(mine.id, "other@example.vn", code_in(told), settings, NOW)
    assert accounts.confirm_contact(mine.id, "my@example.vn", code_in(told), settings, NOW).email == "my@example.vn"
    assert accounts.sign_in("my@example.vn", PASSWORD, NOW).id == accounts.sign_in(PHONE, PASSWORD, NOW).id == mine.id


def test_nobody_takes_over_a_contact_that_has_an_account(settings: Settings) -> None:
    mine = confirmed(settings)
    confirmed(settings, "my@example.vn", replace(MY, personal_number="010188000002"))
    assert accounts.ask_contact(mine.id, "my@example.vn", settings, NOW) == "my@example.vn"
    assert last_notice().kind == "contact_taken"
    secret = identity.code(settings.secret_key, "contact", [str(mine.id), "my@example.vn"], NOW)
    with pytest.raises(Invalid):
        accounts.confirm_contact(mine.id, "my@example.vn", secret, settings, NOW)


def test_a_contact_somebody_squats_without_confirming_is_free(settings: Settings) -> None:
    mine = confirmed(settings)
    sign_up(settings, "my@example.vn", replace(MY, personal_number="010188000002"))
    accounts.ask_contact(mine.id, "my@example.vn", settings, NOW)
    assert accounts.confirm_contact(mine.id, "my@example.vn", code_in(last_notice()), settings, NOW).id == mine.id
    assert how_many(Account) == 1


# --- by the administrator and the demonstration ---


def test_staff_are_entered_with_role_and_unit() -> None:
    account = accounts.create_staff(Role.CLERK, "pho-rang", " Van-Thu ", "Hoàng Thị Văn Thư", PASSWORD, NOW)
    assert accounts.sign_in("van-thu", PASSWORD, NOW).id == account.id
    with transaction() as session:
        assert session.get_one(Account, account.id).unit == "pho-rang"


@pytest.mark.parametrize(
    ("role", "unit", "username", "fault"),
    [
        (Role.CLERK, "pho-rang", "a b", {"username": "not_a_name"}),
        (Role.CLERK, "pho-rang", "0912345678", {"username": "not_a_name"}),
        (Role.CLERK, "no-such-unit", "van-thu", {"unit": "unknown"}),
        (Role.CLERK, None, "van-thu", {"unit": "missing"}),
        (Role.MANAGER, None, "da-co", {"username": "taken"}),
    ],
)
def test_staff_that_cannot_be_are_refused(role: Role, unit: str | None, username: str, fault: dict[str, str]) -> None:
    account_of(Role.MANAGER, username="da-co")
    with pytest.raises(Invalid) as refused:
        accounts.create_staff(role, unit, username, "Hoàng Thị Văn Thư", PASSWORD, NOW)
    assert refused.value.fields == fault


def test_a_citizen_of_a_demonstration_needs_no_confirmation() -> None:
    account = accounts.create_citizen(PHONE, MY, PASSWORD, NOW)
    assert accounts.sign_in(PHONE, PASSWORD, NOW).id == account.id
    assert how_many(Notice) == 0
