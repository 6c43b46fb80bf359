"""What people upload is opened by its content, taken or refused with a plain reason, and harms nobody."""

from __future__ import annotations

import hashlib
import io
import re
import string
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from portal.domain.errors import Unavailable
from portal.services.file_kinds import HEAD_BYTES, SEEMS, Kind, recognise, seems
from portal.services.files import FolderFiles, StoredFile
from portal.services.sandbox import Answer, SandboxFailed, SandboxUnavailable
from portal.services.uploads import (
    NAMELESS,
    REASONS,
    Inspected,
    Limits,
    UploadRefused,
    Uploads,
    clean_name,
    serving_headers,
    thumbnail_headers,
)
from tests import sample_files as sample

LIMITS = Limits(max_bytes=3_000_000, max_pages=200, max_pixels=20_000_000, max_inflated=64 * 1024**2)


@pytest.fixture(scope="module")
def uploads() -> Iterator[Uploads]:
    with tempfile.TemporaryDirectory() as folder:
        uploads = Uploads(FolderFiles(Path(folder)), LIMITS)
        yield uploads
        uploads.close()


def receive(uploads: Uploads, content: bytes, name: str = "tệp") -> Inspected:
    return uploads.receive(io.BytesIO(content), name)


def refusal(uploads: Uploads, content: bytes) -> UploadRefused:
    with pytest.raises(UploadRefused) as refused:
        receive(uploads, content)
    return refused.value


def stored(uploads: Uploads, file: StoredFile | None) -> bytes:
    assert file is not None
    with uploads.files.open(file.sha256) as opened:
        return opened.read()


def as_picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


# ---- what is taken


@pytest.mark.parametrize(
    ("make", "kind", "pages", "size"),
    [
        (sample.photo, Kind.JPEG, 1, (1600, 1200)),
        (sample.png, Kind.PNG, 1, (400, 300)),
        (sample.heic, Kind.HEIC, 1, (640, 480)),
        (sample.scan, Kind.PDF, 1, (None, None)),
        (lambda: sample.scan(300, pages=3), Kind.PDF, 3, (None, None)),
    ],
)
def test_a_pdf_or_picture_is_opened_and_stored_as_it_was_sent(
    uploads: Uploads, make: Callable[[], bytes], kind: Kind, pages: int, size: tuple[int | None, int | None]
) -> None:
    content = make()
    found = receive(uploads, content)
    assert (found.kind, found.pages, (found.width, found.height)) == (kind, pages, size)
    assert (found.size, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert stored(uploads, StoredFile(found.sha256, found.size)) == content


@pytest.mark.parametrize("make", [sample.photo, sample.png, sample.heic, sample.scan, sample.photo_lying])
def test_a_thumbnail_is_small_and_holds_pixels_alone(uploads: Uploads, make: Callable[[], bytes]) -> None:
    content = stored(uploads, receive(uploads, make()).thumbnail)
    thumbnail = as_picture(content)
    assert thumbnail.format == "WEBP"
    assert max(thumbnail.size) == 320
    assert len(content) < 15_000
    assert not thumbnail.getexif()
    assert b"EXIF" not in content


def test_a_thumbnail_of_a_lying_photo_stands_upright(uploads: Uploads) -> None:
    found = receive(uploads, sample.photo_lying())
    thumbnail = as_picture(stored(uploads, found.thumbnail))
    assert (found.width, found.height) == (480, 640)
    assert thumbnail.height > thumbnail.width
    # The red side was on the left of the lying picture: a quarter turn to the right brings it to the top.
    red, _, blue = thumbnail.convert("RGB").getpixel((thumbnail.width // 2, 5))  # type: ignore[misc]
    assert red > 200 > 60 > blue


def test_a_thumbnail_shows_transparency_on_white(uploads: Uploads) -> None:
    thumbnail = as_picture(stored(uploads, receive(uploads, sample.png()).thumbnail)).convert("RGB")
    assert min(thumbnail.getpixel((1, 1))) > 240  # type: ignore[arg-type]


def test_a_thumbnail_of_a_pdf_is_its_first_page(uploads: Uploads) -> None:
    thumbnail = as_picture(stored(uploads, receive(uploads, sample.scan()).thumbnail))
    assert thumbnail.height == 320
    assert (
        thumbnail.getextrema()
        != as_picture(stored(uploads, receive(uploads, sample.plain_pdf()).thumbnail)).getextrema()
    )


def test_a_broken_exif_block_does_not_make_a_photo_unreadable(uploads: Uploads) -> None:
    whole = sample.photo_lying()
    at = whole.index(b"Exif\0\0") + 6
    broken = whole[:at] + b"garbage!" * 4 + whole[at + 32 :]
    assert receive(uploads, broken).kind is Kind.JPEG


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
def test_pictures_of_every_colour_model_are_taken(uploads: Uploads, mode: str) -> None:
    picture = Image.linear_gradient("L").resize((500, 400))
    picture = Image.new("I;16", (500, 400), 40_000) if mode == "I;16" else picture.convert(mode)
    picture.save(written := io.BytesIO(), "JPEG" if mode == "CMYK" else "PNG")
    thumbnail = as_picture(stored(uploads, receive(uploads, written.getvalue()).thumbnail))
    assert thumbnail.size == (320, 256)


def test_a_200_page_pdf_is_taken(uploads: Uploads) -> None:
    assert receive(uploads, sample.plain_pdf(200)).pages == 200


def test_the_same_file_twice_is_stored_once(uploads: Uploads) -> None:
    first, second = receive(uploads, sample.armed_pdf(), "a"), receive(uploads, sample.armed_pdf(), "b")
    assert (first.sha256, first.shown, first.thumbnail) == (second.sha256, second.shown, second.thumbnail)


# ---- what is taken, but shown as a copy


@pytest.mark.parametrize("make", [sample.photo, sample.png, sample.scan, sample.linked_pdf])
def test_a_file_in_which_nothing_runs_is_shown_as_it_is(uploads: Uploads, make: Callable[[], bytes]) -> None:
    assert receive(uploads, make()).shown is None


def test_an_armed_pdf_is_kept_as_evidence_and_shown_disarmed(uploads: Uploads) -> None:
    content = sample.armed_pdf()
    found = receive(uploads, content)
    assert stored(uploads, StoredFile(found.sha256, found.size)) == content
    assert found.kind.shown_kind is Kind.PDF
    with pikepdf.open(io.BytesIO(content)) as before, pikepdf.open(io.BytesIO(stored(uploads, found.shown))) as after:
        assert actions(before) == {"/JavaScript", "/Launch", "/SubmitForm", "/GoTo"}
        assert actions(after) == {"/GoTo"}
        assert "/XFA" in before.Root.AcroForm
        assert "/XFA" not in after.Root.AcroForm
        assert len(after.pages) == 1
    shown = stored(uploads, found.shown)
    assert not any(
        trace in shown for trace in (b"xin ch", b"cmd.exe", b"example.com", b"/EF", b"/EmbeddedFile ", b"xdp")
    )
    assert b"/EF" in content


@pytest.mark.parametrize(
    "action",
    [
        "GoToR", "GoToE", "Launch", "Sound", "Movie", "SubmitForm", "ImportData", "Rendition", "JavaScript",
        "RichMediaExecute",
    ],
)  # fmt: skip
def test_every_action_that_does_more_than_move_is_disarmed(uploads: Uploads, action: str) -> None:
    def draw(document: pikepdf.Pdf) -> None:
        document.add_blank_page()
        document.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name(f"/{action}"), F=pikepdf.String("x"))

    with pikepdf.open(io.BytesIO(stored(uploads, receive(uploads, sample.pdf(draw)).shown))) as after:
        assert actions(after) == {"/GoTo"}


def test_an_action_hidden_deep_in_arrays_and_streams_is_found(uploads: Uploads) -> None:
    def draw(document: pikepdf.Pdf) -> None:
        document.add_blank_page()
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=document.make_stream(b"app.alert(1)"))
        deep = pikepdf.Array([1, pikepdf.Array([pikepdf.Dictionary(K=pikepdf.Array([script]))])])
        carrier = document.make_stream(b"")
        carrier["/Deep"] = deep
        document.Root["/Carrier"] = carrier

    with pikepdf.open(io.BytesIO(stored(uploads, receive(uploads, sample.pdf(draw)).shown))) as after:
        assert "/JavaScript" not in actions(after)


def test_a_font_that_is_named_like_a_danger_is_left_alone(uploads: Uploads) -> None:
    def draw(document: pikepdf.Pdf) -> None:
        document.add_blank_page()
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        document.pages[0].obj["/Resources"] = pikepdf.Dictionary(
            Font=pikepdf.Dictionary({"/EF": font, "/XFA": font, "/Movie": font, "/JS": font})
        )

    assert receive(uploads, sample.pdf(draw)).shown is None


def test_a_heic_is_shown_as_a_jpeg_that_tells_no_place(uploads: Uploads) -> None:
    content = sample.heic()
    found = receive(uploads, content)
    assert as_picture(content).getexif().get_ifd(sample.GPS_IFD)
    shown = as_picture(stored(uploads, found.shown))
    assert (shown.format, shown.size, found.kind.shown_kind) == ("JPEG", (640, 480), Kind.JPEG)
    assert not shown.getexif()


# ---- what is refused


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", "empty"),
        (lambda: b"%PDF-1.7" + b"\0" * 3_000_000, "too_big"),
        (sample.encrypted_pdf, "encrypted"),
        (lambda: sample.encrypted_pdf(user=""), "encrypted"),
        (lambda: sample.cut_off(sample.scan()), "unreadable"),
        (lambda: sample.cut_off(sample.armed_pdf(), 0.9), "unreadable"),
        (lambda: sample.cut_off(sample.photo()), "unreadable"),
        (lambda: sample.cut_off(sample.png()), "unreadable"),
        (lambda: sample.cut_off(sample.png(), 0.99), "unreadable"),
        (lambda: sample.damaged(sample.png(), 1761 / 2261), "unreadable"),
        (lambda: sample.cut_off(sample.heic()), "unreadable"),
        (lambda: b"%PDF-1.7\nnothing of the kind\n%%EOF", "unreadable"),
        (lambda: b"\xff\xd8\xff\xe0" + b"x" * 100, "unreadable"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100, "unreadable"),
        (lambda: b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"x" * 100, "unreadable"),
        (lambda: sample.plain_pdf(0), "unreadable"),
        (lambda: sample.plain_pdf(201), "too_many_pages"),
        (lambda: sample.plain_pdf(5000), "too_many_pages"),
        (sample.huge_picture, "too_many_pixels"),
        (lambda: sample.huge_picture(6000, 4000), "too_many_pixels"),
        (sample.picture_with_archive, "two_in_one"),
        (sample.picture_with_page, "two_in_one"),
        (sample.picture_with_pdf, "two_in_one"),
        (sample.pdf_with_archive, "two_in_one"),
        (lambda: sample.swelling_pdf(100), "too_costly"),
        (sample.looping_pdf, "too_costly"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_code_and_nothing_is_stored(
    uploads: Uploads, make: Callable[[], bytes], code: str
) -> None:
    content = make()
    assert refusal(uploads, content).code == code
    assert not uploads.files.exists(hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (sample.archive, "zip"),
        (sample.docx, "docx"),
        (sample.program, "exe"),
        (lambda: sample.HTML, "html"),
        (lambda: b"\xef\xbb\xbf\n <script>alert(1)</script>%PDF-1.7", "html"),
        (lambda: sample.SVG, "svg"),
        (lambda: b"GIF89a" + b"\0" * 50, "gif"),
        (lambda: b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (lambda: "Kính gửi Ủy ban nhân dân xã".encode(), "text"),
        (lambda: "ệ".encode() * HEAD_BYTES, "text"),
        (lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0" * 300, "avif"),
        (lambda: b"\x01\x02\x03", "unknown"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_seems_to_be(
    uploads: Uploads, make: Callable[[], bytes], what: str
) -> None:
    refused = refusal(uploads, make())
    assert (refused.code, refused.details["seems"]) == ("wrong_type", what)
    assert SEEMS[what].vi in refused.reason("vi")
    assert SEEMS[what].en in refused.reason("en")


def test_the_server_still_takes_files_after_hostile_ones(uploads: Uploads) -> None:
    refusal(uploads, sample.looping_pdf())
    assert receive(uploads, sample.photo()).kind is Kind.JPEG


@given(
    content=st.binary(max_size=300), start=st.sampled_from([b"%PDF-1.4\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""])
)
def test_garbage_is_refused_and_never_an_error(uploads: Uploads, content: bytes, start: bytes) -> None:
    if start + content:
        assert refusal(uploads, start + content).code in {"wrong_type", "unreadable", "two_in_one"}


def test_a_file_longer_than_the_limit_is_not_read_to_its_end(uploads: Uploads) -> None:
    class Long(io.BytesIO):
        """Counts what is taken from it."""

        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            self.taken += size or 0
            return b"x" * (size or 0)

    stream = Long()
    with pytest.raises(UploadRefused):
        uploads.receive(stream, "x")
    assert stream.taken < LIMITS.max_bytes + 1_000_000


class Fails:
    """An opener at which everything goes wrong."""

    def __init__(self, fault: Exception) -> None:
        self.fault = fault

    def run(self, file: BinaryIO, options: Mapping[str, object]) -> Answer:
        raise self.fault

    def warm(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(("fault", "error"), [(SandboxFailed(), UploadRefused), (SandboxUnavailable(), Unavailable)])
def test_a_server_that_cannot_open_files_does_not_blame_the_file(
    tmp_path: Path, fault: Exception, error: type[Exception]
) -> None:
    with pytest.raises(error):
        receive(Uploads(FolderFiles(tmp_path), LIMITS, Fails(fault)), sample.plain_pdf())


# ---- reasons


DETAILS: dict[str, dict[str, int | str]] = {
    "too_big": {"size": 10 * 1024**2},
    "wrong_type": {"seems": "docx"},
    "too_many_pages": {"pages": 5000, "limit": 200},
    "too_many_pixels": {"pixels": 3_600_000_000, "limit": 100_000_000},
    "two_in_one": {"other": "zip"},
}


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_refusal_says_why_and_what_to_do_in_both_languages(code: str, language: str) -> None:
    reason = UploadRefused(code, **DETAILS.get(code, {})).reason(language)
    assert "%(" not in reason
    assert len(reason.split(".")) >= 2
    assert reason == unicodedata.normalize("NFC", reason)


def test_numbers_in_reasons_are_written_as_each_language_writes_them() -> None:
    refused = UploadRefused("too_many_pages", pages=5000, limit=200)
    assert "5.000 trang" in refused.reason("vi")
    assert "5,000 pages" in refused.reason("en")
    assert "2,5 MB" in UploadRefused("too_big", size=int(2.5 * 1024**2)).reason("vi")


# ---- names


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("Giấy chứng nhận.pdf", Kind.PDF, "Giấy chứng nhận.pdf"),
        (unicodedata.normalize("NFD", "Sổ đỏ.PDF"), Kind.PDF, "Sổ đỏ.PDF"),
        ("../../etc/passwd", Kind.PDF, "passwd.pdf"),
        ("C:\\Users\\chi\\ảnh.jpeg", Kind.JPEG, "ảnh.jpeg"),
        ("scan.exe", Kind.PDF, "scan.exe.pdf"),
        ("don\u202efdp.exe", Kind.PDF, "donfdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", Kind.PDF, "a Set-Cookie: x=1.pdf"),
        ("a\0b\x1b[31m.png", Kind.PNG, "ab[31m.png"),
        ("..hidden.pdf", Kind.PDF, "hidden.pdf"),
        ("", Kind.PNG, f"{NAMELESS}.png"),
        (".pdf", Kind.PDF, "pdf.pdf"),
        ("/", Kind.HEIC, f"{NAMELESS}.heic"),
        ("  nhiều   khoảng\ttrắng .pdf", Kind.PDF, "nhiều khoảng trắng.pdf"),
        ("x" * 300 + ".pdf", Kind.PDF, "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_its_content_does(name: str, kind: Kind, clean: str) -> None:
    assert clean_name(name, kind) == clean


@given(name=st.text(), kind=st.sampled_from(Kind))
def test_no_name_whatsoever_is_a_path_or_hides_anything(name: str, kind: Kind) -> None:
    clean = clean_name(name, kind)
    assert clean.lower().endswith(kind.suffixes)
    assert 0 < len(clean) <= 100
    assert not set(clean) & set("/\\")
    assert not clean.startswith(".")
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in clean)


@given(name=st.text(), kind=st.sampled_from(Kind))
def test_cleaning_a_clean_name_changes_nothing(name: str, kind: Kind) -> None:
    clean = clean_name(name, kind)
    assert clean_name(clean, kind) == clean


# ---- serving


def test_a_name_is_offered_whole_and_without_diacritics_for_old_programs() -> None:
    headers = serving_headers("Đơn đề nghị.pdf", Kind.PDF, inline=False)
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"Don de nghi.pdf\"; filename*=UTF-8''%C4%90%C6%A1n%20%C4%91%E1%BB%81%20ngh%E1%BB%8B.pdf"
    )


@given(name=st.text(), kind=st.sampled_from(Kind), inline=st.booleans())
def test_no_name_breaks_out_of_its_header(name: str, kind: Kind, inline: bool) -> None:
    value = serving_headers(clean_name(name, kind), kind, inline=inline)["Content-Disposition"]
    assert re.fullmatch(r"(inline|attachment); filename=\"[^\"\\]*\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+", value)
    assert set(value) <= set(string.printable) - set("\r\n\t\x0b\x0c")


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("inline", [True, False])
def test_nothing_that_is_served_may_run_or_pass_for_another_kind(kind: Kind, inline: bool) -> None:
    headers = serving_headers("x", kind, inline=inline)
    assert headers["Content-Type"] == kind.content_type
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ("sandbox" in headers["Content-Security-Policy"]) == (not (inline and kind is Kind.PDF))
    assert headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert headers["Cache-Control"] == "private, no-store"


def test_a_thumbnail_is_served_as_a_picture_alone() -> None:
    headers = thumbnail_headers()
    assert headers["Content-Type"] == "image/webp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


# ---- the samples themselves


def test_the_samples_are_what_they_claim_to_be(tmp_path: Path) -> None:
    assert len(sample.photo(200)) == 200_000
    assert 190_000 <= len(sample.scan(200)) <= 205_000
    assert sample.photo() == sample.photo()
    lying = as_picture(sample.photo_lying())
    assert ImageOps.exif_transpose(lying).size == lying.size[::-1]
    assert lying.getexif().get_ifd(sample.GPS_IFD)
    for path in sample.write_samples(tmp_path).values():
        assert recognise(path.read_bytes()[:HEAD_BYTES]) is not None
    assert seems(sample.docx()) == "docx"


def actions(document: pikepdf.Pdf) -> set[str]:
    """The kinds of action anywhere in a document, by a search of its unpacked text."""
    document.save(
        written := io.BytesIO(),
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
    )
    return {found.decode() for found in re.findall(rb"/S (/[A-Za-z0-9]+)", written.getvalue())}
