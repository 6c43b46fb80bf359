"""The seam where money is taken: today at the one-stop shop's counter, against a receipt.

Online payment joins here as another `Payment`: a class whose `settle` asks the payment gateway whether the sum has
arrived and returns the same `Paid`. The use case that confirms a duty keeps calling `settle` and does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Paid:
    """One sum received: integer đồng, when (aware instant), the receipt's number and the account id of who took it."""

    amount: int
    at: datetime
    receipt_number: str
    taken_by: str


class Payment(Protocol):
    """One way of paying."""

    def settle(self, amount: int, at: datetime) -> Paid:
        """The proof that `amount` đồng were paid by `at`. Raises Invalid when this way of paying cannot prove it."""


@dataclass(frozen=True, slots=True)
class CounterPayment:
    """Cash or transfer at the counter: the officer who took it answers for it by the number of the receipt given."""

    receipt_number: str
    taken_by: str

    def settle(self, amount: int, at: datetime) -> Paid:
        """Raises Invalid without a receipt number, for a sum that is not positive, or for an instant without offset."""
        receipt_number = self.receipt_number.strip()
        faults = {
            "receipt_number": "required" if not receipt_number else "",
            "amount": "not_positive" if amount <= 0 else "",
            "at": "no_offset" if at.utcoffset() is None else "",
        }
        if found := {field: fault for field, fault in faults.items() if fault}:
            raise Invalid(found)
        return Paid(amount, at, receipt_number, self.taken_by)
