"""Opens one uploaded PDF or picture by its content and says what it holds; runs inside the sandbox alone.

A file is refused here by a code; the words for it are in `uploads.REASONS`. Besides the facts it makes a thumbnail
and, where the file as sent should not be shown as it is, a copy to show: a PDF whose scripts and attachments are
disarmed, or a JPEG of a HEIC picture, which browsers cannot draw.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import pikepdf
import pillow_heif
import pypdfium2
from PIL import Image, ImageOps

from portal.services.file_kinds import Kind
from portal.services.sandbox import Answer

THUMBNAIL_SIDE = 320
THUMBNAIL_QUALITY = 60
SHOWN_QUALITY = 85
PAGE_QUALITY = 80
END_OF_PDF_WITHIN = 2048

# The actions of ISO 32000-2 that do more than move within the document or follow a link that the reader clicks on.
RUNS = frozenset({
    "/GoToR", "/GoToE", "/Launch", "/Sound", "/Movie", "/SubmitForm", "/ImportData",
    "/Rendition", "/JavaScript", "/RichMediaExecute",
})  # fmt: skip

# Key that carries a file, a form program or a player → keys one of which stands beside it when it really is that.
CARRIES: Mapping[str, tuple[str, ...]] = {
    "/EF": ("/F", "/UF"),
    "/XFA": ("/Fields",),
    "/RichMediaContent": ("/Rect",),
    "/3DD": ("/Rect",),
    "/Movie": ("/Rect",),
    "/Sound": ("/Rect",),
}

_PICTURE_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.HEIC: "HEIF"}
_FOREIGN = re.compile(rb"%pdf-|<script|<html|<!doctype html", re.IGNORECASE)

pillow_heif.register_heif_opener()
Image.init()
Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before a pixel is decoded


class Refused(Exception):
    """The file cannot be taken; `code` is a key of `uploads.REASONS`, `details` fill its blanks."""

    def __init__(self, code: str, **details: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Opened(NamedTuple):
    """What was found: pages, size in pixels (0 for a PDF), thumbnail (WebP), and a copy to show if one is needed."""

    pages: int
    width: int
    height: int
    thumbnail: bytes
    shown: bytes | None = None


def work(file: BinaryIO, options: Mapping[str, Any]) -> Answer:
    """The sandbox's errand: open the file as options["kind"], within options["pages"], ["pixels"] and ["inflated"].

    With options["page"] (from 0) it only draws that page, turned by options["turn"] degrees to the right, with the
    longer side of options["side"] pixels.
    """
    kind, data = Kind(options["kind"]), file.read()
    try:
        if "page" in options:
            return Answer({}, {"picture": _drawn(kind, data, options["page"], options["turn"], options["side"])})
        opened = _open(kind, data, options)
    except Refused as refused:
        return Answer({"refused": refused.code, "details": refused.details}, {})
    facts = {"pages": opened.pages, "width": opened.width, "height": opened.height}
    blobs = {"thumbnail": opened.thumbnail}
    return Answer(facts, blobs if opened.shown is None else {**blobs, "shown": opened.shown})


def _open(kind: Kind, data: bytes, options: Mapping[str, Any]) -> Opened:
    if _is_also_zip(data):
        raise Refused("two_in_one", other="zip")
    try:
        if kind is Kind.PDF:
            return open_pdf(data, max_pages=options["pages"], max_inflated=options["inflated"])
        return open_picture(kind, data, max_pixels=options["pixels"])
    except (Refused, MemoryError):
        raise
    except Exception as fault:
        # Damaged files make the libraries raise whatever they please; all of it means the same to the sender.
        raise Refused("unreadable", fault=type(fault).__name__) from fault


def open_pdf(data: bytes, *, max_pages: int, max_inflated: int) -> Opened:
    """Open a PDF. Raises Refused, and whatever the libraries raise for a damaged file.

    `max_inflated` is the number of bytes its text and drawing may unpack to; pictures in it are not counted.
    """
    if b"%%EOF" not in data[-END_OF_PDF_WITHIN:]:
        raise Refused("unreadable", fault="cut off")
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    with pdf:
        if pdf.is_encrypted:
            raise Refused("encrypted")
        pages = len(pdf.pages)
        if pages == 0:
            raise Refused("unreadable", fault="no pages")
        if pages > max_pages:
            raise Refused("too_many_pages", pages=pages, limit=max_pages)
        shown = None
        if _disarm(pdf, max_inflated):
            pdf.save(cleaned := io.BytesIO(), deterministic_id=True)
            shown = cleaned.getvalue()
    return Opened(pages, 0, 0, _first_page(shown or data), shown)


def open_picture(kind: Kind, data: bytes, *, max_pixels: int) -> Opened:
    """Open a picture, decode all of it and turn it upright. Raises Refused, and whatever the libraries raise."""
    if kind is not Kind.HEIC and (found := _FOREIGN.search(data)):
        raise Refused("two_in_one", other="pdf" if found[0].lower() == b"%pdf-" else "html")
    picture = Image.open(io.BytesIO(data), formats=(_PICTURE_FORMATS[kind],))
    width, height = picture.size
    if width * height > max_pixels:
        raise Refused("too_many_pixels", pixels=width * height, limit=max_pixels)
    if kind is Kind.PNG:
        Image.open(io.BytesIO(data), formats=("PNG",)).verify()
    # A JPEG is decoded at a fraction of its size, which still reads every byte of it.
    picture.draft("RGB", (THUMBNAIL_SIDE * 2, THUMBNAIL_SIDE * 2))
    picture.load()
    shown = _as_jpeg(picture) if kind is Kind.HEIC else None
    small = _small(picture)
    upright = _upright(small)
    if upright.size != small.size:
        width, height = height, width
    return Opened(1, width, height, _as_thumbnail(upright), shown)


def _is_also_zip(data: bytes) -> bool:
    """Whether an archive hangs on to the file, which another program would open instead."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return bool(archive.namelist())
    except Exception:
        return False


def _disarm(pdf: pikepdf.Pdf, max_inflated: int) -> bool:
    """Take out what runs by itself, sends data off or carries another file; whether there was any."""
    armed, inflated = False, 0
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            inflated += _inflated(thing)
            if inflated > max_inflated:
                raise Refused("too_costly")
        for dictionary in _dictionaries(thing):
            armed = _disarm_dictionary(dictionary) or armed
    return armed


def _disarm_dictionary(dictionary: pikepdf.Object) -> bool:
    keys = set(dictionary.keys())
    if "/S" in keys and dictionary.get("/Type", "/Action") == "/Action" and _named(dictionary["/S"]) in RUNS:
        for key in keys - {"/Type"}:
            del dictionary[key]
        dictionary["/S"], dictionary["/D"] = pikepdf.Name.GoTo, pikepdf.Array()
        return True
    carried = [key for key, beside in CARRIES.items() if key in keys and keys.intersection(beside)]
    for key in carried:
        del dictionary[key]
    return bool(carried)


def _named(value: object) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _dictionaries(thing: Any, depth: int = 0) -> Iterator[pikepdf.Object]:
    """The dictionaries written within one object, itself included; what it points to comes with the other objects."""
    if depth > 0 and getattr(thing, "is_indirect", False):
        return
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        yield thing
        inner = [value for _, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        inner = list(thing)
    else:
        return
    for value in inner:
        if isinstance(value, pikepdf.Object):
            yield from _dictionaries(value, depth + 1)


def _inflated(stream: pikepdf.Stream) -> int:
    """Bytes a stream unpacks to; 0 for a picture, whose size is declared, and for what cannot be unpacked at all."""
    if stream.get("/Subtype") == "/Image" or "/Filter" not in stream:
        return 0
    try:
        return len(stream.read_bytes())
    except pikepdf.PdfError:
        return 0


def _first_page(data: bytes) -> bytes:
    document = pypdfium2.PdfDocument(data)
    page = document[0]
    return _as_thumbnail(page.render(scale=THUMBNAIL_SIDE / max(page.get_size())).to_pil())


def _drawn(kind: Kind, data: bytes, page: int, turn: int, side: int) -> bytes:
    """One page as a WebP picture. Raises Refused."""
    try:
        if kind is Kind.PDF:
            sheet = pypdfium2.PdfDocument(data)[page]
            picture = sheet.render(scale=side / max(sheet.get_size())).to_pil()
        else:
            picture = Image.open(io.BytesIO(data), formats=(_PICTURE_FORMATS[kind],))
            picture.draft("RGB", (side, side))
            picture = _upright(picture)
            picture.thumbnail((side, side))
    except MemoryError:
        raise
    except Exception as fault:
        raise Refused("unreadable", fault=type(fault).__name__) from fault
    turned = _on_white(picture).rotate(-turn, expand=True)
    turned.save(written := io.BytesIO(), "WEBP", quality=PAGE_QUALITY)
    return written.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:
        return picture  # a broken EXIF block makes no picture unreadable


def _as_jpeg(picture: Image.Image) -> bytes:
    """The colours keep their profile; place, time and camera stay behind in the file as sent."""
    written = io.BytesIO()
    profile = picture.info.get("icc_profile")
    _on_white(picture).save(written, "JPEG", quality=SHOWN_QUALITY, icc_profile=profile, exif=b"")
    return written.getvalue()


def _small(picture: Image.Image) -> Image.Image:
    """At most 320 pixels a side; the large picture is not kept beside it in memory where that can be avoided."""
    small = picture.convert("RGBA") if picture.mode in ("P", "PA", "LA") else picture
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return small


def _as_thumbnail(small: Image.Image) -> bytes:
    """A WebP with pixels and nothing else."""
    bare = Image.new("RGB", small.size)
    bare.paste(_on_white(small))
    bare.save(written := io.BytesIO(), "WEBP", quality=THUMBNAIL_QUALITY)
    return written.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")
