"""The interface font, cut down to Latin and Vietnamese at first need and served with a long cache.

Be Vietnam Pro comes from a package (SIL Open Font License); nothing of it lies in the repository.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, request, send_file, url_for

from portal.domain.access import Right
from portal.web.access import opens

#: Served name of each weight, and the file of the package it is cut from. A change of the cut needs new names, because
#: browsers keep them for a year.
FONTS: Final = {
    "be-vietnam-pro-400.1.woff2": "BeVietnamPro-Regular.ttf",
    "be-vietnam-pro-600.1.woff2": "BeVietnamPro-SemiBold.ttf",
}
YEAR: Final = 365 * 24 * 3600

blueprint = Blueprint("fonts", __name__)


def register(app: Flask, folder: Path) -> None:
    """Serve the fonts from `folder`, and let templates ask for their addresses."""
    app.config["FONTS_FOLDER"] = folder
    app.register_blueprint(blueprint)
    app.jinja_env.globals["font_url"] = font_url


def font_url(weight: int) -> str:
    """The address of the font of a weight (400 or 600)."""
    return _address(request.script_root, weight)


@lru_cache(maxsize=8)
def _address(_root: str, weight: int) -> str:
    name = next(name for name in FONTS if f"-{weight}." in name)
    return url_for("fonts.font", name=name)


def cut(folder: Path, name: str) -> Path:
    """The file of a font in `folder`, made if it is not there; a half-made file is never seen."""
    path = folder / name
    if not path.exists():
        # The tools take half a second to load, and a process whose fonts are there never needs them.
        from portal.web.font_cutting import subset

        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            subset(FONTS[name]).save(file)
        os.replace(file.name, path)
    return path


@blueprint.get("/fonts/<name>")
@opens(Right.PUBLIC)
def font(name: str) -> Response:
    """One font; the same for everybody, for a year."""
    if name not in FONTS:
        abort(404)
    path = cut(current_app.config["FONTS_FOLDER"], name)
    answer = send_file(path, mimetype="font/woff2", max_age=YEAR)
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer
