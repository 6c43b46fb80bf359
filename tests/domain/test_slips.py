"""The forms of slips, their payloads, and the words on them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import results
from portal.domain.numerals import DIGITS, date_in_words, figures, in_words, long_date, money, spells
from portal.domain.slips import (
    FORMS,
    Paper,
    Payload,
    SlipKind,
    form_of,
    form_set,
    from_json,
    one_stop_shop,
    reference,
    to_json,
)
from procedures.catalogue import load_catalogue
from procedures.model import ResultPaper, Sector
from tests import sample_papers

papers = pytest.mark.parametrize("payload", sample_papers.ALL.values(), ids=sample_papers.ALL)


@papers
def test_a_payload_comes_back_from_json_as_it_was(payload: Payload) -> None:
    assert from_json(json.loads(json.dumps(to_json(payload)))) == payload


@papers
def test_a_payload_has_a_form(payload: Payload) -> None:
    assert form_of(payload).title


def test_a_payload_without_one_of_its_values_is_refused() -> None:
    plain = to_json(sample_papers.RECEIPT)
    del plain["due_at"]
    with pytest.raises(ValueError, match="due_at"):
        from_json(plain)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        from_json(to_json(sample_papers.RECEIPT) | {"due_at": "2026-07-22T08:30:00"})


@pytest.mark.parametrize(
    ("kind", "sector", "on", "expected"),
    [
        (SlipKind.RECEIPT, "construction", date(2025, 6, 30), "01/2018"),
        (SlipKind.RECEIPT, "construction", date(2025, 7, 1), "03/2025"),
        (SlipKind.SUPPLEMENT_REQUEST, "land", date(2019, 1, 6), "01/2018"),
        (SlipKind.RECEIPT, "residence", date(2023, 12, 31), "56/2021"),
        (SlipKind.RECEIPT, "residence", date(2024, 1, 1), "66/2023"),
        (SlipKind.RESULT, "residence", date(2025, 7, 1), "53/2025"),
        (SlipKind.RESULT_REFUSAL, "residence", date(2026, 7, 1), "53/2025"),
        (SlipKind.RESULT_REFUSAL, "land", date(2026, 7, 1), "general"),
        (SlipKind.ACKNOWLEDGEMENT, "residence", date(2026, 7, 1), "general"),
    ],
)
def test_the_form_set_is_the_one_in_force_that_day(kind: SlipKind, sector: str, on: date, expected: str) -> None:
    assert form_set(kind, sector=sector, on=on) == expected


def test_before_the_first_form_set_there_is_none() -> None:
    with pytest.raises(LookupError, match="06/01/2019"):
        form_set(SlipKind.RECEIPT, sector="land", on=date(2019, 1, 5))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (ResultPaper.CONSTRUCTION_PERMIT, "construction_permit"),
        (ResultPaper.LAND_CHANGE, "land_change"),
        (ResultPaper.BIRTH_CERTIFICATE, "birth_certificate"),
        (ResultPaper.HOUSEHOLD_SPLIT, "general"),
        (ResultPaper.GENERAL, "general"),
    ],
)
def test_a_result_is_printed_on_its_procedures_own_form(template: ResultPaper, expected: str) -> None:
    name = form_set(SlipKind.RESULT, sector="any", on=date(2026, 7, 1), template=template)
    assert (name, (SlipKind.RESULT, name) in FORMS) == (expected, True)


@pytest.mark.parametrize(
    ("result", "on", "title"),
    [
        ("CT08", date(2024, 6, 1), "THÔNG BÁO VỀ KẾT QUẢ GIẢI QUYẾT, HỦY BỎ ĐĂNG KÝ CƯ TRÚ"),
        ("CT07", date(2024, 6, 1), "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ"),
        ("CT03", date(2026, 7, 1), "PHIẾU KHAI BÁO TẠM VẮNG"),
        (None, date(2026, 7, 1), "THÔNG BÁO KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"),
    ],
)
def test_a_result_of_residence_is_printed_on_the_form_its_procedure_names(
    result: str | None, on: date, title: str
) -> None:
    assert FORMS[SlipKind.RESULT, form_set(SlipKind.RESULT, sector="residence", on=on, result=result)].title == title


def test_every_form_that_a_procedure_of_residence_names_is_known() -> None:
    catalogue, on = load_catalogue(), date(2026, 8, 1)
    for procedure in (catalogue.in_force(head.code, on) for head in catalogue.all_in_force(on, Sector.RESIDENCE)):
        for kind, number in (
            (SlipKind.RECEIPT, procedure.slips.receipt),
            (SlipKind.SUPPLEMENT_REQUEST, procedure.slips.supplement),
            (SlipKind.REFUSAL_OF_RECEPTION, procedure.slips.refusal),
            (SlipKind.RESULT, procedure.slips.result),
        ):
            if procedure.slips.own and number is not None:
                name = form_set(kind, sector="residence", on=on, result=procedure.slips.result)
                assert FORMS[kind, name].label == f"Mẫu {number} – Thông tư số 53/2025/TT-BCA"


@given(
    kind=st.sampled_from(SlipKind),
    sector=st.sampled_from(["land", "construction", "residence", "civil_status"]),
    on=st.dates(date(2021, 7, 1), date(2100, 1, 1)),
    template=st.sampled_from(ResultPaper),
)
def test_every_kind_has_a_form_in_every_sector_on_every_day(
    kind: SlipKind, sector: str, on: date, template: ResultPaper
) -> None:
    assert (kind, form_set(kind, sector=sector, on=on, template=template)) in FORMS


@pytest.mark.parametrize(
    ("kind", "form_set", "title"),
    [
        (SlipKind.RECEIPT, "01/2018", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
        (SlipKind.SUPPLEMENT_REQUEST, "03/2025", "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"),
        (SlipKind.REFUSAL_OF_RECEPTION, "03/2025", "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ"),
        (SlipKind.CONTROL, "01/2018", "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"),
        (SlipKind.CONTROL, "03/2025", "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"),
        (SlipKind.RECEIPT, "53/2025", "PHIẾU TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
        (SlipKind.SUPPLEMENT_REQUEST, "53/2025", "PHIẾU HƯỚNG DẪN BỔ SUNG, HOÀN THIỆN HỒ SƠ"),
        (SlipKind.REFUSAL_OF_RECEPTION, "53/2025", "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ"),
        (SlipKind.RESULT, "53/2025", "THÔNG BÁO KẾT QUẢ GIẢI QUYẾT, HỦY BỎ THỦ TỤC VỀ CƯ TRÚ"),
    ],
)
def test_a_form_bears_its_official_title(kind: SlipKind, form_set: str, title: str) -> None:
    assert FORMS[kind, form_set].title == title


def test_numbered_slips_are_a5_and_results_a4() -> None:
    slips = {SlipKind.RECEIPT, SlipKind.SUPPLEMENT_REQUEST, SlipKind.REFUSAL_OF_RECEPTION}
    slips |= {
        SlipKind.APOLOGY,
        SlipKind.STOPPING,
        SlipKind.CONTROL,
        SlipKind.HAND_OVER_RECEIPT,
        SlipKind.LETTER,
        SlipKind.BLANK,
    }
    assert {kind for (kind, _), form in FORMS.items() if form.paper is Paper.A5} == slips
    assert {kind for (kind, _), form in FORMS.items() if form.paper is Paper.A4} == set(SlipKind) - slips


def test_only_the_forms_of_2018_claim_a_known_layout_and_letters_that_have_none() -> None:
    claimed = {name for (kind, name), form in FORMS.items() if form.layout_known and kind is not SlipKind.LETTER}
    assert claimed == {"01/2018"}


def test_the_one_stop_shop_bears_the_name_of_its_time() -> None:
    assert one_stop_shop("Huyện Bảo Yên", date(2025, 6, 30)) == "BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ"
    assert one_stop_shop("Xã Bảo Yên", date(2025, 7, 1)) == "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ BẢO YÊN"


def test_a_paper_is_named_by_the_code_and_before_reception_by_the_registration_number() -> None:
    assert reference(sample_papers.LATER_SUPPLEMENT_REQUEST) == ("Mã hồ sơ", sample_papers.CODE)
    assert reference(sample_papers.SUPPLEMENT_REQUEST) == ("Mã đăng ký", sample_papers.REGISTRATION)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (10, "mười"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (105, "một trăm linh năm"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
        (75_000, "bảy mươi lăm nghìn"),
        (1_000_001, "một triệu không trăm linh một"),
        (2_000_000_000, "hai tỷ"),
    ],
)
def test_numbers_are_read_as_in_vietnamese(number: int, words: str) -> None:
    assert in_words(number) == words


@given(st.integers(0, 10**12 - 1))
def test_a_number_can_be_read_back_from_its_words(number: int) -> None:
    assert _read(in_words(number)) == number


def _read(words: str) -> int:
    """What a reader makes of a number in words."""
    digits = {word: digit for digit, word in enumerate(DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5}
    total = group = last = 0
    for word in words.split():
        if word in digits:
            last = digits[word]
            group += last
        elif word == "mười":
            group += 10
        elif word in ("mươi", "trăm"):
            group += last * (9 if word == "mươi" else 99)
        elif word in ("nghìn", "triệu", "tỷ"):
            total += group * {"nghìn": 10**3, "triệu": 10**6, "tỷ": 10**9}[word]
            group = 0
    return total + group


@pytest.mark.parametrize("number", [-1, 10**12])
def test_a_number_out_of_range_has_no_words(number: int) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        in_words(number)


def test_money_and_measures_have_dots_between_thousands_and_a_decimal_comma() -> None:
    assert (money(15000), figures(Decimal("1234.5"))) == ("15.000 đồng", "1.234,5")
    assert (money(15000, "en"), figures(Decimal("1234.5"), "en")) == ("15,000 đồng", "1,234.5")


def test_dates_are_written_as_decree_30_orders() -> None:
    assert long_date(date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert long_date(date(2026, 10, 5)) == "ngày 05 tháng 10 năm 2026"
    assert long_date(date(2026, 7, 13)) == "ngày 13 tháng 7 năm 2026"


def test_april_is_spelled_with_its_own_word() -> None:
    assert date_in_words(date(2026, 4, 15)) == "Ngày mười lăm tháng tư năm hai nghìn không trăm hai mươi sáu"


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_two_days_in_a_row_are_never_spelled_alike(day: date) -> None:
    assert date_in_words(day) != date_in_words(day + timedelta(days=1))


@pytest.mark.parametrize(
    "text",
    [
        "Ngày mùng năm tháng bốn năm hai nghìn không trăm linh năm",
        "ngày mồng năm, tháng tư, năm hai ngàn không trăm lẻ năm.",
        "NGÀY NĂM THÁNG TƯ NĂM HAI NGHÌN LINH NĂM",
    ],
)
def test_a_date_may_be_spelled_in_ones_own_way(text: str) -> None:
    assert spells(text, date(2005, 4, 5))
    assert not spells(text, date(2005, 4, 6))


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_spelled_date_is_read_as_no_other_day(day: date, other: date) -> None:
    assert spells(date_in_words(day), day)
    assert spells(date_in_words(day), other) is (day == other)
    assert not spells(date_in_words(day), day + timedelta(days=1))


def test_a_permit_states_density_and_floor_area_ratio() -> None:
    values = {line.label: line.value for group in sample_papers.PERMIT.groups for line in group.lines}
    assert values["Mật độ xây dựng"] == "30,85 %"
    assert values["Hệ số sử dụng đất"] == "0,68 lần"
    assert values["Chỉ giới đường đỏ, chỉ giới xây dựng"] == results.UNSTATED


def test_a_birth_certificate_writes_the_name_in_capitals_and_the_date_in_words() -> None:
    values = {line.label: line.value for line in sample_papers.BIRTH_CERTIFICATE.groups[0].lines}
    assert values["Họ, chữ đệm, tên"] == "LỰ HOÀNG BẢO NGỌC"
    assert values["Ghi bằng chữ"] == "Ngày hai mươi tư tháng sáu năm hai nghìn không trăm hai mươi sáu"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Ngày mùng một tháng bảy năm hai nghìn không trăm hai mươi sáu", None),
        (
            "Ngày mùng hai tháng tư năm hai nghìn không trăm hai mươi lăm",
            "Ngày một tháng bảy năm hai nghìn không trăm hai mươi sáu",
        ),
    ],
    ids=["the same day", "another day"],
)
def test_a_birth_certificate_never_spells_another_day_than_it_writes(typed: str, printed: str | None) -> None:
    groups = results.birth_certificate(
        child="Nguyễn Hoàng An", born=date(2026, 7, 1), born_in_words=typed, sex="Nam", ethnicity="Tày",
        nationality="Việt Nam", birthplace="", home="", personal_number=None, mother=None, father=None,
        declarant="Hoàng Thị Mai", declarant_paper=None, registered_at="", registered_on=date(2026, 7, 3),
    )  # fmt: skip
    values = {line.label: line.value for line in groups[0].lines}
    assert values["Ghi bằng chữ"] == (printed or typed)


def test_an_unknown_father_leaves_his_lines_empty() -> None:
    assert {line.value for line in sample_papers.BIRTH_CERTIFICATE.groups[2].lines} == {""}
