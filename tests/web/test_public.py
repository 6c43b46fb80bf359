"""The public pages: what they hold, in both languages, and what they never show."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import conditions
from portal.store import database as store
from portal.store.models import Dossier
from portal.usecases import law
from portal.web import public
from portal.web.limits import LOOK_UP
from procedures.calendars import OFFICE_TIME
from procedures.expressions import compiled
from procedures.guides import load_popular
from procedures.model import Sector

NOW = datetime(2026, 7, 13, 9, 30, tzinfo=OFFICE_TIME)
REGISTRATION = "DK-7K2M-PQ9X-3VTA"
CODE = "H38.02953-260709-0001"
CODES = sorted({procedure.code for procedure in law.catalogue()})
PERSONAL = {
    "applicant_name": "Hoàng Thị Diệp",
    "applicant_number": "010190004567",
    "applicant_phone": "0912345678",
    "applicant_email": "diep@example.vn",
    "applicant_address": "Bản Nà Đình, xã Nghĩa Đô",
}
SECRETS = [*PERSONAL.values(), "Lý do riêng", "Diệp"]


@pytest.fixture
def database_kind() -> str:
    """These pages hardly ask the database; what they ask is tried on both below."""
    return "sqlite"


@pytest.fixture(autouse=True)
def it_is_monday_half_past_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "_now", lambda: NOW)


@pytest.fixture
def keep(database: store.Database) -> Callable[..., None]:
    """Puts a dossier of a house permit, received at Nghĩa Đô, into the database."""

    def keep(**changed: Any) -> None:
        values: dict[str, Any] = {
            "registration": REGISTRATION,
            "code": CODE,
            "procedure": "1.013225",
            "version": date(2026, 7, 1),
            "sector": "construction",
            "channel": "online",
            "unit": "nghia-do",
            "desk_unit": "nghia-do",
            "status": 4,
            "step": "assignment",
            "step_since": NOW,
            "holder_role": "head_of_office",
            "holder_unit": "nghia-do",
            "act_by": datetime(2026, 7, 13, 16, 0, tzinfo=OFFICE_TIME),
            "answers": {"full_name": "Hoàng Thị Diệp", "note": "Lý do riêng"},
            "submitted_at": datetime(2026, 7, 8, 20, 0, tzinfo=OFFICE_TIME),
            "received_at": datetime(2026, 7, 9, 8, 0, tzinfo=OFFICE_TIME),
            "due_at": datetime(2026, 7, 20, 8, 0, tzinfo=OFFICE_TIME),
            "due_on": date(2026, 7, 20),
            **PERSONAL,
        }
        with store.transaction() as session:
            session.add(Dossier(**values | changed))

    return keep


def text_of(page: str) -> str:
    """What a person reads of a page's body."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def read(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


# --- finding ---


def test_every_page_answers_in_both_languages_without_inline_style_or_script(client: FlaskClient) -> None:
    addresses = ["/", "/tim", "/tim?q=khai", "/don-vi", "/tra-cuu"]
    addresses += [f"/linh-vuc/{sector.value}" for sector in Sector] + [f"/thu-tuc/{code}" for code in CODES]
    for address in addresses:
        for lang in ("vi", "en"):
            answer = client.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
            assert answer.status_code == 200, address
            assert f'<html lang="{lang}">' in answer.text
            assert answer.text.count("<h1") == 1
            assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=", answer.text), address


def test_the_first_page_leads_to_search_sectors_procedures_tracking_and_shops(client: FlaskClient) -> None:
    page = client.get("/").text
    for address in ["/tim", "/tra-cuu", "/don-vi", *(f"/linh-vuc/{sector.value}" for sector in Sector)]:
        assert f'"{address}"' in page
    for code in set(load_popular()) & {head.code for head in law.catalogue().all_in_force(NOW.date())}:
        assert f"/thu-tuc/{code}" in page
    for head in law.catalogue().all_in_force(NOW.date()):
        assert f"/thu-tuc/{head.code}" in client.get(f"/linh-vuc/{head.sector}").text
    for name in ("Bảo Yên", "Nghĩa Đô", "Xuân Hòa", "Thượng Hà", "Bảo Hà", "Phúc Khánh"):
        assert f"Trung tâm Phục vụ hành chính công xã {name}" in page


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("dat dai", "1.115668"),
        ("đất đai", "1.115668"),
        ("ho khau", "1.010038"),
        ("tach ho", "1.010038"),
        ("KHAI SINH", "1.001193"),
        ("house permit", "1.013225"),
    ],
)
def test_a_procedure_is_found_by_words_with_and_without_diacritics(client: FlaskClient, said: str, code: str) -> None:
    assert f"/thu-tuc/{code}" in client.get("/tim", query_string={"q": said}).text


def test_a_script_that_searches_gets_a_bare_list(client: FlaskClient) -> None:
    answer = client.get("/tim?q=khai sinh", headers={"X-Requested-With": "fetch"})
    assert "<html" not in answer.text
    assert "/thu-tuc/1.001193" in answer.text
    assert "X-Requested-With" in answer.vary


def test_markup_that_is_searched_for_stays_text(client: FlaskClient) -> None:
    for said in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7919 * 7919 }}", "%(words)s"):
        for headers in ({}, {"X-Requested-With": "fetch"}):
            answer = client.get("/tim", query_string={"q": said}, headers=headers)
            assert answer.status_code == 200
            assert "<script>alert" not in answer.text
            assert "<img" not in answer.text.partition("</header>")[2]
            # A list of what was found does not repeat what was asked.
            repeated = f"“{' '.join(said.split())}”" in text_of(answer.text) or html.escape(said) in answer.text
            assert repeated or (headers and "Tìm thấy" in answer.text)


def test_what_nobody_finds_is_said_with_advice(client: FlaskClient) -> None:
    assert "Không tìm thấy thủ tục nào có “zzz”" in read(client, "/tim?q=zzz")


def test_an_unknown_sector_or_procedure_is_a_clear_404(client: FlaskClient) -> None:
    assert "Không có lĩnh vực này" in read(client, "/linh-vuc/magic", 404)
    for code in ("9.999999", "x", "<b>", "1.013225'--"):
        assert "Không có thủ tục nào mang mã này" in read(client, f"/thu-tuc/{code}", 404)


def test_a_procedure_that_does_not_apply_yet_names_its_first_day(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "_now", lambda: datetime(2024, 7, 1, tzinfo=UTC))
    assert "01/08/2024" in read(client, "/thu-tuc/1.115668", 404)


# --- the guide ---


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("code", CODES)
def test_a_guide_holds_every_part_the_decree_asks_for(client: FlaskClient, code: str, lang: str) -> None:
    page, shown = read(client, f"/thu-tuc/{code}?lang={lang}"), law.catalogue().in_force(code, NOW.date())
    texts = [shown.title, shown.short_title, shown.authority, shown.result.title, *shown.steps, *shown.subjects]
    texts += [*shown.conditions, *shown.legal_basis, *(manner.text for manner in shown.manners)]
    texts += [part.title for part in shown.components] + [kind.label for c in shown.components for kind in c.kinds]
    texts += [fee.name for fee in shown.fees] + [exemption.text for exemption in shown.exemptions]
    texts += [reason.text for reason in shown.refusals] + [section.title for section in shown.form]
    for text in texts:
        assert " ".join(text.say(lang).split()) in page
    assert shown.term.words(lang) in page
    assert f"{shown.version:%d/%m/%Y}" in page
    for unit in law.receiving_units(shown, NOW.date()):
        assert unit.shop is not None
        for said in (unit.shop.name.say(lang), unit.shop.address.say(lang), unit.opening(NOW.date()).say(lang)):
            assert said in page
        assert unit.shop.phone in page


def test_the_official_name_stands_on_the_guide_once(client: FlaskClient) -> None:
    shown = law.catalogue().in_force("1.115668", NOW.date())
    assert client.get("/thu-tuc/1.115668").text.count(html.escape(shown.title.vi)) == 1


def test_the_term_of_a_land_transfer_is_shown_with_its_mountain_part(client: FlaskClient) -> None:
    page = read(client, "/thu-tuc/1.115668")
    assert "8 ngày làm việc + 10 ngày" in page
    assert "cộng 10 ngày ở xã miền núi" in page


def test_the_due_date_of_today_is_the_clock_s_and_says_which_days_do_not_count(client: FlaskClient) -> None:
    page = read(client, "/thu-tuc/1.013225?unit=nghia-do")
    assert "được Xã Nghĩa Đô tiếp nhận lúc 09:30, 13/07/2026" in page
    assert "09:30, 22/07/2026" in page
    assert "Tính 7 ngày: 14/07/2026, 15/07/2026" in page
    assert "18/07/2026: nghỉ cuối tuần 19/07/2026: nghỉ cuối tuần" in page
    assert "tạm tính" not in page


def test_a_due_date_in_a_year_not_entered_is_marked_provisional(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "_now", lambda: datetime(2031, 3, 3, 9, tzinfo=OFFICE_TIME))
    assert "tạm tính" in read(client, "/thu-tuc/1.013225")


def test_in_the_evening_the_term_starts_the_next_working_day(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "_now", lambda: datetime(2026, 7, 17, 19, tzinfo=OFFICE_TIME))
    page = read(client, "/thu-tuc/1.013225")
    assert "thời hạn bắt đầu từ 07:00, 20/07/2026" in page
    assert "18/07/2026:" in page


def test_what_is_not_known_is_called_not_configured(client: FlaskClient) -> None:
    land = read(client, "/thu-tuc/1.115668")
    assert "Mức độ trực tuyến: chưa cấu hình" in land
    assert "Phí thẩm định hồ sơ cấp Giấy chứng nhận: chưa cấu hình" in land
    assert "10.000 đồng" in read(client, "/thu-tuc/1.010038")


def test_a_paper_says_when_it_is_needed(client: FlaskClient) -> None:
    shown = law.catalogue().in_force("1.115668", NOW.date())
    label = shown.fields["mortgaged"].label.vi
    assert f"Khi “{label}”: có" in read(client, "/thu-tuc/1.115668")


def test_what_only_some_must_bring_is_not_told_to_everybody(client: FlaskClient) -> None:
    page = client.get("/thu-tuc/1.004222").text
    bring = re.search(r'aria-labelledby="bring">(.*?)</section>', page, re.DOTALL)
    assert bring is not None
    assert "cơ sở trợ giúp xã hội" not in bring[1]
    assert "Giấy tờ của trường hợp riêng" in bring[1]
    assert "Văn bản đề nghị của người đứng đầu cơ sở trợ giúp xã hội" in page


def test_conditions_are_said_by_their_questions_and_answers() -> None:
    split = law.catalogue().in_force("1.010038", NOW.date())
    said = {
        source: conditions.in_words(compiled(source), split)
        for source in (
            "divorced == true",
            "divorced != true",
            "channel != 'online'",
            "head_consent == 'written' || divorced == true",
            "days_between(birth_date, today) > 60",
            "unknown == true",
            "head_consent == 'nothing_such'",
            "channel == 'elsewhere'",
        )
    }
    label = split.fields["divorced"].label.vi
    assert [text.vi if text else None for text in said.values()][:3] == [
        f"“{label}”: có",
        f"“{label}”: không",
        "không nộp trực tuyến",
    ]
    joined = said["head_consent == 'written' || divorced == true"]
    assert joined is not None
    assert joined.vi.endswith(f" hoặc “{label}”: có")
    assert " or " in joined.en
    assert list(said.values())[4:] == [None] * 4


def test_the_button_to_apply_stands_only_where_there_is_somewhere_to_apply(app: Flask) -> None:
    page = app.test_client().get("/thu-tuc/1.001193").text
    assert ("Nộp trực tuyến</button>" in page) == ("filling.start" in app.view_functions)


# --- units ---


def test_units_of_both_eras_are_listed_with_their_successors(client: FlaskClient) -> None:
    page = client.get("/don-vi").text
    listed = re.findall(r'<tr id="([^"]+)">', page)
    assert len(listed) == len(set(listed)) == 6 + 1 + 17
    said = text_of(page)
    for code in ("02947", "02953", "02962", "02968", "02989", "02998"):
        assert said.count(f"{code} mã có ở cả hai thời kỳ") == 2, "an old and a new unit, not one"
    assert "Xã Tân Tiến 02950 Xã Nghĩa Đô" in said
    assert "số liệu trình diễn" in said


# --- tracking ---


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_tracking_shows_how_far_a_dossier_is_and_nothing_personal(
    client: FlaskClient, keep: Callable[..., None]
) -> None:
    keep()
    for key in (REGISTRATION, CODE):
        answer = client.get(f"/tra-cuu/{key}")
        page = text_of(answer.text)
        for shown in (
            REGISTRATION, CODE, "Cấp giấy phép xây dựng nhà ở riêng lẻ", "Xã Nghĩa Đô", "Đang xử lý", "Lãnh đạo phòng",
            "Phân công xử lý", "16:00, 13/07/2026", "08:00, 09/07/2026", "08:00, 20/07/2026", "Còn 4 ngày",
        ):  # fmt: skip
            assert shown in page
        for secret in SECRETS:
            assert secret not in answer.text
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": 5, "held_since": NOW, "holder_role": "citizen"}, "Tạm dừng tính thời hạn"),
        (
            {"status": 5, "code": None, "received_at": None, "due_at": None, "due_on": None, "answered_early": True},
            "Kiểm tra và tiếp nhận hồ sơ",
        ),
        ({"due_at": NOW - timedelta(days=3), "due_on": (NOW - timedelta(days=3)).date()}, "Quá hạn"),
        ({"due_at": NOW + timedelta(hours=1), "due_on": NOW.date()}, "Hết hạn hôm nay, còn 1 giờ"),
        ({"due_at": NOW + timedelta(days=1), "due_on": date(2026, 7, 14)}, "Còn 1 ngày làm việc"),
        ({"status": 9, "ended_at": NOW, "ended_on": NOW.date(), "holder_role": "one_stop_officer"}, "Nhận kết quả"),
        ({"status": 7, "ended_at": NOW, "ended_on": date(2026, 7, 21), "holder_role": None}, "Trễ hạn"),
        ({"status": 7, "ended_at": NOW, "ended_on": NOW.date(), "holder_role": None}, "Hồ sơ đã rút"),
        (
            {"status": 1, "code": None, "received_at": None, "due_at": None, "due_on": None},
            "Ngày hẹn trả có khi hồ sơ được tiếp nhận",
        ),
    ],
)
def test_tracking_says_how_the_term_stands(
    client: FlaskClient, keep: Callable[..., None], changed: dict[str, Any], said: str
) -> None:
    keep(**changed)
    assert said in read(client, f"/tra-cuu/{REGISTRATION}")


@pytest.mark.parametrize("typed", ["dk7k2mpq9x3vta", " DK 7K2M PQ9X 3VTA ", "dk-7k2m-pq9x-3vta", CODE.lower()])
def test_a_number_typed_carelessly_finds_its_dossier(
    client: FlaskClient, keep: Callable[..., None], typed: str
) -> None:
    keep()
    answer = client.get("/tra-cuu", query_string={"so": typed}, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path in (f"/tra-cuu/{REGISTRATION}", f"/tra-cuu/{CODE}")
    assert "Phân công xử lý" in answer.text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("DK-2222-2222-2222", "Không có hồ sơ nào mang số này"),
        ("H38.02953-260709-0009", "Không có hồ sơ nào mang số này"),
        ("1", "Đây không phải số đăng ký hay mã hồ sơ"),
        ("<b>x</b>", "Đây không phải số đăng ký hay mã hồ sơ"),
        ("../../etc/passwd", "Đây không phải số đăng ký hay mã hồ sơ"),
        ("H38.02953-261399-0001", "Đây không phải số đăng ký hay mã hồ sơ"),
    ],
)
def test_a_forged_number_gets_a_clear_answer_beside_the_field(
    client: FlaskClient, keep: Callable[..., None], typed: str, why: str
) -> None:
    keep()
    answer = client.get("/tra-cuu", query_string={"so": typed})
    assert answer.status_code == 404
    assert why in answer.text
    assert 'aria-describedby="so-error' in answer.text
    assert f'value="{html.escape(typed)}"' in answer.text
    assert "<b>x" not in answer.text
    assert client.get(f"/tra-cuu/{typed.replace('../', '')}").status_code == 404


def test_numbers_cannot_be_guessed_one_after_the_other(client: FlaskClient) -> None:
    most = int(LOOK_UP.partition("/")[0])
    codes = {client.get("/tra-cuu/DK-2222-2222-2222").status_code for _ in range(most)}
    assert codes == {404}
    assert client.get("/tra-cuu/DK-2222-2222-2222").status_code == 429


@given(typed=st.text(max_size=40))
def test_whatever_is_typed_is_a_number_in_its_one_spelling_or_none(typed: str) -> None:
    number = public._read_number(typed)
    assert number is None or public._read_number(number) == number


def test_a_page_without_javascript_asks_for_a_number_by_a_plain_form(client: FlaskClient) -> None:
    page = client.get("/tra-cuu").text
    assert re.search(r'<form[^>]*method="get"[^>]*action="/tra-cuu"', page)
    assert 'name="so"' in page
