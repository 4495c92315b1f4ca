"""docs/schedules.md says what is the case."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.exceptions import InvalidSchedule
from core.schedule import Schedule

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PAGE = (Path(__file__).parents[3] / "docs/schedules.md").read_text()
IN_WORDS = PAGE[PAGE.index("| expression | in words |") : PAGE.index("### Days")]
CHANGES = PAGE[PAGE.index("| in Europe/Berlin |") : PAGE.index("The same holds")]


@pytest.mark.parametrize(("expression", "words"), re.findall(r"^\| `(.+)` \| (.+) \|$", IN_WORDS, re.MULTILINE))
def test_the_words_of_the_page(expression: str, words: str) -> None:
    assert Schedule(expression).words == words


@pytest.mark.parametrize("row", re.findall(r"^\| (`.+) \|$", CHANGES, re.MULTILINE))
@pytest.mark.parametrize(("column", "day"), [(2, "2026-03-29"), (3, "2026-10-25")])
def test_the_times_of_the_page_on_a_day_of_change(row: str, column: int, day: str) -> None:
    cells = row.split(" | ")
    zone = ZoneInfo("Europe/Berlin")
    midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
    before, end = ((midnight + shift).astimezone(UTC) for shift in (-SECOND, DAY - SECOND))
    found = Schedule(cells[0].strip("`"), zone.key).between(before, end)
    shown = [f"{fire.astimezone(zone):%H:%M}" for fire in found]
    named = re.findall(r"\d\d:\d\d", cells[column])

    if "times" in cells[column]:
        assert cells[column] == f"{len(shown)} times"
    else:
        assert named == (shown[: len(named)] if "..." in cells[column] else shown)


def test_the_refusal_of_the_page() -> None:
    told = re.search(r"```\n(Wrong crontab configuration '(.+?)'.*?)```", PAGE, re.DOTALL)
    assert told

    with pytest.raises(InvalidSchedule) as refusal:
        Schedule(told[2])

    assert str(refusal.value) == " ".join(told[1].split("\n")).strip()
