"""Nobody alone receives, verifies and signs one dossier: told from its log, by account (NĐ 61/2018/NĐ-CP Art 17.5).

What somebody does in an absent colleague's place counts for both of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from portal.domain.flow import Action, Status


class Handled(NamedTuple):
    """One event of the log: the status it came from, and the accounts whose deed it was, none for the portal."""

    action: Action
    before: Status | None
    hands: frozenset[int]


#: Reception and verification; what is passed on by reception was not verified yet.
_BEFORE_SIGNATURE: Final = frozenset(
    {
        (Action.RECEIVE, Status.REGISTERED),
        (Action.RECEIVE, Status.SUPPLEMENT_ASKED),
        (Action.FORWARD, Status.PROCESSING),
    }
)
SIGNING: Final = frozenset({Action.APPROVE, Action.REFUSE})


def alone(log: Iterable[Handled]) -> frozenset[int]:
    """The accounts that had a hand in all reception and all verification there was: they may not sign as well."""
    hands = [each.hands for each in log if (each.action, each.before) in _BEFORE_SIGNATURE]
    return frozenset.intersection(*hands) if hands else frozenset()
