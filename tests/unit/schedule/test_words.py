"""Expressions in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.language import Language
from core.metadata import Layer
from core.schedule import Schedule


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("0,30 * * * *", "Every 30 minutes"),
        ("*/7 * * * *", "At minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour"),
        ("5/15 * * * *", "At minutes 5, 20, 35 and 50 of every hour"),
        ("1-9,30 * * * *", "At minutes 1 to 9 and 30 of every hour"),
        ("0 * * * *", "Every hour"),
        ("@hourly", "Every hour"),
        ("*/90 * * * *", "Every hour"),
        ("5 * * * *", "At minute 5 of every hour"),
        ("5 0-23 * * *", "At minute 5 of every hour"),
        ("* 2 * * *", "Every minute from 02:00 to 02:59, every day"),
        ("* 2,4,8 * * *", "Every minute in the hours 2, 4 and 8, every day"),
        ("*/5 8-17 * * 1-5", "Every 5 minutes from 08:00 to 17:55, from Monday to Friday"),
        ("*/30 2 * * *", "Every 30 minutes from 02:00 to 02:30, every day"),
        ("0 2 * * *", "At 02:00 every day"),
        ("@daily", "At 00:00 every day"),
        ("30 18,6 * * *", "At 06:30 and 18:30 every day"),
        ("0 */5 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
        ("0 */2 * * *", "Every 2 hours from 00:00 to 22:00, every day"),
        ("30 8-17 * * *", "Every hour from 08:30 to 17:30, every day"),
        ("0 1,3,5,7,9,11,14 * * *", "At minute 0 of the hours 1, 3, 5, 7, 9, 11 and 14, every day"),
        ("15,45 8-17 * * 1-5", "At minutes 15 and 45 of the hours 8 to 17, from Monday to Friday"),
        ("0 0 * * SUN", "At 00:00 on Sunday"),
        ("0 0 * * 1,3,5", "At 00:00 on Monday, Wednesday and Friday"),
        ("0 0 * * FRI-SUN", "At 00:00 from Friday to Sunday"),
        ("0 0 * * 0,6", "At 00:00 on Saturday and Sunday"),
        ("0 0 * * 1-3,6", "At 00:00 on Monday to Wednesday and Saturday"),
        ("0 12 * DEC MON-FRI", "At 12:00 from Monday to Friday in December"),
        ("0 0 * * 1#2", "At 00:00 on the second Monday of every month"),
        ("0 0 * 6-8 5L,1", "At 00:00 on Monday in June to August and on the last Friday of June to August"),
        ("0 0 1 * *", "At 00:00 on day 1 of every month"),
        ("0 0 1,15,20-25 * *", "At 00:00 on days 1, 15 and 20 to 25 of every month"),
        ("0 0 1 */3 *", "At 00:00 on day 1 of March, June, September and December"),
        ("@yearly", "At 00:00 on day 1 of January"),
        ("0 0 L * *", "At 00:00 on the last day of every month"),
        ("0 0 LW * *", "At 00:00 on the last working day (Monday to Friday) of every month"),
        ("0 0 15W * *", "At 00:00 on the working day (Monday to Friday) nearest to day 15 of every month"),
        ("0 0 13 * 5", "At 00:00 on day 13 of every month, and also on Friday"),
        ("0 0 1,L 1 1#1", "At 00:00 on day 1 and the last day of January, and also on the first Monday of January"),
        ("0 2 * 1,3,5-7 *", "At 02:00 every day in January, March and May to July"),
        ("*/5 * * 1 *", "Every 5 minutes in January"),
    ],
)
def test_in_words(expression: str, words: str) -> None:
    assert Schedule(expression, "Europe/Berlin").words == words


CORE = Path(__file__).resolve().parents[3] / "core"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("*/5 8-17 * * 1-5", "Alle 5 Minuten von 08:00 bis 17:55 Uhr, von Montag bis Freitag"),
        ("30 18,6 * * *", "Um 06:30 und 18:30 Uhr an jedem Tag"),
        ("0 0 1,15,20-25 1,7 *", "Um 00:00 Uhr am Tag 1, 15 und 20 bis 25 im Januar und Juli"),
        ("0 0 L * 5L", "Um 00:00 Uhr am letzten Tag jedes Monats, und außerdem am letzten Freitag jedes Monats"),
    ],
)
def test_in_the_words_of_another_language(expression: str, words: str) -> None:
    german = Language([Layer("core", CORE / "Resources" / "i18n")], "de_DE")

    def say(phrase: str, **values: object) -> str:
        return german.translate(phrase, "labels", "Cron").format(**values)

    assert Schedule(expression).words_in(say) == words


@pytest.mark.parametrize(
    "expression", ["* 1-3 L,3,4 2 1#1,5", "1,2 2,4 LW,15W 1-3 *", "5 * * * 1L", "0 */2 * * *", "5 1-9,11 1 * *"]
)
def test_every_phrase_has_a_german_text(expression: str) -> None:
    texts = json.loads((CORE / "Resources/i18n/de_DE/Cron.json").read_text())["labels"]
    asked: list[str] = []

    def say(phrase: str, **values: object) -> str:
        asked.append(phrase)
        return phrase.format(**values)

    Schedule(expression).words_in(say)

    assert asked
    assert set(asked) <= set(texts)
