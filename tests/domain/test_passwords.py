"""What is refused as a password, and why."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.passwords import LONGEST, SHORTEST, fault, normal

ABOUT = ["Lý Thị Mỷ", "0912345678", "010188123456", "my.ly.pr@example.vn", "09021988"]


@pytest.mark.parametrize("password", ["", "ngắn", "123456789", "đủ 9 chữ!"])
def test_a_short_password_is_refused(password: str) -> None:
    assert fault(password) == "too_short"


def test_a_password_has_an_end() -> None:
    assert fault("ab cd ef gh " * 17) == "too_long"
    assert LONGEST == 200


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0987654321", "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghij", "qwertyuiop", "Password123",
        "P@ssw0rd2024", "MatKhau@2026", "mật khẩu 123", "iloveyou2025", "anhyeuem1990", "MotCua!2026",
        "baoyenlaocai", "01011990020219", "adminadmin", "dichvucong1", "12345abcde",
    ],
)  # fmt: skip
def test_what_many_people_choose_is_refused(password: str) -> None:
    assert fault(password, ABOUT) == "too_common"


@pytest.mark.parametrize(
    "password", ["Lý Thị Mỷ 1988", "LyThiMy123", "x0912345678", "010188123456", "my.ly.pr26!!", "09021988!!"]
)
def test_what_others_know_of_the_person_is_refused(password: str) -> None:
    assert fault(password, ABOUT) == "about_you"


@pytest.mark.parametrize(
    "password", ["dưa hấu trên nương", "correct horse battery", "tv9#Kq2!xLm4", "Lúa chín vàng 26"]
)
def test_a_good_password_is_taken(password: str) -> None:
    assert fault(password, ABOUT) is None


@given(st.text(min_size=SHORTEST, max_size=60))
def test_a_password_is_the_same_however_its_letters_were_typed(password: str) -> None:
    assert normal(unicodedata.normalize("NFD", password)) == normal(unicodedata.normalize("NFC", password))


@given(st.text(max_size=250), st.lists(st.text(max_size=30), max_size=4))
def test_every_text_is_either_refused_for_a_reason_or_taken(password: str, about: list[str]) -> None:
    assert fault(password, about) in (None, "too_short", "too_long", "too_common", "about_you")
