"""What people read when something is refused or fails: what happened, what is safe, what can be done next."""

from __future__ import annotations

from typing import Any, Final

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadHost, HTTPException

from portal.domain import words
from portal.domain.errors import NotPossibleNow, PortalError, Stale
from portal.domain.flow import Action, Status
from portal.web import resending
from portal.web.access import came_from, look_away, wants_json
from portal.web.language import language

log = structlog.get_logger(__name__)

#: The refusals that have a page of their own; others use the page of their hundred.
PAGES: Final = frozenset({400, 403, 404, 409, 413, 429, 500, 503})

#: Why somebody may not sign; also said on the dossier's page.
ALONE: Final = _l(
    "Bạn đã một mình tiếp nhận và thẩm tra hồ sơ này, kể cả khi thay mặt hoặc được thay mặt, nên người khác phải ký."
)


def register(app: Flask) -> None:
    """Answer every error with a page, or with JSON where a script asked."""
    app.register_error_handler(PortalError, _refused)
    app.register_error_handler(CSRFError, _not_ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def _refused(error: PortalError) -> ResponseReturnValue:
    if error.status >= 500:
        log.error("failed", exc_info=error)
    fields = getattr(error, "fields", {})
    details = {"possible": list(error.details["possible"])} if "possible" in error.details else {}
    return _answer(error.status, error.code, {"fields": dict(fields)} | details, **_explained(error))


def _explained(error: PortalError) -> dict[str, Any]:
    """What the page says beyond its standing words, where the error knows more."""
    if isinstance(error, NotPossibleNow):
        return {"message": _what_is_possible(error), "possible": _way_back()}
    if isinstance(error, Stale):
        said = _(
            "Có người vừa xử lý hồ sơ này sau khi bạn mở trang, nên việc của bạn chưa được ghi. Không có gì bị mất."
        )
        return {"message": said, "possible": _way_back()}
    if error.code == "alone":
        return {"message": ALONE, "possible": _way_back()}
    return {}


def _what_is_possible(error: NotPossibleNow) -> str:
    status = error.details.get("status_now")
    actions = [words.ACTIONS[Action(name)].say(language()) for name in error.details["possible"]]
    now = (
        _("Hồ sơ đang ở trạng thái “%(status)s”.", status=words.STATUSES[Status(status)].say(language()))
        if status
        else ""
    )
    can = (
        _("Lúc này có thể: %(actions)s.", actions=", ".join(actions))
        if actions
        else _("Lúc này không còn việc nào làm được.")
    )
    return f"{now} {can}".strip()


def _way_back() -> list[dict[str, str]]:
    """The page the person came from, opened anew."""
    back = came_from()
    return [{"url": back, "label": _("Xem tình trạng mới")}] if back else []


def _not_ours(error: CSRFError) -> ResponseReturnValue:
    log.info("form_without_token", endpoint=request.endpoint)
    if typed := resending.kept():
        return resending.page(typed), 400
    return _answer(400, "form_expired", {})


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, BadHost):  # no page can be drawn: its links would lead to that host
        return Response(_("Yêu cầu không hợp lệ"), 400, mimetype="text/plain")
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    name = error.name.lower().replace(" ", "_")
    response = _answer(error.code, name, {})
    for header, value in error.get_headers():
        if header not in ("Content-Type", "Content-Length"):
            response.headers[header] = value
    return response


def _failed(error: Exception) -> ResponseReturnValue:
    log.error("failed", exc_info=error)
    look_away()
    return _answer(500, "error", {})


def _answer(status: int, code: str, for_scripts: dict[str, Any], **context: Any) -> Response:
    if wants_json():
        response = jsonify({"error": code, **{name: value for name, value in for_scripts.items() if value}})
    else:
        page = status if status in PAGES else 500 if status >= 500 else 404 if status in (405, 410) else 400
        response = make_response(render_template(f"errors/{page}.html", **context))
        response.headers["X-Request-Id"] = g.get("request_number", "")
    response.status_code = status
    return response
