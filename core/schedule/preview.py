"""What a cron expression means, as a document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core import clock
from core.schedule.schedule import Schedule


def preview(expression: str, zone: str, count: int, now: datetime) -> dict[str, Any]:
    """An expression in words, what in it may surprise, and its next times, for JSON; raises InvalidSchedule."""
    rule = Schedule(expression, zone)
    return {
        "expression": expression,
        "zone": zone,
        "words": rule.words,
        "notes": list(rule.notes),
        "nextTimes": clock.local_and_utc(rule.upcoming(now, count), zone),
    }
