"""What pages reach beyond the database, once per process: the file store, the door for uploads, and the time."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app

from portal.services.files import Files, open_files
from portal.services.uploads import Limits, Uploads
from portal.settings import Settings

_KEPT = "portal_uploads"


def settings() -> Settings:
    """The settings of this application."""
    kept: Settings = current_app.config["PORTAL"]
    return kept


def uploads() -> Uploads:
    """The door for uploaded files; one per application and process, made at its first use."""
    kept: Uploads | None = current_app.extensions.get(_KEPT)
    if kept is None:
        chosen = settings()
        limits = Limits(max_bytes=chosen.upload_max_bytes, max_pages=chosen.upload_max_pages)
        kept = current_app.extensions[_KEPT] = Uploads(open_files(chosen.files_url), limits)
    return kept


def files() -> Files:
    """The file store."""
    return uploads().files


def now() -> datetime:
    """This instant: the only place where pages read the clock."""
    return datetime.now(UTC)
