"""Whatever stands in an address or a form: every page answers with the right page, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.domain.access import RIGHTS, Right, Role
from portal.settings import Settings
from portal.web.access import right_of
from portal.web.limits import limiter
from tests.web.hostile import ODD, ROLES, FoundForm, Town, ask, crawl, endpoint, fault, forms_of, query, settle

#: Names that pages read from the end of their address.
ASKED = (
    "q", "so", "unit", "lang", "next", "truoc", "sau", "before", "after", "xem", "thu_tuc", "tinh_trang", "kenh", "han",
    "tu", "den", "ky", "don_vi", "luot", "giai_doan", "buoc", "viec", "nop", "goc", "v", "ho_so", "ngay",
    "trang", "xoay", "phong",
)  # fmt: skip


@pytest.fixture
def town(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(limiter, "enabled", False)
    return settle(app, settings)


def routes(app: Flask) -> Iterator[tuple[Rule, str, Right]]:
    """Every rule, each of its methods, and its mark."""
    for rule in app.url_map.iter_rules():
        right = right_of(app.view_functions[rule.endpoint])
        assert right is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, right


def visitors(right: Right) -> Iterator[Role | None]:
    """Whom the door lets in, one after the other, over and over; nobody too where it is open to nobody."""
    allowed = RIGHTS[right]
    return cycle([None, *ROLES] if allowed is None else [role for role in ROLES if role in allowed])


def test_no_address_breaks_a_page_whoever_asks(town: Town) -> None:
    browsers = {role: town.browser(role) for role in (None, *ROLES)}
    wrong = []
    for rule, method, right in routes(town.app):
        turns = visitors(right)
        for name in rule.arguments:
            for probe, value in ODD.items():
                path = town.path(rule, **{name: value})
                for role in (None, next(turns)):
                    if said := fault(ask(browsers[role], path, method=method)):
                        wrong.append((said, role, method, rule.rule, name, probe))
    assert wrong == []


@pytest.mark.timeout(900)
def test_nothing_at_the_end_of_an_address_breaks_a_page(town: Town) -> None:
    browsers = {role: town.browser(role) for role in (None, *ROLES)}
    wrong = []
    for rule, method, right in routes(town.app):
        if method != "GET":
            continue
        turns = visitors(right)
        for probe, value in ODD.items():
            role, end = next(turns), query(**dict.fromkeys(ASKED, value))
            if said := fault(ask(browsers[role], town.path(rule), end)):
                wrong.append((said, role, rule.rule, probe))
    assert wrong == []


@pytest.mark.timeout(900)  # every form there is, with every odd value, takes minutes
def test_nothing_that_is_typed_into_any_form_breaks_a_page(town: Town) -> None:
    wrong = []
    for number, (role, form) in enumerate(forms_in(town)):
        client = town.browser(role)
        sent = [
            form.filled(value.decode("utf-8", "replace"), everything=bool(turn % 2))
            for turn, value in enumerate(ODD.values(), number)
        ]
        twice = {name: values * 2 for name, values in form.fields.items() if name != "csrf_token"}
        for probe, data in zip((*ODD, "nothing", "all of it twice"), (*sent, {}, twice), strict=True):
            if said := fault(client.post(form.action, data=data)):
                wrong.append((said, role, form.action, probe))
    assert wrong == []


def forms_in(town: Town) -> list[tuple[Role | None, FoundForm]]:
    """Every kind of form that anybody can come to, with somebody who can; those that end something come last."""
    found: dict[tuple[str, ...], tuple[Role | None, FoundForm]] = {}
    for role in (None, *ROLES):
        for address, page in crawl(town.browser(role), town.starts(role), most=8):
            for form in forms_of(page, address) if page.mimetype == "text/html" else ():
                view = endpoint(town.app, form.action, "POST")
                fields = () if view in SAME_FORM else sorted(form.fields)
                found.setdefault((view, *fields), (role, form))
    taken = {key[0] for key in found}
    assert taken >= {rule.endpoint for rule, method, _ in routes(town.app) if method == "POST"} - NOT_ON_THESE_PAGES
    return [found[key] for key in sorted(found, key=lambda key: key[0] in ENDING) if key[0] != "account.sign_out"]


#: One editor serves every part of a version, one trial every page of a form, one checklist the papers of every dossier:
#: the first page stands for all.
SAME_FORM = {"editing.save", "trials.fill", "checklists.keep"}
#: Forms behind a message that was sent, a calendar that was changed or a year that is over, and what a script sends.
NOT_ON_THESE_PAGES = {
    "account.confirm", "account.confirm_by_link", "account.confirm_contact", "account.reset", "account.send_again",
    "filling.autosave", "counter.autosave", "calendars.order_moves", "registers.lock",
}  # fmt: skip
ENDING = {"filling.discard", "filling.submit", "authoring.discard", "helpers.end", "helpers.end_by_link"}
