"""Renders slips and results as tagged PDF/A-3 papers that carry their own data and fetch nothing.

The same payload gives the same bytes, so that a job that runs twice stores the same file.
"""

import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from fontTools import subset
from fontTools.ttLib import TTFont
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.ffi import ffi
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from portal.domain import slips
from portal.domain.attestation import Link
from portal.domain.numerals import figures, in_words, long_date, money
from procedures.wordings import filled, load_wordings

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates" / "slips"
OFFICE_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
VARIANT: Final = "pdf/a-3a"

FONT_FOLDERS: Final = (
    "/usr/share/fonts/truetype/liberation2",
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/liberation-serif-fonts",
    "/usr/share/fonts/liberation",
)
"""Where systems keep Liberation Serif, which has the measures of Times New Roman (NĐ 30/2020) and may be embedded.

Version 1, which some systems still have in the second folder, lacks most Vietnamese letters: hence the search.
"""

FACES: Final = {
    "Regular": "font-weight: 400; font-style: normal",
    "Bold": "font-weight: 700; font-style: normal",
    "Italic": "font-weight: 400; font-style: italic",
    "BoldItalic": "font-weight: 700; font-style: italic",
}

_LETTERS: Final = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
VIETNAMESE: Final = frozenset(_LETTERS + _LETTERS.upper() + "₫")

PRINTABLE: Final = frozenset(
    chr(code)
    for block in (
        range(0x20, 0x7F),
        range(0xA0, 0x250),
        range(0x1E00, 0x1F00),
        range(0x2010, 0x2028),
        range(0x2030, 0x205F),
    )
    for code in block
    if code != 0xAD
) | frozenset("₫€№™←→−≠≤≥□ \n")
"""What a paper may show if its font has it: Latin with every Vietnamese letter and punctuation, nothing invisible."""

MASK: Final = 3
"""The mask of QR codes: every third diagonal is turned over."""

SUBSTITUTE: Final = "□"
"""Stands for a character that cannot be printed; the attached data keep the original."""


WORDS: Final = (
    "BỔ SUNG", "CHI NHÁNH", "CHÍNH CÔNG", "ĐẤT ĐAI", "ĐĂNG KÝ", "GIẢI QUYẾT", "HÀNH CHÍNH", "HOÀN THIỆN", "HỒ SƠ",
    "HƯỚNG DẪN", "KẾT QUẢ", "KHU VỰC", "KIỂM SOÁT", "NHÂN DÂN", "PHỤC VỤ", "QUÁ TRÌNH", "THÔNG BÁO", "THỦ TỤC",
    "TIẾP NHẬN", "TRUNG TÂM", "ỦY BAN", "VĂN PHÒNG",
)  # fmt: skip
"""Words of several syllables in the headings, which no line may divide."""

_HELD: Final = "\xa0"


class FontMissing(RuntimeError):
    """No Liberation Serif with every Vietnamese letter is installed."""


@dataclass(frozen=True, slots=True)
class Press:
    """What every paper is printed with, made once: reading style and fonts costs more than a page."""

    css: CSS
    fonts: FontConfiguration
    offline: URLFetcher
    templates: Environment


@cache
def press() -> Press:
    """The press of this process. Raises FontMissing where Vietnamese could not be printed."""
    faces, letters = _faces()
    offline = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    fonts = FontConfiguration()
    css = CSS(string=faces + stylesheet(), font_config=fonts, url_fetcher=offline)
    return Press(css, fonts, offline, _templates(letters))


PROOF: Final = slips.Receipt(
    form_set=slips.GENERAL_SETS[-1][1],
    head=slips.Head(
        superior="ỦY BAN NHÂN DÂN",
        issuer="ỦY BAN NHÂN DÂN",
        shop=None,
        number="01",
        place="",
        issued_on=date(2026, 7, 1),
    ),
    code="0",
    applicant=slips.Applicant(name="Bản in thử"),
    subject="Bản in thử",
    components=(slips.ComponentLine(title="Bản in thử", originals=1),),
    sets=1,
    term=("0 ngày",),
    received_at=datetime(2026, 7, 1, tzinfo=OFFICE_ZONE),
    due_at=datetime(2026, 7, 1, tzinfo=OFFICE_ZONE),
    due_provisional=True,
    result_at="",
    book=slips.Book(volume="", number=0),
    fees=(slips.FeeLine(title="Bản in thử", amount=1000, note="bản in thử"),),
    fee_total=1000,
    officer="",
    tracking_url="http://localhost/",
)
"""A paper that is about nobody, and has all that the press must learn once: QR code, tables, fonts, attachment."""


ARRAY_SIZES: Final = (*range(60, 130), *range(780, 820))
"""How many characters of one face a paper uses, and how many glyphs then stay in the font it embeds, as a rule."""


def warm() -> bytes:
    """Print a proof, which is given, and load every template before forking, so that a job starts printing at once."""
    proof = render(PROOF)
    for size in ARRAY_SIZES:  # each size is a type of its own, for which a parser of C is run once
        ffi.typeof(f"hb_codepoint_t[{size}]")
    for form in slips.FORMS.values():
        press().templates.get_template(form.template)
    return proof


def render(payload: slips.Payload, proof: Link | None = None) -> bytes:
    """The paper of a payload as PDF/A-3a: tagged, fonts embedded, the payload attached as JSON.

    `proof` is where the paper can be checked: its QR leads there, and it is attached too, for whoever has the file
    alone. Without one the QR leads to the tracking page.
    """
    issued = datetime.combine(payload.head.issued_on, time(), UTC)

    def attached(name: str, text: str, description: str, relationship: str) -> Attachment:
        return Attachment(
            string=text,
            name=name,
            description=description,
            created=issued,
            modified=issued,
            relationship=relationship,
        )

    files = [attached(slips.PAYLOAD_NAME, slips.text(payload), "Dữ liệu của văn bản này", "Data")]
    if proof:
        files.append(attached(slips.PROOF_NAME, str(proof), "Địa chỉ xác minh văn bản này", "Supplement"))
    return _print(html_for(payload, proof), files)


def html_for(payload: slips.Payload, proof: Link | None = None) -> str:
    """The paper as one HTML page without its style (see `stylesheet`); every value in it is escaped."""
    form = slips.form_of(payload)
    label, reference = slips.reference(payload)
    return (
        press()
        .templates.get_template(form.template)
        .render(
            payload=payload,
            form=form,
            head=payload.head,
            reference=reference,
            reference_label=label,
            qr=_qr(proof or Link(payload.tracking_url)),
            wording=_official(payload) | dict(payload.wording),
        )
    )


def _official(payload: slips.Payload) -> dict[str, str]:
    """The official sentences: a slip made out before they could be reworded brings none of its own."""
    return {each.key: each.text for each in load_wordings().sentences(payload.kind, payload.form_set)}


def stylesheet() -> str:
    """The style of every paper, without the fonts."""
    return (TEMPLATES / "slips.css").read_text(encoding="utf-8")


def _print(html: str, attachments: list[Attachment]) -> bytes:
    machine = press()
    pdf: bytes = HTML(string=html, url_fetcher=machine.offline).write_pdf(
        stylesheets=[machine.css], font_config=machine.fonts, pdf_variant=VARIANT, attachments=attachments
    )
    return pdf


def _qr(link: Link) -> str:
    """The link as a QR code of error level M, in dots: drawn as lines it would cost a sixth of the page.

    Sixteen dots for a module, for printers smooth the edges of what they blow up. The mask is not chosen among all
    eight, which takes four times as long: it breaks up regular patterns, and a signature has none.
    """
    image = BytesIO()
    parts: Any = [part for part in link if part]  # each is packed by its own letters
    segno.make(parts, micro=False, error="m", boost_error=False, mask=MASK).save(image, kind="png", border=2, scale=4)
    return f"data:image/png;base64,{b64encode(image.getvalue()).decode()}"


def _templates(letters: frozenset[str]) -> Environment:
    def printable(value: Any) -> Any:
        return legible(value, letters) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "balanced": _balanced,
        "figures": figures,
        "filled": filled,
        "in_a_sentence": slips.in_a_sentence,
        "in_words": in_words,
        "long_date": long_date,
        "money": money,
        "local": lambda instant, pattern: instant.astimezone(OFFICE_ZONE).strftime(pattern),
        "local_date": lambda instant: instant.astimezone(OFFICE_ZONE).date(),
    }
    return environment


def _balanced(heading: str, width: int) -> list[str]:
    """A heading in as few lines of at most `width` letters as hold it, then as even as these lines can be.

    No line ends within one of the `WORDS`.
    """
    for word in WORDS:
        heading = heading.replace(word, word.replace(" ", _HELD))
    lines = wrap(heading, width, break_long_words=False)
    for narrower in range(width, 0, -1):
        even = wrap(heading, narrower, break_long_words=False)
        if len(even) > len(lines) or any(len(line) > narrower for line in even):
            break
        lines = even
    return [line.replace(_HELD, " ") for line in lines]


def legible(text: str, letters: frozenset[str]) -> str:
    """The text composed (NFC), with a visible stand-in for each character the font or the page does not hold.

    It keeps a paper valid (PDF/A allows no missing glyph) and honest (no invisible or direction-changing characters).
    """
    return "".join(c if c in letters or c == "\n" else SUBSTITUTE for c in unicodedata.normalize("NFC", text))


def _faces() -> tuple[str, frozenset[str]]:
    """The `@font-face` rules of four embedded subsets, and the characters all four can print."""
    folder = _font_folder()
    rules = []
    letters = PRINTABLE
    for face, style in FACES.items():
        font = TTFont(folder / f"LiberationSerif-{face}.ttf")
        letters &= _characters(font)
        subsetter = subset.Subsetter(subset.Options(layout_features=["*"], hinting=False, drop_tables=["FFTM", "DSIG"]))
        subsetter.populate(unicodes=[ord(letter) for letter in PRINTABLE])
        subsetter.subset(font)
        small = BytesIO()
        font.save(small)
        source = f"data:font/ttf;base64,{b64encode(small.getvalue()).decode()}"
        rules.append(f'@font-face {{ font-family: "Liberation Serif Vietnamese"; {style}; src: url("{source}"); }}\n')
    return "".join(rules), letters


def _font_folder() -> Path:
    for folder in map(Path, FONT_FOLDERS):
        regular = folder / "LiberationSerif-Regular.ttf"
        if regular.is_file() and _characters(TTFont(regular)) >= VIETNAMESE:
            return folder
    raise FontMissing(
        "Liberation Serif 2 with every Vietnamese letter is missing: install the package fonts-liberation2"
    )


def _characters(font: TTFont) -> set[str]:
    return {chr(code) for code in font.getBestCmap()}
