"""What a dossier costs: the fees that apply, frozen as plain values, and how amounts are written.

An amount nobody has entered is null ("chưa cấu hình"); that is not free, and a total with such a line is null too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from portal.domain import forms, numerals
from portal.domain.asking import Answers
from portal.domain.kinds import Context
from procedures.model import Fee, Procedure, Text

#: The answer by which an applicant claims an exemption.
CLAIM: Final = "fee_exemption"
NOT_CONFIGURED: Final = Text(vi="Chưa cấu hình", en="Not configured")
_EXEMPT: Final = Text(vi="Được miễn", en="Exempt")
_TIMES: Final = Text(vi="{quantity} × {amount}", en="{quantity} × {en_amount}")
FREE: Final = Text(vi="Không thu", en="Free of charge")


class FeeState(StrEnum):
    """How far the fees of a procedure are known."""

    FREE = "free"
    FIXED = "fixed"
    NOT_CONFIGURED = "not_configured"
    MIXED = "mixed"


def fee_state(procedure: Procedure) -> FeeState:
    """Free where nothing is due; fixed where every amount is known, mixed where only some are."""
    amounts = {fee.amount for fee in procedure.fees}
    if amounts <= {0}:
        return FeeState.FREE
    if None not in amounts:
        return FeeState.FIXED
    return FeeState.NOT_CONFIGURED if amounts == {None} else FeeState.MIXED


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee of one dossier in đồng: `amount` is `unit_amount` times `quantity`, 0 if `exempt`, null where unknown."""

    code: str
    name: Text
    unit_amount: int | None
    quantity: int
    amount: int | None
    when: str
    exempt: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values, to be frozen on the dossier; `note` says in Vietnamese what explains the amount."""
        return asdict(self) | {"name": self.name.model_dump(), "note": self.note.vi if self.note else None}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FeeLine:
        """The line back from `to_json`'s values."""
        values = {key: value for key, value in plain.items() if key != "note"}
        return cls(**values | {"name": Text.model_validate(plain["name"])})

    @property
    def note(self) -> Text | None:
        """What is to be said beside the amount."""
        if self.exempt:
            return _EXEMPT
        if self.quantity > 1 and self.unit_amount is not None:
            amount, in_english = numerals.money(self.unit_amount), numerals.money(self.unit_amount, "en")
            return _TIMES.filled(quantity=self.quantity, amount=amount, en_amount=in_english)
        return None


@dataclass(frozen=True, slots=True)
class FeeNote:
    """The fees of one dossier; without any line it is free."""

    lines: tuple[FeeLine, ...]
    exemption: str | None = None

    @property
    def total(self) -> int | None:
        """The sum in đồng; 0 is free, null is not known."""
        amounts = [line.amount for line in self.lines]
        return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def fee_note(procedure: Procedure, answers: Answers, context: Context, exemption: str | None = None) -> FeeNote:
    """The fees of a dossier with these answers, by the channel and on the day of the context.

    `exemption` is a code of the procedure's exemptions; None takes the one the applicant claims in the form. An unknown
    code exempts from nothing.
    """
    seen = forms.values(procedure, answers, context)
    claimed = exemption or seen.get(CLAIM)
    granted = next((item for item in procedure.exemptions if item.code == claimed), None)
    lines = [
        _line(fee, seen, exempt=granted is not None and (not granted.fees or fee.code in granted.fees))
        for fee in procedure.fees
        if context.channel in fee.channels and (fee.condition is None or fee.condition.holds(seen))
    ]
    return FeeNote(tuple(line for line in lines if line.quantity), granted.code if granted else None)


def _line(fee: Fee, seen: Mapping[str, Any], *, exempt: bool) -> FeeLine:
    quantity = 1 if fee.per is None else _counted(seen.get(fee.per))
    amount = 0 if exempt else None if fee.amount is None else fee.amount * quantity
    return FeeLine(fee.code, fee.name, fee.amount, quantity, amount, fee.when, exempt)


def _counted(answer: Any) -> int:
    """The number a fee is multiplied by; of a repeated group, how many rows it has."""
    return len(answer) if isinstance(answer, list) else max(int(answer or 0), 0)


def amount_shown(amount: int | None, language: str = "vi") -> str:
    """'15.000 đồng', in English '15,000 đồng'; 'Không thu' for 0, 'Chưa cấu hình' for null."""
    if amount is None:
        return NOT_CONFIGURED.say(language)
    return numerals.money(amount, language) if amount else FREE.say(language)


def amount_in_words(amount: int) -> str:
    """'Mười lăm nghìn đồng', as receipts say it. Raises ValueError for less than nothing."""
    words = numerals.in_words(amount)
    return f"{words[:1].upper()}{words[1:]} đồng"
