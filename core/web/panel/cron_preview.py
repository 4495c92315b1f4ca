"""What a cron expression means, while somebody types it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import clock
from core.exceptions import InvalidSchedule
from core.schedule import Schedule
from core.sentence import Sentence
from core.web.panel.texts import Texts

_TIMES = 10
#: What nobody types costs nothing.
_LONGEST = 255
#: Expressions that many want, for a choice; their words are their names.
PRESETS = (
    *("* * * * *", "*/5 * * * *", "*/15 * * * *", "0 * * * *", "0 2 * * *", "0 8 * * 1-5"),
    *("0 6,18 * * *", "0 3 * * 0", "0 4 1 * *", "0 4 L * *", "0 4 1 1,4,7,10 *"),
)


@dataclass(frozen=True)
class CronPreview:
    """`words` in the reader's language, what may surprise, and the next times; or what is wrong with it."""

    zone: str
    words: str = ""
    notes: Sequence[str] = ()
    times: Sequence[tuple[datetime, str]] = ()
    fault: str | None = None


def preview(expression: str, zone: str, texts: Texts) -> CronPreview:
    """Each of the times stands beside what clocks in the zone show then."""
    if len(expression) > _LONGEST or len(zone) > _LONGEST:
        told = Sentence("No expression and no time zone has over {count} characters.", count=_LONGEST)
        return CronPreview("", fault=texts.sentence(told))
    try:
        rule = Schedule(expression, zone)
    except InvalidSchedule as error:
        return CronPreview(zone, fault=texts.sentence(error.args[0]))
    times = [
        (each, f"{each.astimezone(clock.zone(zone)):%Y-%m-%d %H:%M}") for each in rule.upcoming(clock.now(), _TIMES)
    ]
    return CronPreview(zone, in_words(rule, texts), [texts.sentence(each) for each in rule.notes], times)


def in_words(rule: Schedule, texts: Texts) -> str:
    """When it fires, in the reader's language."""
    return rule.words_in(lambda phrase, **values: texts.label(phrase, "Cron", **values))


def presets(texts: Texts) -> list[tuple[str, str]]:
    """Expressions, and what they mean."""
    return [(each, in_words(Schedule(each), texts)) for each in PRESETS]
