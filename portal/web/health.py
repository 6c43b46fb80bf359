"""What machines ask: whether the portal is well, and what they may index."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue

from portal.domain.access import Right
from portal.services.queue_server import answers
from portal.store import database
from portal.web.access import opens

blueprint = Blueprint("health", __name__)

ROBOTS = """User-agent: *
Disallow: /tra-cuu/
Disallow: /xac-minh/
Disallow: /ho-so
Disallow: /tai-khoan
Disallow: /dang-nhap
Disallow: /ban-lam-viec
Disallow: /thong-ke
Disallow: /quan-tri
"""


@blueprint.get("/healthz")
@opens(Right.PUBLIC)
def health() -> ResponseReturnValue:
    """Whether the database answers, without which nothing goes, and the queue server, without which work waits."""
    well = {"database": database.current().answers(), "queue": answers(current_app.config["PORTAL"].redis_url)}
    return jsonify(well), 200 if well["database"] else 503


@blueprint.get("/robots.txt")
@opens(Right.PUBLIC)
def robots() -> Response:
    """Nothing about people belongs in a search engine."""
    return Response(ROBOTS, mimetype="text/plain")
