"""What a dossier costs: the fees that apply, frozen as plain values, and how amounts are written.

An amount nobody has entered is null ("chưa cấu hình"); that is not free, and a total with such a line is null too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from portal.domain import forms, numerals
from portal.domain.kinds import Context
from procedures.model import Fee, Procedure, Text

#: The answer by which an applicant claims an exemption.
CLAIM: Final = "fee_exemption"
NOT_CONFIGURED: Final = Text(vi="Chưa cấu hình", en="Not configured")
FREE: Final = Text(vi="Không thu", en="Free of charge")


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee of one dossier, in đồng: `amount` for one, `total` for all, 0 where exempt; null where not configured."""

    code: str
    name_vi: str
    name_en: str
    amount: int | None
    quantity: int
    total: int | None
    when: str
    exempt: bool = False

    def name(self, language: str) -> str:
        """The fee's name."""
        return self.name_en if language == "en" else self.name_vi


@dataclass(frozen=True, slots=True)
class FeeNote:
    """The fees of one dossier; without any line it is free."""

    lines: tuple[FeeLine, ...]
    exemption: str | None = None

    @property
    def total(self) -> int | None:
        """The sum in đồng; 0 is free, null is not known."""
        totals = [line.total for line in self.lines]
        return None if None in totals else sum(total for total in totals if total is not None)

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be frozen on the dossier."""
        return {"lines": [asdict(line) for line in self.lines], "exemption": self.exemption, "total": self.total}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FeeNote:
        """The note back from `to_json`'s values."""
        return cls(tuple(FeeLine(**line) for line in plain["lines"]), plain["exemption"])


def fee_note(procedure: Procedure, answers: forms.Answers, context: Context, exemption: str | None = None) -> FeeNote:
    """The fees of a dossier with these answers, by the channel and on the day of the context.

    `exemption` is a code of the procedure's exemptions; None takes the one the applicant claims in the form. An unknown
    code exempts from nothing.
    """
    seen = forms.values(procedure, answers, context)
    claimed = exemption or seen.get(CLAIM)
    granted = next((item for item in procedure.exemptions if item.code == claimed), None)
    lines = []
    for fee in procedure.fees:
        quantity = _quantity(fee, seen)
        if context.channel not in fee.channels or quantity == 0 or (fee.condition and not fee.condition.holds(seen)):
            continue
        exempt = granted is not None and (not granted.fees or fee.code in granted.fees)
        total = 0 if exempt else None if fee.amount is None else fee.amount * quantity
        lines.append(FeeLine(fee.code, fee.name.vi, fee.name.en, fee.amount, quantity, total, fee.when, exempt=exempt))
    return FeeNote(tuple(lines), granted.code if granted else None)


def _quantity(fee: Fee, seen: Mapping[str, Any]) -> int:
    return 1 if fee.per is None else max(int(seen.get(fee.per) or 0), 0)


def amount_shown(amount: int | None, language: str = "vi") -> str:
    """'15.000 đồng', 'Không thu' for 0, 'Chưa cấu hình' for null."""
    if amount is None:
        return NOT_CONFIGURED.say(language)
    return numerals.money(amount) if amount else FREE.say(language)


def amount_in_words(amount: int) -> str:
    """'Mười lăm nghìn đồng', as receipts say it. Raises ValueError for less than nothing."""
    words = numerals.in_words(amount)
    return f"{words[:1].upper()}{words[1:]} đồng"
