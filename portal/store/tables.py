"""Every table in one place, so that what makes or compares tables sees all of them."""

from __future__ import annotations

from portal.store import statistics_models
from portal.store.models import Base

__all__ = ["Base", "statistics_models"]
