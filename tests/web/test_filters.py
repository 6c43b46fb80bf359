from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from portal.domain.flow import Status
from portal.web import filters
from tests.web.look import draw, look_app

INSTANT = datetime(2026, 2, 8, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "value", "vietnamese", "english"),
    [
        ("date", date(2026, 2, 9), "09/02/2026", "09/02/2026"),
        ("date", INSTANT, "09/02/2026", "09/02/2026"),
        ("date", None, "–", "–"),
        ("clock", INSTANT, "01:05", "01:05"),
        ("moment", INSTANT, "01:05, 09/02/2026", "01:05, 09/02/2026"),
        ("number", 1234567, "1.234.567", "1,234,567"),
        ("number", Decimal("152.5"), "152,5", "152.5"),
        ("percent", Decimal("97.5"), "97,50%", "97.50%"),
        ("percent", None, "–", "–"),
        ("money", 15000, "15.000 đồng", "15,000 đồng"),
        ("money", 0, "0 đồng", "0 đồng"),
        ("file_size", 812, "812 B", "812 B"),
        ("file_size", 204_311, "204 kB", "204 kB"),
        ("file_size", 1_834_021, "1,8 MB", "1.8 MB"),
    ],
)
def test_values_are_written_as_the_page_s_language_writes_them(
    tmp_path: Path, source: str, value: object, vietnamese: str, english: str
) -> None:
    app = look_app(tmp_path)
    template = "{{ value|" + source + " }}"
    assert draw(app, template, value=value) == vietnamese
    assert draw(app, template, lang="en", value=value) == english


def test_a_fee_that_is_not_known_is_not_free(tmp_path: Path) -> None:
    assert draw(look_app(tmp_path), "{{ none|money }}") == "chưa cấu hình"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ((3, 2, 40), "3 ngày 2 giờ"),
        ((1, 0, 0), "1 ngày"),
        ((0, 5, 20), "5 giờ 20 phút"),
        ((0, 0, 9), "9 phút"),
        ((0, 0, 0), "0 phút"),
    ],
)
def test_working_time_is_said_in_two_units_at_most(tmp_path: Path, left: tuple[int, int, int], words: str) -> None:
    with look_app(tmp_path).test_request_context():
        assert filters.working_time(*left) == words


def test_every_status_has_its_word_and_a_shape_of_its_own() -> None:
    looks = [filters.LOOKS[status] for status in Status]
    assert len({look.shape for look in looks}) == len(Status)
