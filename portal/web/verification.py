"""Pages for whoever is shown a paper: whether it is the portal's own, here or offline, and the keys to check with."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.access import Right
from portal.usecases import verification
from portal.usecases.verification import Standing
from portal.web import papers
from portal.web.access import opens
from portal.web.language import language
from portal.web.limits import LOOK_UP, limiter

blueprint = Blueprint("verification", __name__)

LONGEST: Final = 2000
#: Seconds for which keys may be kept: a new one signs at once, and whoever meets it asks again.
KEPT: Final = 300
#: Nothing but what stands in the page: it is saved, and opened where there is no network.
_ALONE: Final = "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"


@blueprint.get("/xac-minh")
@opens(Right.PUBLIC)
@limiter.limit(LOOK_UP)
def ask() -> ResponseReturnValue:
    """Ask for what the QR of a paper says, and go to its page."""
    typed = request.args.get("ma", "")[:LONGEST]
    if token := _token(typed):
        return redirect(url_for("verification.paper", token=token), 303)
    return _page(None)


@blueprint.get("/xac-minh/<token>")
@opens(Right.PUBLIC)
@limiter.limit(LOOK_UP)
def paper(token: str) -> ResponseReturnValue:
    """Whether a paper is the portal's own and still counts, for whoever scans its QR; nothing about whose it is."""
    verdict = verification.look_up(_token(token))
    found = verdict.standing not in (Standing.FORGED, Standing.UNKNOWN)
    return _page(verdict), 200 if found else 404


@blueprint.get("/verify")
@blueprint.get("/verify/<token>")
@opens(Right.PUBLIC)
def in_english(token: str = "") -> ResponseReturnValue:
    """The same under the name that people from elsewhere try."""
    return redirect(url_for("verification.paper", token=token) if token else url_for("verification.ask"), 308)


@blueprint.get("/xac-minh/ngoai-tuyen")
@opens(Right.PUBLIC)
def offline() -> Response:
    """A page to be saved that checks a token by itself: keys, style and script stand in it, and it asks for nothing."""
    style, script = _text("css/offline.css"), _text("js/offline.js")
    policy = _ALONE.format(script=_hash(script), style=_hash(style))
    keys = json.dumps(verification.jwks(), indent=1)
    titles = {kind.value: str(title) for kind, title in papers.TITLES.items()}
    page = render_template(
        "public/offline.html", style=style, script=script, policy=policy, keys=keys, titles=titles, page=_address()
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    if request.args.get("tai"):
        answer.headers["Content-Disposition"] = "attachment; filename=xac-minh-giay.html"
    return answer


@blueprint.get("/.well-known/jwks.json")
@opens(Right.PUBLIC)
def keys() -> Response:
    """The public keys, as a JSON Web Key Set."""
    return _kept(jsonify(verification.jwks()))


@blueprint.get("/xac-minh/chung-thu.pem")
@opens(Right.PUBLIC)
def anchors() -> Response:
    """The certificates that the seals of papers lead to."""
    pem = b"".join(each.public_bytes(Encoding.PEM) for each in verification.anchors())
    return _kept(Response(pem, mimetype="application/x-pem-file"))


def _page(verdict: verification.Verdict | None) -> Response:
    kind = papers.TITLES[verdict.claims.kind] if verdict and verdict.claims else ""
    answer = make_response(
        render_template("public/verify.html", verdict=verdict, kind=kind, Standing=Standing, language=language())
    )
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _token(typed: str) -> str:
    """What was typed, pasted or scanned as a token is written: the end of an address, without spaces, in capitals."""
    return "".join(typed.split()).rpartition("/")[2].upper()


def _address() -> str:
    return f"{current_app.config['PORTAL'].base_url}{url_for('verification.ask')}/"


def _kept(answer: Response) -> Response:
    answer.cache_control.public = True
    answer.cache_control.max_age = KEPT
    return answer


@cache
def _text(name: str) -> str:
    return (Path(current_app.static_folder or "static") / name).read_text(encoding="utf-8")


@cache
def _hash(text: str) -> str:
    """What a content policy calls a script or style that stands in the page."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
