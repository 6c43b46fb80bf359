"""Who is to be helped first at the counter (NĐ 63/2010/NĐ-CP Art 18.8); no term becomes shorter or longer by it."""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """The groups the decree names."""

    MERIT = "merit"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    POOR = "poor"
    PREGNANT = "pregnant"
    ORPHAN = "orphan"
