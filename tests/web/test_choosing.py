"""A few plain questions, one on a page, lead to a procedure; each answer can be changed, and nothing is kept."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from portal.web.limits import limiter
from procedures.guides import load_guides
from procedures.model import Sector
from tests.procedures.test_guides import ways
from tests.procedures.test_search import TYPED

on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def links(page: str) -> list[str]:
    main = page[page.index("<main") : page.index("</main")]
    return [html.unescape(address) for address in re.findall(r'href="([^"]+)"', main)]


def test_the_first_page_and_each_sector_lead_to_the_questions(client: FlaskClient) -> None:
    assert "/chon-thu-tuc" in links(client.get("/tim").text)
    assert 'href="/chon-thu-tuc"' in client.get("/").text
    for sector in Sector:
        assert f"/chon-thu-tuc/{sector}" in links(client.get("/chon-thu-tuc").text)
        assert f"/chon-thu-tuc/{sector}" in links(client.get(f"/linh-vuc/{sector}").text)


@on_one_database
@pytest.mark.parametrize("sector", list(Sector))
def test_every_answer_is_a_link_and_every_way_ends_at_a_guide_or_at_advice(client: FlaskClient, sector: Sector) -> None:
    guide = load_guides()[sector]
    for way in ways(guide):
        address = f"/chon-thu-tuc/{sector}"
        for depth in range(len(way)):
            page = client.get(address)
            address = f"/chon-thu-tuc/{sector}/{'-'.join(map(str, way[: depth + 1]))}"
            assert address in links(page.text)
        page = client.get(address)
        assert page.status_code == 200
        end = guide.walk(way)[-1].answer
        if end.procedure:
            assert f"/thu-tuc/{end.procedure}" in links(page.text)
        else:
            assert end.advice
            assert end.advice.vi in html.unescape(page.text)


def test_each_given_answer_stands_there_and_can_be_changed(client: FlaskClient) -> None:
    page = client.get("/chon-thu-tuc/land/4-2").text
    assert "Có rồi, giấy còn" in page
    assert {"/chon-thu-tuc/land", "/chon-thu-tuc/land/4"} <= set(links(page))


@pytest.mark.parametrize("address", ["/xyz", "/land/99", "/land/0", "/land/a", "/land/1-1", "/land/-1", "/land/٣"])
def test_an_answer_that_there_is_not_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(f"/chon-thu-tuc{address}").status_code == 404


def test_the_sheet_of_a_procedure_says_what_to_bring_and_bears_a_code_that_leads_to_it(client: FlaskClient) -> None:
    page = html.unescape(client.get("/thu-tuc/1.001193/to-huong-dan").text)
    assert '<svg class="qr"' in page or "<svg" in page
    assert "Giấy chứng sinh" in page
    assert "/thu-tuc/1.001193" in page
    assert client.get("/thu-tuc/9.999999/to-huong-dan").status_code == 404
    assert "/thu-tuc/1.001193/to-huong-dan" in client.get("/thu-tuc/1.001193").text


def test_the_page_finds_the_same_first_on_either_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    for typed, code in TYPED:
        page = client.get("/tim", query_string={"q": typed}, headers={"X-Requested-With": "fetch"}).text
        first = re.search(r'href="/thu-tuc/([\d.]+)"', page)
        assert first
        assert first[1] == code, typed
