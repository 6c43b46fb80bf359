"""Every table in one place, so that what makes or compares tables sees all of them."""

from __future__ import annotations

from portal.store import (
    balancing_models,
    blank_models,
    bulk_order_models,
    desk_models,
    help_models,
    law_models,
    order_models,
    register_models,
    remark_models,
    statistics_models,
    watch_models,
)
from portal.store.models import Base

__all__ = [
    "Base",
    "balancing_models",
    "blank_models",
    "bulk_order_models",
    "desk_models",
    "help_models",
    "law_models",
    "order_models",
    "register_models",
    "remark_models",
    "statistics_models",
    "watch_models",
]
