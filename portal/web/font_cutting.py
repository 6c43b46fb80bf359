"""Cuts the interface font down to Latin and Vietnamese, and gives it digits of one width.

The digits of Be Vietnam Pro differ in width, so the cut gains a `tnum` feature, with which numbers stand in columns.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any, Final

from fontTools.otlLib.builder import buildSingleSubstSubtable
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

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


def subset(source: str) -> TTFont:
    """A font of the package with our letters alone, ready to be saved as WOFF2."""
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
