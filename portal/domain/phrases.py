"""Templates for words: sentences that a unit writes once, with fields that each dossier fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from procedures.model import Text

#: What can be filled in, by the name that stands in braces.
FIELDS: Final[Mapping[str, Text]] = {
    "ten_nguoi_nop": Text(vi="tên người nộp", en="the applicant's name"),
    "ma_ho_so": Text(vi="mã hồ sơ, hoặc số đăng ký khi chưa tiếp nhận", en="the dossier code, or registration number"),
    "ten_thu_tuc": Text(vi="tên thủ tục", en="the procedure"),
    "ngay_nop": Text(vi="ngày nộp", en="the day of submission"),
    "ngay_hen": Text(vi="ngày hẹn trả", en="the due day"),
    "don_vi": Text(vi="tên đơn vị", en="the unit"),
}
#: Stands where a dossier has nothing to fill in.
BLANK: Final = "………"

_FIELD: Final = re.compile(r"\{([^{}]*)\}")


def unknown(words: str) -> list[str]:
    """The names in braces that no dossier can fill in."""
    return [name for name in _FIELD.findall(words) if name not in FIELDS]


def filled(words: str, values: Mapping[str, str]) -> str:
    """The words with what this dossier has in the place of each field."""
    return _FIELD.sub(lambda found: values.get(found[1]) or BLANK, words)


def joined(typed: str, added: str) -> str:
    """What was typed already, and the words of a template after it."""
    return "\n".join(filter(None, [typed.rstrip(), added]))
