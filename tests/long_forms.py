"""Procedures with forms of any length, as files: what is asked grows, everything else stays as short as it may be."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from procedures.catalogue import read_procedure
from procedures.model import Procedure

PER_PAGE: Final = 10
SLUG: Final = "long-form"

_HEAD = """\
code: "{code}"
sector: residence
title: {{vi: Tờ khai dài, en: A long form}}
short_title: {{vi: Tờ khai dài, en: A long form}}
summary: {{vi: Để đo tờ khai dài ngắn khác nhau., en: To measure forms of several lengths.}}
steps: [{{vi: Nộp., en: Hand in.}}]
manners:
  - {{channel: online, text: {{vi: Trực tuyến, en: Online}}}}
components:
  - {{key: request, title: {{vi: Đơn, en: Request}}, required: false, kinds: [electronic]}}
term: 2 working_day
supplement: {{clock: restart}}
subjects: [{{vi: Cá nhân, en: Individuals}}]
authority: {{vi: Công an cấp xã, en: The commune's police}}
result: {{kind: notice, title: {{vi: Thông báo, en: Notice}}, template: general, by_number: false}}
legal_basis: [{{vi: Luật Cư trú, en: Law on Residence}}]
level: 4
refusals: [{{code: wrong, text: {{vi: Không đúng, en: Wrong}}}}]
supplements: [{{code: missing, text: {{vi: Thiếu, en: Missing}}}}]
route:
  - key: reception
    title: {{vi: Tiếp nhận, en: Reception}}
    role: one_stop_officer
    share: 1
    actions: [receive, forward]
  - {{key: decision, title: {{vi: Duyệt, en: Decision}}, role: leader, share: 1, actions: [approve, refuse, issue]}}
  - {{key: return, title: {{vi: Trả, en: Return}}, role: one_stop_officer, outside_clock: true, actions: [hand_over]}}
place: commune
form:
  - use: applicant/2016-01-01
  - use: contact/2016-01-01
  - use: submitter/2016-01-01
  - use: delivery/2016-01-01
  - key: where
    title: {{vi: Nơi nộp, en: Where}}
    fields:
      - {{key: commune, kind: unit, label: {{vi: Xã, en: Commune}}, prefill: commune}}
      - {{key: more, kind: yes_no, label: {{vi: Khai thêm, en: More}}, required: false}}
"""
_TAIL = """\
  - use: declaration/2016-01-01
examples:
  - name: incomplete
    channel: online
    unit: bao-yen
    received_at: "%sT08:00"
    answers: {}
    expect: {outcome: incomplete, fee: 0, errors: [%s]}
"""
_MISSING = (
    "full_name", "personal_number", "birth_date", "sex", "permanent_address", "phone", "result_delivery", "commune",
    "declaration", "submitter",
)  # fmt: skip


def text_of(code: str, fields: int, conditions: int, on: date = date(2026, 8, 3)) -> str:
    """A procedure whose form asks so many questions, in pages of ten; so many of them only where a condition holds.

    A condition looks at a question of an earlier page, as conditions commonly do. Its example is of the day `on`.
    """
    pages = [
        f"  - key: page_{page}\n    title: {{vi: Trang {page}, en: Page {page}}}\n    fields:\n"
        + "".join(_question(page, at, fields, conditions) for at in range(PER_PAGE))
        for page in range(fields // PER_PAGE)
    ]
    return _HEAD.format(code=code) + "".join(pages) + _TAIL % (on, ", ".join(_MISSING))


def _question(page: int, at: int, fields: int, conditions: int) -> str:
    number = page * PER_PAGE + at
    # Spread evenly over the form, never on the first question of a page.
    conditional = at and (number * conditions) // fields != ((number - 1) * conditions) // fields
    before = f"field_{(page - 1) * PER_PAGE}" if page else "more"
    looked_at = f" == {'true' if not page else repr('x')}"
    when = f', when: "{before}{looked_at}"' if conditional else ""
    return (
        f"      - {{key: field_{number}, kind: text, label: {{vi: Mục {number}, en: Field {number}}},"
        f" required: false{when}}}\n"
    )


def long_form(folder: Path, fields: int, conditions: int) -> Procedure:
    """Such a procedure, read from a file in this folder as all procedures are."""
    file = folder / "residence" / SLUG / "2026-01-01.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text_of("9.000300", fields, conditions), encoding="utf-8")
    return read_procedure(file).procedure


def last_page(fields: int) -> str:
    """The key of the last page of ten questions."""
    return f"page_{fields // PER_PAGE - 1}"


def sent(fields: int) -> dict[str, list[str]]:
    """The answers to that page."""
    first = fields // PER_PAGE * PER_PAGE - PER_PAGE
    return {f"field_{number}": ["đã khai"] for number in range(first, first + PER_PAGE)}
