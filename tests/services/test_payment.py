"""Money at the counter is proven by the number of a receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.domain.errors import Invalid
from portal.services.payment import CounterPayment, Paid, Payment

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_a_sum_taken_at_the_counter_is_proven_by_who_when_and_the_receipts_number() -> None:
    counter: Payment = CounterPayment(receipt_number=" BL-0012 ", taken_by="7")
    assert counter.settle(75_000, NOW) == Paid(amount=75_000, at=NOW, receipt_number="BL-0012", taken_by="7")


@pytest.mark.parametrize(
    ("receipt_number", "amount", "at", "faults"),
    [
        ("  ", 75_000, NOW, {"receipt_number": "required"}),
        ("BL-1", 0, NOW, {"amount": "not_positive"}),
        ("BL-1", 75_000, NOW.replace(tzinfo=None), {"at": "no_offset"}),
        ("", -1, NOW, {"receipt_number": "required", "amount": "not_positive"}),
    ],
)
def test_what_proves_nothing_is_refused_by_field(
    receipt_number: str, amount: int, at: datetime, faults: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        CounterPayment(receipt_number, "7").settle(amount, at)
    assert refusal.value.fields == faults
