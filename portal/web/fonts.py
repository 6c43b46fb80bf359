"""The interface font, cut down to Latin and Vietnamese at first need and served with a long cache.

Be Vietnam Pro comes from a package (SIL Open Font License); nothing of it lies in the repository. Its digits differ in
width, so the cut gains a `tnum` feature, with which numbers stand in columns.
"""

from __future__ import annotations

import os
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, current_app, send_file, url_for
from fontTools.otlLib.builder import buildSingleSubstSubtable
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

from portal.domain.access import Right
from portal.web.access import opens

#: Served name of each weight, and the file of the package it is cut from. A change of the cut needs new names, because
#: browsers keep them for a year.
FONTS: Final = {
    "be-vietnam-pro-400.1.woff2": "BeVietnamPro-Regular.ttf",
    "be-vietnam-pro-600.1.woff2": "BeVietnamPro-SemiBold.ttf",
}
YEAR: Final = 365 * 24 * 3600
FEATURES: Final = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum"]

#: Latin with every Vietnamese letter, composed and as combining marks, and the signs our texts use.
LETTERS: Final = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x100),
        *(0x102, 0x103, 0x110, 0x111, 0x128, 0x129, 0x168, 0x169, 0x1A0, 0x1A1, 0x1AF, 0x1B0),
        *range(0x1EA0, 0x1EFA),
        *(0x300, 0x301, 0x302, 0x303, 0x306, 0x309, 0x31B, 0x323),
        *(ord(sign) for sign in "–—‘’“”•…₫−×≤≥"),
    ]
)

blueprint = Blueprint("fonts", __name__)


def register(app: Flask, folder: Path) -> None:
    """Serve the fonts from `folder`, and let templates ask for their addresses."""
    app.config["FONTS_FOLDER"] = folder
    app.register_blueprint(blueprint)
    app.jinja_env.globals["font_url"] = font_url


def font_url(weight: int) -> str:
    """The address of the font of a weight (400 or 600)."""
    name = next(name for name in FONTS if f"-{weight}." in name)
    return url_for("fonts.font", name=name)


def cut(folder: Path, name: str) -> Path:
    """The file of a font in `folder`, made if it is not there; a half-made file is never seen."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            _subset(FONTS[name]).save(file)
        os.replace(file.name, path)
    return path


def _subset(source: str) -> TTFont:
    with as_file(files("fontpkg_be_vietnam_pro") / "files" / source) as path:
        font = TTFont(path)
    _align_digits(font)
    options = Options(flavor="woff2", hinting=False, layout_features=FEATURES, name_IDs=[0, 1, 2, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font.flavor = "woff2"
    return font


def _align_digits(font: TTFont) -> None:
    """Add copies of the ten digits, all as wide as 0 and centred, as the feature `tnum` of every script."""
    glyphs, metrics, names = font["glyf"], font["hmtx"], font.getBestCmap()
    wide = metrics[names[ord("0")]][0]
    pairs: dict[str, str] = {}
    for digit in "0123456789":
        name = names[ord(digit)]
        width, bearing = metrics[name]
        shift = (wide - width) // 2
        pairs[name] = f"{name}.tnum"
        glyph = _copy(font, name)
        glyph.coordinates.translate((shift, 0))
        glyphs[pairs[name]] = glyph
        glyph.recalcBounds(glyphs)
        metrics[pairs[name]] = (wide, bearing + shift)
    _add_feature(font, "tnum", pairs)


def _copy(font: TTFont, name: str) -> Any:
    """The glyph's own outline, free of components."""
    recording = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(recording)
    pen = TTGlyphPen(None)
    recording.replay(pen)
    return pen.glyph()


def _add_feature(font: TTFont, tag: str, substitutes: dict[str, str]) -> None:
    table = font["GSUB"].table
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag = 1, 0
    lookup.SubTable = [buildSingleSubstSubtable(substitutes)]
    table.LookupList.Lookup.append(lookup)
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    feature = otTables.Feature()
    feature.FeatureParams = None
    feature.LookupListIndex = [len(table.LookupList.Lookup) - 1]
    record = otTables.FeatureRecord()
    record.FeatureTag, record.Feature = tag, feature
    table.FeatureList.FeatureRecord.append(record)
    table.FeatureList.FeatureCount = len(table.FeatureList.FeatureRecord)
    index = len(table.FeatureList.FeatureRecord) - 1
    for script in table.ScriptList.ScriptRecord:
        languages = [script.Script.DefaultLangSys, *(item.LangSys for item in script.Script.LangSysRecord)]
        for language in filter(None, languages):
            language.FeatureIndex.append(index)


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
