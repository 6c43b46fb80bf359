"""The menus of every page, by who is looking; built only from pages this portal has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.domain import words
from portal.domain.access import Actor, Role, may
from portal.usecases import law
from portal.web.access import right_of, visitor
from portal.web.language import language


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. `within` are further endpoints that count as being there; `accesskey` goes there at once."""

    endpoint: str
    label: Any
    within: tuple[str, ...] = ()
    method: str = "get"
    accesskey: str = ""


MAIN: Final = (
    Entry("public.home", lazy_pgettext("nhiều", "Thủ tục"), ("public.sector", "public.procedure", "public.search")),
    Entry("public.track", _l("Tra cứu hồ sơ"), ("public.track_dossier",)),
    Entry("citizen.dossiers", _l("Hồ sơ của tôi"), ("citizen.dossier", "answering.answer")),
    Entry("helpers.overview", _l("Nộp hộ"), ("helpers.ask", "helpers.agree")),
    Entry("queues.queue", _l("Hồ sơ chờ xử lý"), ("desk.dossier", "answering.answer", "lookup.lookup")),
    Entry("reminders.reminders", _l("Nhắc việc")),
    Entry(
        "assignment.overview",
        _l("Phân công"),
        ("sharing.choose", "sharing.plan", "sharing.result", "sharing.profile"),
    ),
    Entry("phrases.shelf", _l("Mẫu câu")),
    Entry("assignment.stand_ins", _l("Thay mặt")),
    Entry("counter.start", _l("Nhập hồ sơ tại quầy"), ("counter.entry", "counter.save"), accesskey="q"),
    Entry("hand_overs.day", _l("Bàn giao hồ sơ")),
    Entry("registers.registers", _l("Sổ theo dõi hồ sơ"), ("registers.book",)),
    Entry("management.statistics", _l("Thống kê")),
    Entry("admin.outbox", _l("Hộp thư đi")),
    Entry(
        "calendars.years",
        _l("Dữ liệu cơ quan"),
        (
            *("calendars.year", "units.units", "units.unit", "units.new", "wordings.wordings", "wordings.wording"),
            *("admin.accounts", "admin.new_account", "staff.account", "office.log"),
        ),
    ),
    Entry(
        "authoring.shelf",
        _l("Soạn thủ tục"),
        (
            *("authoring.version", "authoring.take_in", "authoring.draft", "authoring.comparison", "authoring.log"),
            *("authoring.publication", "authoring.publish", "editing.part", "editing.save", "editing.raw"),
            *(
                "editing.save_raw",
                "editing.save_shares",
                "trials.citizen",
                "trials.begin",
                "trials.page",
                "trials.fill",
            ),
            *("trials.desk", "trials.examples", "trials.simulation"),
        ),
    ),
)
FOOTER: Final = (
    *MAIN[:2],
    Entry("public.units", lazy_pgettext("nhiều", "Bộ phận một cửa")),
    Entry("verification.ask", _l("Xác minh giấy"), ("verification.paper",)),
)
SIGNED_IN: Final = (
    Entry("account.profile", _l("Thông tin tài khoản"), ("account.contact", "account.confirm_contact")),
    Entry("account.password", _l("Đổi mật khẩu")),
    Entry("account.sign_out", _l("Đăng xuất"), method="post"),
)
NOBODY: Final = (
    Entry("account.sign_up", _l("Đăng ký")),
    Entry("account.sign_in", _l("Đăng nhập")),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu as a page shows it; one with the method 'post' is a form."""

    endpoint_url: str
    label: str
    current: bool
    method: str
    accesskey: str


Menu = tuple[Item, ...]


def register(app: Flask) -> None:
    """Give templates `navigation`, `account_menu`, `account_note` and `footer_links`."""
    # Nothing in a menu is about one person: those of a role are made once for each page and language.
    menus = lru_cache(maxsize=4096)(_menus)

    @app.context_processor
    def for_templates() -> dict[str, Any]:
        who = visitor()
        made = menus(who.role if who else None, language(), request.endpoint, request.script_root)
        return {**made, "account_note": _note(who) if who else ""}


def _menus(role: Role | None, _language: str, endpoint: str | None, _root: str) -> dict[str, Menu]:
    return {
        "navigation": _menu(MAIN, role, endpoint),
        "account_menu": _menu(SIGNED_IN if role else NOBODY, role, endpoint),
        "footer_links": _menu(FOOTER, role, endpoint),
    }


def _menu(entries: tuple[Entry, ...], role: Role | None, endpoint: str | None) -> Menu:
    """The entries that exist here and that somebody of this role may open."""
    who, views = Actor(None, role) if role else None, current_app.view_functions
    marks = [(entry, right_of(views[entry.endpoint])) for entry in entries if entry.endpoint in views]
    return tuple(
        Item(
            url_for(entry.endpoint),
            str(entry.label),
            endpoint in (entry.endpoint, *entry.within),
            entry.method,
            entry.accesskey,
        )
        for entry, right in marks
        if right is not None and may(who, right)
    )


def _note(who: Actor) -> str:
    """The role and unit of whoever is signed in."""
    said = words.ROLES[who.role].say(language())
    return f"{said}, {law.unit(who.unit).name.say(language())}" if who.unit else said
