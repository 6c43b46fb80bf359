"""Corrections of an intake or a reception, revocations of papers: for which reasons, and what was changed to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from portal.domain.forms import Part
from procedures.model import Text


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


#: Why what was taken down at reception is corrected; an officer says more in words.
AMENDMENT_REASONS: Final[Mapping[str, Text]] = {
    "typed_wrong": _t("Nhập sai so với giấy tờ đã nộp", "Typed otherwise than the papers say"),
    "declared_wrong": _t("Người nộp khai nhầm", "The applicant declared it wrongly"),
    "counted_wrong": _t("Ghi sai giấy tờ đã nhận hoặc số bản", "Papers were listed or counted wrongly"),
    "contact_changed": _t("Thông tin liên hệ của người nộp đã thay đổi", "The applicant's contact has changed"),
}

#: Why a reception is put right on its day: another procedure, unit or time than was entered.
RECTIFICATION_REASONS: Final[Mapping[str, Text]] = {
    "picked_wrong": _t("Cán bộ chọn nhầm khi tiếp nhận", "The officer picked another one by mistake"),
    "sent_wrong": _t("Người nộp chọn nhầm khi gửi hồ sơ", "The applicant picked another one by mistake"),
    "entered_later": _t("Ghi vào hệ thống muộn hơn lúc nhận", "It was entered later than it came"),
}

#: Why a paper counts no longer, with nothing in its place.
REVOCATION_REASONS: Final[Mapping[str, Text]] = {
    "made_in_error": _t("Giấy lập nhầm, không đúng việc đã xảy ra", "Made out in error: it says what is not so"),
    "against_the_law": _t("Giấy cấp trái quy định", "Issued against the law"),
    "in_wrong_hands": _t("Giấy bị mất hoặc vào tay người khác", "Lost, or in the hands of somebody else"),
}


class Change(NamedTuple):
    """One line of an intake that was corrected; `name` is the input it stands in, '' stands for nothing there."""

    name: str
    label: str
    before: str
    after: str


def changes(before: Iterable[Part], after: Iterable[Part]) -> Iterator[Change]:
    """What differs between two sets of shown answers, line by line, in the order of the form."""
    old = {(line.name, line.label): line.value for part in before for line in part.lines}
    new = {(line.name, line.label): line.value for part in after for line in part.lines}
    for name, label in dict.fromkeys((*old, *new)):
        was, became = old.get((name, label), ""), new.get((name, label), "")
        if was != became:
            yield Change(name, label, was, became)
