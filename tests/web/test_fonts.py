import re
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from portal.web import fonts
from tests.web.look import ROOT, look_app

MARKS = "\u0300\u0301\u0303\u0309\u0323"
VIETNAMESE = {
    unicodedata.normalize("NFC", letter + mark)
    for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for letter in [vowel]
    for mark in ["", *MARKS]
} | {"đ", "Đ"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fonts")


@pytest.mark.parametrize("name", fonts.FONTS)
def test_the_cut_font_has_every_vietnamese_letter_composed_and_combining(folder: Path, name: str) -> None:
    letters = set(TTFont(fonts.cut(folder, name)).getBestCmap())
    assert len(VIETNAMESE) == 2 * 12 * 6 + 2
    assert {letter for letter in VIETNAMESE if len(letter) != 1} == set()
    assert {ord(letter) for letter in VIETNAMESE} <= letters
    assert {ord(mark) for letter in VIETNAMESE for mark in unicodedata.normalize("NFD", letter)} <= letters


@pytest.mark.parametrize("name", fonts.FONTS)
def test_digits_can_stand_in_columns(folder: Path, name: str) -> None:
    font = TTFont(fonts.cut(folder, name))
    table = font["GSUB"].table
    (feature,) = (record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "tnum")
    (lookup,) = (table.LookupList.Lookup[index] for index in feature.LookupListIndex)
    twins = lookup.SubTable[0].mapping
    assert set(twins) == {font.getBestCmap()[ord(digit)] for digit in "0123456789"}
    assert len({font["hmtx"][twin][0] for twin in twins.values()}) == 1


def test_both_fonts_together_weigh_under_32_kb(folder: Path) -> None:
    assert sum(fonts.cut(folder, name).stat().st_size for name in fonts.FONTS) < 32_000


def test_the_style_sheet_asks_for_exactly_the_fonts_that_are_served() -> None:
    sheet = (ROOT / "static/css/portal.css").read_text(encoding="utf-8")
    assert set(re.findall(r"fonts/([\w.-]+\.woff2)", sheet)) == set(fonts.FONTS)


def test_fonts_are_kept_for_a_year_and_nothing_else_is_served(folder: Path) -> None:
    client = look_app(folder).test_client()
    for name in fonts.FONTS:
        answer = client.get(f"/fonts/{name}")
        assert answer.mimetype == "font/woff2"
        assert answer.cache_control.max_age == 365 * 24 * 3600
    assert client.get("/fonts/secret-key").status_code == 404
