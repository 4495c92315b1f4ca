"""AtroCore's own answers; what we answer differently stands here, and nothing else does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import InvalidSchedule
from core.schedule import Schedule

CASES: list[dict[str, str]] = json.loads((Path(__file__).parents[2] / "cases/cron.json").read_text())

#: Where day-of-month and day-of-week are both restricted, AtroCore wants both; one is enough for us, as in cron.
EITHER_DAY = {
    ("0 0 13 * 5", "2026-02-28 23:59:30"): "2026-03-06 00:00:00",
    ("0 0 13 * 5", "2027-06-15 13:07:42"): "2027-06-18 00:00:00",
    ("0 0 1,15 * MON", "2026-01-01 00:00:00"): "2026-01-05 00:00:00",
    ("0 0 1,15 * MON", "2026-02-28 23:59:30"): "2026-03-01 00:00:00",
    ("0 0 1,15 * MON", "2027-06-15 13:07:42"): "2027-06-21 00:00:00",
    ("0 0 1,15 * MON", "2028-02-29 02:00:00"): "2028-03-01 00:00:00",
}
#: There is no field for the year.
NO_YEAR = {
    ("* * * * * *", "2027-06-15 13:07:42"): None,
    ("* * * * * *", "2028-02-29 02:00:00"): None,
}
DIFFERENCES: dict[tuple[str, str], str | None] = {**EITHER_DAY, **NO_YEAR}


def answer(expression: str, now: str) -> str | None:
    try:
        fire = Schedule(expression).next_after(datetime.fromisoformat(now).replace(tzinfo=UTC))
    except InvalidSchedule:
        return None
    return f"{fire:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['expr']} {case['now']}")
def test_an_answer_of_atrocore(case: dict[str, Any]) -> None:
    key = (case["expr"], case["now"])

    assert answer(*key) == DIFFERENCES.get(key, case.get("next"))


def test_each_difference_is_one() -> None:
    answers = {(case["expr"], case["now"]): case.get("next") for case in CASES}

    assert [key for key, ours in DIFFERENCES.items() if answers[key] == ours] == []
