"""The menus of every page, by who is looking; built only from pages this portal has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from portal.domain import words
from portal.domain.access import may
from portal.usecases import law
from portal.web.access import right_of, visitor
from portal.web.language import language


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. `within` are further endpoints that count as being there."""

    endpoint: str
    label: Any
    within: tuple[str, ...] = ()
    method: str = "get"


MAIN: Final = (
    Entry("public.home", _l("Thủ tục"), ("public.sector", "public.procedure", "public.search")),
    Entry("public.track", _l("Tra cứu hồ sơ"), ("public.track_dossier",)),
    Entry("citizen.dossiers", _l("Hồ sơ của tôi"), ("citizen.dossier", "citizen.section", "citizen.review")),
    Entry("desk.queue", _l("Hồ sơ chờ xử lý"), ("desk.dossier",)),
    Entry("desk.counter", _l("Nhập hồ sơ tại quầy")),
    Entry("management.statistics", _l("Thống kê")),
    Entry("admin.outbox", _l("Hộp thư đi")),
    Entry("admin.accounts", _l("Tài khoản")),
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


def register(app: Flask) -> None:
    """Give templates `navigation`, `account_menu`, `account_note` and `footer_links`."""
    app.context_processor(_for_templates)


def _for_templates() -> dict[str, Any]:
    signed_in = current_user.is_authenticated
    return {
        "navigation": _menu(MAIN),
        "account_menu": _menu(SIGNED_IN if signed_in else NOBODY),
        "account_note": _note() if signed_in else "",
        "footer_links": _menu(MAIN[:2]),
    }


def _menu(entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    """The entries that exist here and that the visitor may open."""
    who, views = visitor(), current_app.view_functions
    marks = {entry: right_of(views[entry.endpoint]) for entry in entries if entry.endpoint in views}
    return [
        {
            "endpoint_url": url_for(entry.endpoint),
            "label": entry.label,
            "current": request.endpoint in (entry.endpoint, *entry.within),
            "method": entry.method,
        }
        for entry, right in marks.items()
        if right is not None and may(who, right)
    ]


def _note() -> str:
    """The role and unit of whoever is signed in."""
    account, said = current_user.account, words.ROLES[current_user.role].say(language())
    return f"{said}, {law.unit(account.unit).name.say(language())}" if account.unit else said
