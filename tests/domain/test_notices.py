"""The wording of messages: complete, in both languages, and with nothing personal beyond name and code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.notices import PLACES, WORDINGS, NoticeKind, letter, places, short

VALUES = {place: f"<{place}>" for place in PLACES}


def test_every_kind_has_its_wording() -> None:
    assert set(WORDINGS) == set(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_message_names_the_same_in_both_languages_and_nothing_else(kind: NoticeKind) -> None:
    wording = WORDINGS[kind]
    for text in (wording.subject, wording.text):
        assert places(text.vi) == places(text.en)
        assert places(text.vi) <= PLACES - {"name", "link"}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_message_is_whole_in_either_form(kind: NoticeKind, language: str) -> None:
    long, brief = letter(kind, language, VALUES), short(kind, language, VALUES)
    assert long.subject == brief.subject
    assert "\n" not in long.subject
    for said in (long.subject, long.body, brief.body):
        assert "{" not in said
    assert "<name>" in long.body
    assert "<name>" not in brief.body
    assert long.body.count("<link>") == brief.body.count("<link>") == 1
    assert "\n" not in brief.body


def test_a_message_to_somebody_unknown_calls_nobody_by_name_and_leads_nowhere() -> None:
    said = letter(NoticeKind.ACCOUNT_EXISTS, "vi", {})
    assert said.body.startswith("Kính gửi ông/bà,\n\nCó người vừa đăng ký bằng liên hệ này")
    assert "Xem tại" not in said.body


def test_a_message_that_lacks_a_value_is_never_made() -> None:
    with pytest.raises(KeyError):
        letter(NoticeKind.RECEIVED, "vi", {"name": "A"})


@given(st.text(alphabet="{}name code%s", max_size=20))
def test_a_value_that_looks_like_a_place_stays_as_it_is(name: str) -> None:
    said = letter(NoticeKind.PASSWORD_CHANGED, "vi", {"name": name})
    assert name in said.body or not name


def test_a_received_dossier_is_told_its_code_and_due_date() -> None:
    said = short(NoticeKind.RECEIVED, "vi", {**VALUES, "code": "H38.1-260126-0007", "due": "09/02/2026"})
    assert "H38.1-260126-0007" in said.body
    assert "Ngày hẹn trả kết quả: 09/02/2026." in said.body
