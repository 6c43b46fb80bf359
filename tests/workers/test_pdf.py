"""The papers as PDFs: what they say, what they are made of, and what they refuse to do."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from jinja2 import UndefinedError

from portal.domain.numerals import figures, in_words, long_date, money
from portal.domain.slips import (
    FORMS,
    PAYLOAD_NAME,
    Apology,
    Letter,
    Payload,
    Register,
    Result,
    SlipKind,
    form_of,
    in_a_sentence,
    to_json,
)
from tests import sample_papers
from tests.sample_papers import OFFICE, RECEIPT, TRACKING
from workers import pdf

papers = pytest.mark.parametrize("name", sample_papers.ALL)

HOSTILE = "<b>x</b><script>alert(1)</script><img src='http://127.0.0.1:9/p.png'>&amp;{{ 7*7 }}{% raw %}\"'"
MADE_OF_CHOICES = ("form_set", "kind", "tracking_url")
"""Fields that choose the paper or become its QR code, and so stay as they are in a hostile payload."""


@cache
def printed(name: str) -> bytes:
    return pdf.render(sample_papers.ALL[name])


def text_of(document: bytes) -> str:
    """All text without spaces, for lines break where they will; pdfium tells a hyphen at a line's end as U+FFFE."""
    with pypdfium2.PdfDocument(document) as opened:
        text = "".join(page.get_textpage().get_text_range() for page in opened)
    return squeezed(text.replace("\ufffe", "-"))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def values_of(plain: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a payload's JSON with their paths."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield from values_of(value, f"{path}.{key}".lstrip("."))
    elif isinstance(plain, list):
        for value in plain:
            yield from values_of(value, path)
    else:
        yield path, plain


def shown(kind: SlipKind, path: str, value: Any) -> list[str]:
    """How a value of a payload stands on the paper; empty where nothing is to be shown."""
    field = path.rpartition(".")[2]
    if value is None or path in ("form_set", "kind") or field in ("share", "due_provisional", "closed"):
        return []
    if field in ("issued_on", "answer_by") and len(value) == 10:
        return [long_date(date.fromisoformat(value))]
    if path == "lines.at":
        return [f"{datetime.fromisoformat(value).astimezone(OFFICE):%H:%M}"]
    if field.endswith("_on") or field == "day":
        return [f"{date.fromisoformat(value):%d/%m/%Y}"]
    if field in ("received_at", "due_at", "old_due_at", "new_due_at", "submitted_at", "answer_by", "at", "as_of"):
        moment = datetime.fromisoformat(value).astimezone(OFFICE)
        if kind is SlipKind.APOLOGY and field != "old_due_at":  # whose sentences are about days
            day = long_date(moment.date())
            return [day.capitalize() if field == "received_at" else day, f"{moment:%H} giờ {moment:%M} phút"]
        return [f"{moment:%H} giờ {moment:%M} phút, {long_date(moment.date())}"]
    if field == "fee_total":
        return [money(value), in_words(value)] if value else []
    if field == "amount":
        return [money(value)]
    if field == "size":
        return [f"{figures(value)} byte"]
    return [str(value)] if value != 0 else []


@papers
def test_the_text_of_a_paper_is_its_data(name: str) -> None:
    text = text_of(printed(name))
    payload = sample_papers.ALL[name]
    missing = {
        path: wanted
        for path, value in values_of(to_json(payload))
        for wanted in shown(payload.kind, path, value)
        if squeezed(wanted) not in text
    }
    assert missing == {}


@papers
def test_a_paper_bears_title_form_motto_and_the_mark_of_a_demonstration(name: str) -> None:
    form, text = form_of(sample_papers.ALL[name]), text_of(printed(name))
    assert squeezed(form.title) in text
    assert squeezed(form.label or "") in text
    assert squeezed("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc") in text
    assert ("demonstrationform" in text) is not form.layout_known


def test_slip_01_has_the_lines_of_its_form() -> None:
    text = text_of(printed("receipt of the district"))
    for line in (
        "(Liên: Lưu / Giao khách hàng)",
        "Bộ phận tiếp nhận và trả kết quả: BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ",
        "Tiếp nhận hồ sơ của: Hoàng Thị Nguyệt",
        "1. Thành phần hồ sơ nộp gồm:",
        "2. Số lượng hồ sơ: 01 (bộ)",
        "3. Thời gian giải quyết hồ sơ theo quy định là: 07 ngày làm việc",
        "4. Thời gian nhận hồ sơ: 08 giờ 30 phút, ngày 13 tháng 7 năm 2026",
        "5. Thời gian trả kết quả giải quyết hồ sơ: 08 giờ 30 phút, ngày 22 tháng 7 năm 2026",
        "6. Đăng ký nhận kết quả tại:",
        "Vào Sổ theo dõi hồ sơ, Quyển số: 2026/01 Số thứ tự: 128",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
        "(Ký và ghi rõ họ tên)",
        "Ghi chú: Giấy tiếp nhận được lập thành 02 liên",
    ):
        assert squeezed(line) in text, line


def test_slip_04_has_the_lines_of_its_form() -> None:
    payload, text = sample_papers.ALL["apology"], text_of(printed("apology"))
    assert isinstance(payload, Apology)
    issuer = in_a_sentence(payload.head.issuer)
    for line in (
        "Mẫu số 04",
        "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
        f"Kính gửi: {payload.applicant.name}",
        f"{long_date(payload.received_at.date()).capitalize()}, {issuer} tiếp nhận giải quyết hồ sơ của Ông/Bà; "
        f"mã hồ sơ: {payload.code}",
        f"Thời gian hẹn trả kết quả giải quyết hồ sơ: {payload.old_due_at:%H} giờ {payload.old_due_at:%M} phút, "
        f"{long_date(payload.old_due_at.date())}",
        f"Tuy nhiên đến nay, {issuer} chưa trả kết quả",
        "đúng thời hạn",
        "Lý do:",
        "Sự chậm trễ này đã gây phiền hà, tốn kém chi phí, công sức của Ông/Bà",
        f"{issuer} sẽ trả kết quả giải quyết hồ sơ cho Ông/Bà vào {long_date(payload.new_due_at.date())}",
        "".join(payload.signature.authority) + "(Ký tên, đóng dấu)",
        "Nơi nhận",
    ):
        assert squeezed(line) in text, line


def test_the_control_slip_has_the_lines_and_columns_of_its_form() -> None:
    text = text_of(printed("control slip"))
    for line in (
        "Mẫu số 05 – Thông tư số 01/2018/TT-VPCP",
        "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ",
        f"Mã hồ sơ: {sample_papers.CODE}",
        "Cơ quan (bộ phận) giải quyết hồ sơ: Xã Nghĩa Đô",
        "Cơ quan phối hợp giải quyết hồ sơ: Phòng Kinh tế xã Nghĩa Đô",
        "TÊN CƠ QUAN",
        "THỜI GIAN GIAO, NHẬN HỒ SƠ",
        "KẾT QUẢ GIẢI QUYẾT HỒ SƠ (Trước hạn/đúng hạn/quá hạn)",
        "GHI CHÚ",
        "1. Giao: Cán bộ một cửa, Xã Nghĩa Đô",
        "2. Nhận: Lãnh đạo phòng, Xã Nghĩa Đô",
        "10 giờ 00 phút, ngày 13 tháng 7 năm 2026",
        "Người giao: Lương Văn Tuyến",
        "Người nhận: Hoàng Văn Thái",
    ):
        assert squeezed(line) in text, line
    assert squeezed("Mẫu số 06 – Thông tư số 03/2025/TT-VPCP") in text_of(printed("control slip of 2025"))


def test_the_register_has_the_columns_of_its_form() -> None:
    text = text_of(printed("register"))
    for line in (
        "Mẫu số 06 – Thông tư số 01/2018/TT-VPCP",
        "SỔ THEO DÕI HỒ SƠ",
        "Lĩnh vực: Hoạt động xây dựng",
        "Quyển số: 2026/01",
        "Năm: 2026",
        "STT",
        "Mã hồ sơ",
        "Tên TTHC / Nội dung hồ sơ",
        "Số lượng hồ sơ (bộ)",
        "Tên cá nhân, tổ chức",
        "Địa chỉ, số điện thoại",
        "Cơ quan chủ trì giải quyết",
        "Ngày, tháng, năm",
        "Nhận hồ sơ",
        "Hẹn trả kết quả",
        "Chuyển hồ sơ đến cơ quan giải quyết",
        "Nhận kết quả từ cơ quan giải quyết",
        "Trả kết quả",
        "Phương thức nhận kết quả",
        "Ký nhận",
        "Ghi chú",
        "Bên giao: Lương Văn Tuyến Bên nhận: Hoàng Thị Nguyệt",
        "Quyển sổ này ghi 2 hồ sơ, từ số thứ tự 1 đến số thứ tự 2.",
        "Khóa sổ lúc 08 giờ 00 phút, ngày 04 tháng 01 năm 2027.",
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
    ):
        assert squeezed(line) in text, line
    unlocked = text_of(printed("open register of 2025"))
    assert squeezed("Mẫu số 07 – Thông tư số 03/2025/TT-VPCP") in unlocked
    assert squeezed("Sổ chưa khóa; bản in theo số liệu lúc 08 giờ 00 phút") in unlocked
    assert squeezed("Khóa sổ lúc") not in unlocked


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("refusal of reception", ("PHIẾU TỪ CHỐI TIẾP NHẬN", "GIẢI QUYẾT HỒ SƠ")),
        ("control slip", ("PHIẾU KIỂM SOÁT QUÁ TRÌNH", "GIẢI QUYẾT HỒ SƠ")),
        ("receipt", ("TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG XÃ NGHĨA ĐÔ")),
    ],
)
def test_no_heading_is_divided_within_a_word(name: str, lines: tuple[str, str]) -> None:
    assert "<br>".join(lines) in pdf.html_for(sample_papers.ALL[name])


@pytest.mark.parametrize("payload", [sample_papers.PERMIT, sample_papers.BIRTH_CERTIFICATE], ids=["a4", "certificate"])
def test_the_longest_name_of_a_committee_stands_on_one_line(payload: Result) -> None:
    longest = "ỦY BAN NHÂN DÂN XÃ PHÚC KHÁNH"
    paper = pdf.render(replace(payload, head=replace(payload.head, issuer=longest)))
    with pypdfium2.PdfDocument(paper) as opened:
        lines = opened[0].get_textpage().get_text_range().splitlines()
    assert [line for line in lines if longest in line]
    assert [line for line in lines if "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in line]


def test_a_receipt_for_a_form_without_papers_says_that_there_are_none() -> None:
    text = text_of(pdf.render(replace(sample_papers.RESIDENCE_RECEIPT, components=())))
    assert squeezed("Không có giấy tờ nộp kèm tờ khai.") in text
    assert squeezed("Không có giấy tờ nộp kèm") not in text_of(printed("receipt"))


def test_a_receipt_printed_ahead_has_the_lines_of_its_form_to_be_filled_in() -> None:
    text = text_of(printed("blank"))
    for line in (
        "Email:",
        "5. Thời gian trả kết quả giải quyết hồ sơ: …. giờ …. phút, ngày …. tháng …. năm",
        "Vào Sổ theo dõi hồ sơ, Quyển số:",
        "Số thứ tự:",
    ):
        assert squeezed(line) in text, line


def test_the_register_is_no_wider_than_its_sheet() -> None:
    with pypdfium2.PdfDocument(printed("register")) as opened:
        page = opened[1]
        ink = page.render(scale=2).to_pil().convert("L").point(lambda shade: 255 * (shade < 128)).getbbox()
        assert ink is not None
        assert ink[2] / 2 <= page.get_width() - 9.5 * 72 / 25.4  # its right margin, but for a border


def test_the_papers_of_handing_over_have_their_lines() -> None:
    for name, lines in {
        "hand-over list": (
            "GIẤY BÀN GIAO HỒ SƠ",
            "Bên giao: Bộ phận",
            "Bên nhận: Phòng",
            "Hai bên đã giao, nhận 2 hồ sơ",
        ),
        "hand-over list of results": ("PHIẾU BÀN GIAO KẾT QUẢ", "Hai bên đã giao, nhận kết quả của 2 hồ sơ"),
        "hand-over receipt": (
            "GIẤY BIÊN NHẬN TRẢ KẾT QUẢ",
            f"Mã hồ sơ: {sample_papers.CODE}",
            "Người nhận kết quả: Hoàng Văn Bình",
            "Giấy tờ xuất trình: Giấy hẹn trả kết quả, giấy ủy quyền",
            "Thời gian trả kết quả: 09 giờ 15 phút, ngày 23 tháng 7 năm 2026",
            "Người nhận đã kiểm tra và nhận đủ các văn bản nêu trên.",
            "NGƯỜI NHẬN KẾT QUẢ",
            "NGƯỜI TRẢ KẾT QUẢ",
        ),
    }.items():
        text = text_of(printed(name))
        for line in lines:
            assert squeezed(line) in text, line


def test_letters_say_whom_they_greet_and_whom_they_are_about() -> None:
    for name, lines in {
        "letter about a birth": ("THƯ CHÚC MỪNG", "Kính gửi: Ông Lự Văn Páo và bà", "đón chào cháu Lự Hoàng Bảo Ngọc"),
        "letter about a marriage": ("THƯ CHÚC MỪNG", "đăng ký kết hôn: anh Hoàng Văn Thái và chị Bàn Thị Mẩy"),
        "letter of condolence": ("THƯ CHIA BUỒN", "Kính gửi: Gia quyến ông Lự Văn Páo", "lời chia buồn sâu sắc"),
    }.items():
        text = text_of(printed(name))
        assert [line for line in lines if squeezed(line) not in text] == []


def test_a_receipt_tells_a_fee_not_configured_from_no_fee() -> None:
    assert squeezed("7. Phí, lệ phí: chưa cấu hình") in text_of(printed("receipt of 12 components with long names"))
    assert squeezed("7. Phí, lệ phí: không thu") in text_of(printed("receipt of the district"))


def test_a_receipt_says_when_its_date_is_provisional() -> None:
    remark = squeezed("Ngày hẹn trả là tạm tính")
    assert remark in text_of(printed("receipt of 12 components with long names"))
    assert remark not in text_of(printed("receipt"))


def test_instants_are_printed_in_the_time_of_the_office() -> None:
    utc = replace(RECEIPT, due_at=datetime.fromisoformat("2026-07-21T23:30:00+00:00"))
    assert squeezed("06 giờ 30 phút, ngày 22 tháng 7 năm 2026") in text_of(pdf.render(utc))


@papers
def test_the_qr_code_leads_to_the_tracking_page(name: str) -> None:
    with pypdfium2.PdfDocument(printed(name)) as opened:
        picture = opened[0].render(scale=200 / 72).to_pil()
    found = zxingcpp.read_barcodes(picture)
    assert [(code.text, code.ec_level) for code in found] == [(TRACKING, "M")]


@papers
def test_every_font_is_embedded_as_a_subset(name: str) -> None:
    with pikepdf.open(BytesIO(printed(name))) as opened:
        fonts = [
            item
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        for font in fonts:
            assert "/FontFile2" in font or "/FontFile3" in font
            assert re.match(r"/[A-Z]{6}\+Liberation-Serif", str(font.FontName)), font.FontName


@papers
def test_a_paper_is_a_tagged_pdf_a_3a_in_vietnamese(name: str) -> None:
    payload = sample_papers.ALL[name]
    with pikepdf.open(BytesIO(printed(name))) as opened:
        with opened.open_metadata() as metadata:
            assert (metadata.pdfa_status, metadata["dc:title"].partition(" – ")[0]) == ("3A", form_of(payload).title)
        root = opened.Root
        assert str(root.Lang) == "vi"
        assert bool(root.MarkInfo.Marked)
        assert "/K" in root.StructTreeRoot
        assert [str(intent.S) for intent in root.OutputIntents] == ["/GTS_PDFA1"]
        assert str(opened.docinfo["/Title"]).startswith(form_of(payload).title)
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root.keys())


@papers
def test_other_programs_find_the_file_whole_and_all_its_data_in_the_tree_of_tags(name: str, tmp_path: Path) -> None:
    """Poppler reads the tree as a screen reader does; qpdf looks at the file's own order."""
    (file := tmp_path / "paper.pdf").write_bytes(printed(name))
    assert re.search(r"^Tagged:\s+yes$", pdfinfo(str(file)), re.MULTILINE)
    tagged = squeezed("".join(re.findall(r'^\s*"(.*)"$', pdfinfo("-struct-text", str(file)), re.MULTILINE)))
    payload = sample_papers.ALL[name]
    wanted = {words for path, value in values_of(to_json(payload)) for words in shown(payload.kind, path, value)}
    assert {words for words in wanted if squeezed(words) not in tagged} <= in_the_margin(payload)
    with pikepdf.open(file) as opened:
        assert opened.check_pdf_syntax() == []


def in_the_margin(payload: Payload) -> set[str]:
    """What stands outside the text, on every page: no part of the tree."""
    return {payload.tracking_url}


def pdfinfo(*arguments: str) -> str:
    """What Poppler tells of a file."""
    return subprocess.run(["pdfinfo", *arguments], capture_output=True, text=True, check=True).stdout


def test_headings_lists_tables_and_the_picture_are_tagged() -> None:
    with pikepdf.open(BytesIO(printed("receipt"))) as opened:
        tags = {
            str(item.S)
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and "/S" in item and "/P" in item
        }
        figures_ = [
            item for item in opened.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/LI"} <= tags
        assert [TRACKING in str(figure.Alt) for figure in figures_] == [True]


@papers
def test_a_paper_carries_its_payload(name: str) -> None:
    with pikepdf.open(BytesIO(printed(name))) as opened:
        assert list(opened.attachments) == [PAYLOAD_NAME]
        attached = opened.attachments[PAYLOAD_NAME]
        assert json.loads(attached.get_file().read_bytes()) == to_json(sample_papers.ALL[name])
        assert attached.relationship == pikepdf.Name.Data
        assert attached.get_file().mime_type == "application/json"


@papers
def test_the_same_payload_gives_the_same_file(name: str) -> None:
    assert pdf.render(sample_papers.ALL[name]) == printed(name)


@papers
def test_slips_are_a5_and_documents_a4(name: str) -> None:
    sizes = {"A4": (595, 842), "A5": (420, 595)}
    payload = sample_papers.ALL[name]
    size = sizes[form_of(payload).paper]
    with pypdfium2.PdfDocument(printed(name)) as opened:
        shown = {tuple(round(side) for side in page.get_size()) for page in opened}
    assert shown == {size[::-1] if isinstance(payload, Register | Letter) else size}


def test_only_a_long_paper_has_a_second_page_and_only_that_is_numbered() -> None:
    pages = {}
    for name in sample_papers.ALL:
        with pypdfium2.PdfDocument(printed(name)) as opened:
            pages[name] = [page.get_textpage().get_text_range().split() for page in opened]
    long = pages.pop("receipt of 12 components with long names")
    assert {len(pages.pop(name)) for name in ("register", "open register of 2025")} == {2}, "a cover and a page"
    assert {len(texts) for texts in pages.values()} == {1}
    assert len(long) == 2
    assert "2" in long[1][-6:]
    assert squeezed("Thành phần hồ sơ") in "".join(long[1]), "the table's head is repeated"
    assert sample_papers.CODE in long[1][-1]


@papers
def test_markup_in_any_field_is_printed_as_text(name: str) -> None:
    hostile = with_text(sample_papers.ALL[name], HOSTILE)
    document = pdf.render(hostile)
    # Items for one and the same reason are told of it once, with the request.
    told_once = {"items.reason"}
    fields = [path for path, value in values_of(to_json(hostile)) if value == HOSTILE and path not in told_once]
    assert fields
    assert text_of(document).count(squeezed(HOSTILE)) >= len(fields)
    with pikepdf.open(BytesIO(document)) as opened:
        assert len([item for item in opened.objects if _is_picture(item)]) == _pictures(name)


def with_text(payload: Payload, text: str) -> Payload:
    """The payload with this text in every field that holds text."""

    def changed(value: Any) -> Any:
        if isinstance(value, str):
            return text
        if isinstance(value, tuple):
            return tuple(changed(item) for item in value)
        if hasattr(value, "__dataclass_fields__"):
            return replace(
                value,
                **{
                    key: changed(getattr(value, key))
                    for key in value.__dataclass_fields__
                    if key not in MADE_OF_CHOICES
                },
            )
        return value

    result: Payload = changed(payload)
    return result


def _is_picture(item: object) -> bool:
    return isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"


def _pictures(name: str) -> int:
    with pikepdf.open(BytesIO(printed(name))) as opened:
        return len([item for item in opened.objects if _is_picture(item)])


def test_a_paper_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert pdf.render(with_text(RECEIPT, HOSTILE))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/p.png", "https://127.0.0.1/p.css", "file:///etc/hostname", "ftp://127.0.0.1/"]
)
def test_only_addresses_that_hold_their_own_content_can_be_opened(url: str) -> None:
    with pytest.raises(ValueError, match="disallowed protocol"):
        pdf.press().offline.fetch(url)
    assert pdf.press().offline.fetch("data:text/plain,x").read() == b"x"


def test_every_vietnamese_letter_has_its_glyph_in_every_face() -> None:
    letters = "".join(sorted(pdf.VIETNAMESE))
    in_all_faces = replace(
        RECEIPT,
        subject=letters,  # bold
        applicant=replace(RECEIPT.applicant, address=letters),  # regular
    )
    italics = replace(sample_papers.PERMIT, subtitle=letters, preamble=(letters,))
    assert text_of(pdf.render(in_all_faces)).count(letters) == 2
    assert text_of(pdf.render(italics)).count(letters) == 2
    assert len(letters) == 2 * 67 + 1


@papers
def test_no_paper_draws_a_missing_glyph(name: str) -> None:
    assert 0 not in drawn_glyphs(printed(name))


def test_a_character_without_a_glyph_is_printed_as_a_box_and_kept_in_the_data() -> None:
    strange = replace(RECEIPT, subject="漢 \u202eđảo ngược\u202c 🙂 \u0000 \u200b")
    document = pdf.render(strange)
    assert squeezed("□ □đảo ngược□ □ □ □") in text_of(document)
    assert 0 not in drawn_glyphs(document)
    with pikepdf.open(BytesIO(document)) as opened:
        assert json.loads(opened.attachments[PAYLOAD_NAME].get_file().read_bytes())["subject"] == strange.subject


def test_letters_taken_apart_are_put_together() -> None:
    apart = replace(RECEIPT, subject=unicodedata.normalize("NFD", "Cấp giấy phép xây dựng"))
    assert squeezed("Cấp giấy phép xây dựng") in text_of(pdf.render(apart))


def drawn_glyphs(document: bytes) -> set[int]:
    """The glyph numbers a document draws; its fonts number them in two bytes, 0 being the missing glyph."""
    glyphs: set[int] = set()
    with pikepdf.open(BytesIO(document)) as opened:
        for page in opened.pages:
            for instruction in pikepdf.parse_content_stream(page):
                if str(instruction.operator) in ("Tj", "TJ"):
                    for operand in _strings(instruction.operands):
                        raw = bytes(operand)
                        glyphs |= {int.from_bytes(raw[i : i + 2]) for i in range(0, len(raw), 2)}
    assert glyphs
    return glyphs


def _strings(operands: Any) -> Iterator[pikepdf.String]:
    for operand in operands:
        if isinstance(operand, pikepdf.String):
            yield operand
        elif isinstance(operand, pikepdf.Array):
            yield from _strings(operand)


def test_a_very_long_word_stays_on_the_page() -> None:
    endless = replace(RECEIPT, applicant=replace(RECEIPT.applicant, name="W" * 300, email="m" * 200))
    with pypdfium2.PdfDocument(pdf.render(endless)) as opened:
        for page in opened:
            width, _ = page.get_size()
            text = page.get_textpage()
            rights = [text.get_charbox(place)[2] for place in range(text.count_chars())]
            assert max(rights) <= width


def test_every_form_has_its_template() -> None:
    for form in FORMS.values():
        assert (pdf.TEMPLATES / form.template).is_file()


def test_an_unknown_value_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        pdf.press().templates.from_string("{{ payload.nothing }}").render(payload=RECEIPT)


def test_without_a_font_for_vietnamese_nothing_is_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf, "FONT_FOLDERS", (str(tmp_path),))
    pdf.press.cache_clear()
    try:
        with pytest.raises(pdf.FontMissing, match="fonts-liberation2"):
            pdf.warm()
    finally:
        pdf.press.cache_clear()


def test_the_bare_page_holds_the_same_text_as_the_paper() -> None:
    html = pdf.html_for(RECEIPT)
    assert html.startswith("<!DOCTYPE html>")
    assert RECEIPT.applicant.name in html
    assert "@page" in pdf.stylesheet()
