"""What people type finds first what they mean: without marks, begun, misspelt, run together, in their own words."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.catalogue import load_catalogue
from procedures.expressions import fold
from procedures.search import Index, Sought

TODAY = date(2026, 11, 24)
#: What is typed, and the procedure that must come first.
TYPED = [
    ("khai sinh", "1.001193"),
    ("khai sịnh", "1.001193"),
    ("giay khai sinh", "1.001193"),
    ("sinh con", "1.001193"),
    ("khaisinh", "1.001193"),
    ("khai sihn", "1.001193"),
    ("KHAI SINH", "1.001193"),
    ("đăng ký lại khai sinh", "1.004884"),
    ("mất giấy khai sinh", "1.004884"),
    ("lam lai giay khai sinh", "1.004884"),
    ("kết hôn", "1.000894"),
    ("ket hon", "1.000894"),
    ("giấy hôn thú", "1.000894"),
    ("cưới", "1.000894"),
    ("khai tử", "1.000656"),
    ("chứng tử", "1.000656"),
    ("báo tử", "1.000656"),
    ("người chết", "1.000656"),
    ("xác nhận độc thân", "1.004873"),
    ("giay doc than", "1.004873"),
    ("tình trạng hôn nhân", "1.004873"),
    ("giám hộ", "1.004837"),
    ("chấm dứt giám hộ", "1.004845"),
    ("cải chính hộ tịch", "1.004859"),
    ("đổi tên", "1.004859"),
    ("xác định lại dân tộc", "1.004859"),
    ("nhận cha mẹ con", "1.001022"),
    ("nhan con", "1.001022"),
    ("trích lục", "2.000635"),
    ("bản sao giấy khai sinh", "2.000635"),
    ("thẻ bảo hiểm y tế trẻ em", "2.000986"),
    ("khai sinh thường trú bảo hiểm y tế", "2.000986"),
    ("mai táng phí", "2.001023"),
    ("sổ đỏ", "1.115668"),
    ("làm sổ đỏ", "1.115689"),
    ("so do lan dau", "1.115689"),
    ("mất sổ đỏ", "1.115663"),
    ("mat so do", "1.115663"),
    ("đổi sổ đỏ", "1.115661"),
    ("sang tên", "1.115668"),
    ("sang ten so do", "1.115668"),
    ("chuyển nhượng", "1.115668"),
    ("mua ban dat", "1.115668"),
    ("tặng cho", "1.115668"),
    ("thừa kế đất", "1.115668"),
    ("tách thửa", "1.115662"),
    ("tach so do", "1.115662"),
    ("hợp thửa", "1.115662"),
    ("chuyển mục đích sử dụng đất", "1.115679"),
    ("lên thổ cư", "1.115679"),
    ("thế chấp", "1.011441"),
    ("xóa thế chấp", "1.011443"),
    ("hiến đất làm đường", "1.115690"),
    ("đính chính giấy chứng nhận", "1.115664"),
    ("giấy phép xây dựng", "1.013225"),
    ("giấy phép xây nhà", "1.013225"),
    ("xây nhà", "1.013225"),
    ("xay nha", "1.013225"),
    ("giay phep say dung", "1.013225"),
    ("sửa nhà", "1.013229"),
    ("gia hạn giấy phép xây dựng", "1.013227"),
    ("điều chỉnh giấy phép xây dựng", "1.013226"),
    ("cấp lại giấy phép xây dựng", "1.013228"),
    ("di dời công trình", "1.013232"),
    ("giấy phép xây dựng có thời hạn", "1.009122"),
    ("hộ khẩu", "1.004222"),
    ("ho khau", "1.004222"),
    ("nhập khẩu", "1.004222"),
    ("thường trú", "1.004222"),
    ("tách hộ", "1.010038"),
    ("tach khau", "1.010038"),
    ("xóa đăng ký thường trú", "1.003197"),
    ("cắt khẩu", "1.003197"),
    ("tạm trú", "1.004194"),
    ("tam tru", "1.004194"),
    ("gia hạn tạm trú", "1.002755"),
    ("tạm vắng", "1.003677"),
    ("lưu trú", "2.001159"),
    ("khách ngủ lại", "2.001159"),
    ("xác nhận cư trú", "1.010041"),
    ("CT07", "1.010041"),
    ("house permit", "1.013225"),
    ("birth", "1.001193"),
    ("marriage", "1.000894"),
    ("land transfer", "1.115668"),
    ("1.010038", "1.010038"),
    ("household split", "1.010038"),
]


def found(words: str) -> list[str]:
    return [procedure.code for procedure in load_catalogue().search(words, TODAY)]


@pytest.mark.parametrize(("typed", "code"), TYPED)
def test_what_is_typed_finds_first_what_is_meant(typed: str, code: str) -> None:
    assert found(typed)[0] == code


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len({typed for typed, _code in TYPED}) >= 60


@pytest.mark.parametrize("typed", sorted({typed for typed, _code in TYPED if not typed.isascii()}))
def test_both_unicode_forms_find_the_same(typed: str) -> None:
    assert found(unicodedata.normalize("NFD", typed)) == found(unicodedata.normalize("NFC", typed))


@pytest.mark.parametrize(
    ("old", "new"), [("hoà giải", "hòa giải"), ("xoá thế chấp", "xóa thế chấp"), ("uỷ ban", "ủy ban")]
)
def test_both_habits_of_placing_a_tone_find_the_same(old: str, new: str) -> None:
    assert found(old) == found(new)


@pytest.mark.parametrize(("typed", "code"), [pair for pair in TYPED if fold(pair[0]) != pair[0].lower()])
def test_what_is_found_with_marks_is_among_the_first_without(typed: str, code: str) -> None:
    assert code in found(fold(typed))[:3]


def test_nothing_typed_finds_everything_and_nonsense_nothing() -> None:
    assert len(found("  ")) == len(load_catalogue().all_in_force(TODAY))
    assert found("qwxzj") == []
    assert found("!!! ???") == []


SMALL = Index(
    [
        Sought("do", (("name", "sổ đỏ"),)),
        Sought("độ", (("name", "mức độ"),)),
        Sought("đo", (("name", "đo đạc lại thửa đất"),)),
    ]
)


@pytest.mark.parametrize(
    ("typed", "first"), [("đỏ", "do"), ("độ", "độ"), ("đo", "đo"), ("do dac", "đo"), ("muc d", "độ")]
)
def test_marks_that_are_typed_count(typed: str, first: str) -> None:
    assert SMALL.search(typed)[0] == first


@given(st.text(max_size=60))
def test_anything_can_be_typed(text: str) -> None:
    assert len(set(SMALL.search(text))) == len(SMALL.search(text))
