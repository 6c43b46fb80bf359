"""Which language a page speaks, and how one changes it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import Role
from tests.people import account_of, signed_in


@pytest.fixture
def database_kind() -> str:
    """The language does not depend on the database."""
    return "sqlite"


def spoken(page: str) -> str:
    found = re.search(r'<html lang="(\w+)">', page)
    assert found is not None
    return found[1]


def other(page: str) -> str:
    """Where the link to the other language leads."""
    found = re.search(r'class="tool" href="([^"]+)" lang="(\w+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_vietnamese_is_spoken_unless_something_else_was_chosen(client: FlaskClient) -> None:
    assert spoken(client.get("/dang-nhap", headers={"Accept-Language": "en"}).text) == "vi"
    assert spoken(client.get("/dang-nhap?lang=fr").text) == "vi"


def test_a_choice_is_remembered_until_the_next_one(client: FlaskClient) -> None:
    page = client.get("/dang-nhap?next=/tai-khoan").text
    english = client.get(other(page))
    assert spoken(english.text) == "en"
    assert "next=/tai-khoan" in other(english.text)
    assert spoken(client.get("/quen-mat-khau").text) == "en"
    assert spoken(client.get("/dang-nhap?lang=vi").text) == "vi"
    assert spoken(client.get("/quen-mat-khau").text) == "vi"


def test_an_account_speaks_its_language_and_this_browser_may_choose_otherwise(app: Flask) -> None:
    client = signed_in(app, account_of(Role.CITIZEN, language="en"))
    assert spoken(client.get("/tai-khoan").text) == "en"
    assert spoken(client.get("/tai-khoan?lang=vi").text) == "vi"
    assert spoken(client.get("/tai-khoan").text) == "vi"


def test_a_page_that_only_takes_forms_leads_to_the_home_page_in_the_other_language(app: Flask) -> None:
    client = app.test_client()
    page = client.post("/tai-khoan/gui-lai-ma", csrf=False).text  # type: ignore[call-arg]
    assert other(page) == "/?lang=en"


def test_the_link_keeps_what_the_address_says(client: FlaskClient) -> None:
    page = client.get("/dang-nhap?next=/a&next=/b&lang=en").text
    assert other(page).startswith("/dang-nhap?")
    assert other(page).count("lang=") == 1
    assert "lang=vi" in other(page)


def test_a_script_in_the_address_stays_text(client: FlaskClient) -> None:
    page = client.get('/dang-nhap?x="><script>alert(1)</script>&lang="><b>').text
    assert "<script>alert" not in page
    assert "><b>" not in page
