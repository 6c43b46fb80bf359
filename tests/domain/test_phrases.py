"""Templates for words: fields are filled in, unknown ones are named, and what was typed stays before them."""

from __future__ import annotations

from portal.domain.phrases import BLANK, filled, joined, unknown


def test_fields_are_filled_in_and_what_a_dossier_does_not_have_is_a_blank() -> None:
    words = "Kính gửi {ten_nguoi_nop}, hồ sơ {ma_ho_so} hẹn ngày {ngay_hen}."
    values = {"ten_nguoi_nop": "Hoàng Thị Mai", "ma_ho_so": "{ngay_hen}", "ngay_hen": ""}
    assert filled(words, values) == f"Kính gửi Hoàng Thị Mai, hồ sơ {{ngay_hen}} hẹn ngày {BLANK}."


def test_a_field_that_nothing_fills_in_is_named() -> None:
    assert unknown("{ma_ho_so} {so_cmnd} {}") == ["so_cmnd", ""]


def test_what_was_typed_stays_before_the_template() -> None:
    assert joined("Trang 3 mờ. ", "Xin nộp lại.") == "Trang 3 mờ.\nXin nộp lại."
    assert joined("", "Xin nộp lại.") == "Xin nộp lại."
