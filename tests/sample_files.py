"""Makes the files that people upload, good and hostile, for tests, journeys and the benchmark; the same every time."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pillow_heif
from PIL import Image, ImageDraw

KB = 1000
GPS_IFD = 0x8825
ORIENTATION = 0x0112


# ---- what honest people send


def photo(kilobytes: int = 200, *, width: int = 1600, height: int = 1200, seed: int = 1) -> bytes:
    """A JPEG such as a phone makes, of exactly `kilobytes` × 1,000 bytes."""
    picture, wanted = _scene(width, height, seed), kilobytes * KB
    for quality in range(95, 0, -5):
        written = _saved(picture, "JPEG", quality=quality)
        if len(written) <= wanted - 4:
            return _padded(written, wanted)
    raise ValueError(f"{kilobytes} kB are too few for {width} × {height} pixels")


def scan(kilobytes: int = 200, *, pages: int = 1, seed: int = 2) -> bytes:
    """A PDF of scanned A4 pages, about `kilobytes` × 1,000 bytes in all."""
    each = max(kilobytes // pages - 2, 20)
    pictures = [photo(each, width=1240, height=1754, seed=seed + number) for number in range(pages)]

    def draw(document: pikepdf.Pdf) -> None:
        for picture in pictures:
            _add_scan(document, picture)

    return pdf(draw)


def png(width: int = 400, height: int = 300) -> bytes:
    """A PNG with a transparent background."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((20, 20, width - 20, height - 20), fill=(180, 30, 30, 255))
    return _saved(picture, "PNG")


def heic(width: int = 640, height: int = 480) -> bytes:
    """A HEIC picture such as an iPhone makes, with a place in its EXIF block."""
    pillow_heif.register_heif_opener()
    return _saved(_scene(width, height, 3), "HEIF", quality=60, exif=_exif(orientation=1))


def photo_lying(width: int = 640, height: int = 480) -> bytes:
    """A JPEG stored lying, to be turned a quarter to stand upright, with the place where it was taken."""
    picture = _scene(width, height, 4)
    ImageDraw.Draw(picture).rectangle((0, 0, width // 4, height), fill=(250, 0, 0))
    return _saved(picture, "JPEG", quality=85, exif=_exif(orientation=6))


def pdf(draw: Callable[[pikepdf.Pdf], object], encryption: pikepdf.Encryption | None = None) -> bytes:
    """A PDF that `draw` fills."""
    with pikepdf.new() as document:
        draw(document)
        document.save(written := io.BytesIO(), encryption=encryption or False, deterministic_id=encryption is None)
    return written.getvalue()


def plain_pdf(pages: int = 1) -> bytes:
    """A PDF of empty A4 pages."""
    return pdf(lambda document: [document.add_blank_page(page_size=(595, 842)) for _ in range(pages)])


# ---- what cannot be taken


def encrypted_pdf(*, user: str = "bí mật", owner: str = "chủ") -> bytes:
    """A PDF with a password; with an empty `user` it opens, but is locked against printing and the like."""
    return pdf(_blank, encryption=pikepdf.Encryption(user=user, owner=owner))


def cut_off(whole: bytes, part: float = 0.6) -> bytes:
    """The first part of a file, as a broken connection leaves it."""
    return whole[: int(len(whole) * part)]


def damaged(whole: bytes, at: float = 0.5) -> bytes:
    """The file with one bit of it turned."""
    place = int(len(whole) * at)
    return whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]


def archive() -> bytes:
    """A ZIP archive, to be renamed to .pdf."""
    return _zipped({"giay-to.txt": b"x" * 100})


def docx() -> bytes:
    """The skeleton of a Word document."""
    return _zipped({
        "[Content_Types].xml": b'<?xml version="1.0"?><Types/>',
        "_rels/.rels": b"<Relationships/>",
        "word/document.xml": b"<w:document/>",
    })  # fmt: skip


def program() -> bytes:
    """The head of a Windows program."""
    return b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\0" * 500


HTML = "<!DOCTYPE html><html><script>alert('xin chào')</script></html>".encode()
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def huge_picture(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred kilobytes that would fill gigabytes of memory."""
    packer = zlib.compressobj(9)
    row = b"\0" * (width + 1)
    rows = b"".join(packer.compress(row) for _ in range(min(height, 2000))) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [_png_chunk(b"IHDR", head), _png_chunk(b"IDAT", rows), _png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def swelling_pdf(megabytes: int = 300) -> bytes:
    """A PDF of a few hundred kilobytes whose page unpacks, through two layers, to `megabytes`."""
    packer = zlib.compressobj(9)
    inner = b"".join(packer.compress(b" " * 1024**2) for _ in range(megabytes)) + packer.flush()
    return pdf(lambda document: _swelling_page(document, zlib.compress(inner, 9)))


def looping_pdf() -> bytes:
    """A PDF whose first page draws itself for ever: a form that calls itself many times over, level below level."""

    def draw(document: pikepdf.Pdf) -> None:
        form = _form(document, b"0 0 9 9 re f")
        for _ in range(12):
            form = _form(document, b"/F Do " * 12, F=form)
        document.add_blank_page(page_size=(595, 842))
        page = document.pages[0]
        page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        page.obj["/Contents"] = document.make_stream(b"/F Do")

    return pdf(draw)


def picture_with_archive() -> bytes:
    """A JPEG with a ZIP archive behind it."""
    return photo(60, width=640, height=480) + archive()


def picture_with_page() -> bytes:
    """A JPEG with a web page in its comment."""
    whole = photo(60, width=640, height=480)
    return whole[:2] + b"\xff\xfe" + (len(HTML) + 2).to_bytes(2, "big") + HTML + whole[2:]


def picture_with_pdf() -> bytes:
    """A JPEG with a PDF behind it."""
    return photo(60, width=640, height=480) + plain_pdf()


def pdf_with_archive() -> bytes:
    """A PDF with a ZIP archive behind it."""
    return plain_pdf() + archive() + b"%%EOF"


# ---- what is taken, but not shown as it is


def armed_pdf() -> bytes:
    """A PDF that runs a script, starts a program, sends a form off and carries another file."""

    def draw(document: pikepdf.Pdf) -> None:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('xin chào')"))
        starts = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
        sends = pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F=pikepdf.String("http://example.com/"))
        _blank(document)
        document.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array(), Next=script)
        document.Root["/AA"] = pikepdf.Dictionary(WC=document.make_indirect(script))
        document.Root["/Names"] = pikepdf.Dictionary(
            JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), document.make_indirect(script)]))
        )
        document.Root["/AcroForm"] = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=document.make_stream(b"<xdp/>"))
        page = document.pages[0].obj
        page["/Annots"] = pikepdf.Array([_button(document, starts), _button(document, sends)])
        document.attachments["ma-doc.exe"] = pikepdf.AttachedFileSpec(document, program())

    return pdf(draw)


def linked_pdf() -> bytes:
    """A PDF that opens at its first page and has a link: nothing in it runs."""

    def draw(document: pikepdf.Pdf) -> None:
        _blank(document)
        page = document.pages[0].obj
        document.Root["/OpenAction"] = pikepdf.Array([page, pikepdf.Name.Fit])
        link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com/"))
        page["/Annots"] = pikepdf.Array([_button(document, link)])

    return pdf(draw)


def write_samples(folder: Path) -> dict[str, Path]:
    """Writes one honest file of each kind into a folder; name → path."""
    files = {"anh.jpg": photo(), "ban-quet.pdf": scan(), "so-do.png": png(), "iphone.heic": heic()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in files}


def _scene(width: int, height: int, seed: int) -> Image.Image:
    """Something with edges, areas and grain, as photographs have."""
    dice = random.Random(seed)  # noqa: S311 - the picture has to be the same every time
    grain = Image.frombytes("RGB", (width // 8, height // 8), dice.randbytes((width // 8) * (height // 8) * 3))
    picture = Image.blend(Image.new("RGB", grain.size, (225, 220, 205)), grain, 0.25).resize((width, height))
    draw = ImageDraw.Draw(picture)
    for line in range(height // 12, height - height // 12, max(height // 30, 1)):
        draw.line((width // 10, line, dice.randrange(width // 2, width * 9 // 10), line), fill=(40, 40, 60), width=3)
    return picture


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    picture.save(written := io.BytesIO(), kind, **options)
    return written.getvalue()


def _padded(jpeg: bytes, size: int) -> bytes:
    """The same picture, lengthened to `size` bytes by comments."""
    missing = size - len(jpeg)
    comments = b""
    while missing > 0:
        length = missing if missing <= 65_000 else min(60_000, missing - 4)
        comments += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + b" " * (length - 4)
        missing -= length
    return jpeg[:2] + comments + jpeg[2:]


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (22.0, 14.0, 30.0), 3: "E", 4: (104.0, 28.0, 0.0)})
    return exif.tobytes()


def _zipped(files: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(written := io.BytesIO(), "w") as zipped:
        for name, content in files.items():
            zipped.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _blank(document: pikepdf.Pdf) -> None:
    document.add_blank_page(page_size=(595, 842))


def _add_scan(document: pikepdf.Pdf, picture: bytes) -> None:
    image = document.make_stream(picture)
    image["/Type"], image["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Image
    image["/Width"], image["/Height"], image["/BitsPerComponent"] = 1240, 1754, 8
    image["/ColorSpace"], image["/Filter"] = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
    _blank(document)
    page = document.pages[-1].obj
    page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
    page["/Contents"] = document.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")


def _swelling_page(document: pikepdf.Pdf, packed: bytes) -> None:
    _blank(document)
    content = document.make_stream(b"")
    content.write(packed, filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]))
    document.pages[0].obj["/Contents"] = content


def _form(document: pikepdf.Pdf, content: bytes, **xobjects: Any) -> pikepdf.Stream:
    form = document.make_stream(content)
    form["/Type"], form["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
    form["/BBox"] = pikepdf.Array([0, 0, 595, 842])
    form["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(**xobjects))
    return form


def _button(document: pikepdf.Pdf, action: pikepdf.Dictionary) -> pikepdf.Object:
    return document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 200, 200]), A=action
        )
    )
