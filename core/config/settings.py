"""The settings that core knows: their defaults, and what each may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core import clock
from core.exceptions import did_you_mean

#: Nearly the same word: modules bring settings of their own, and `maxConcurrentJobs` is none of ours misspelt.
NEAR = 0.9
#: In a section of ours there are no others' settings.
NEAR_IN_SECTION = 0.6
_LONGEST_NAME = 200
_LONGEST_PATTERN = 500
#: For which jobs workers are reserved: those of a priority from a number on.
RESERVED_FOR = re.compile(r"priority ?>= ?(-?[0-9]{1,9}(?:\.[0-9]{1,9})?)")


@dataclass(frozen=True)
class Setting:
    """A default, and a question about the value that stands in its place; `choices` are the words that it may be."""

    default: Any
    meaning: str
    fits: Callable[[Any], bool]
    choices: tuple[str, ...] = ()


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_NAME and value.isprintable()


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    return is_whole(value) and value > 0


def is_count_or_none(value: Any) -> bool:
    return is_whole(value) and value >= 0


def is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def is_amount(value: Any) -> bool:
    """A number of seconds or MiB: finite, and not below zero."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def is_language(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z]{2,3}_[A-Z]{2}", value) is not None


def is_time_zone(value: Any) -> bool:
    try:
        clock.zone(value)
    except ValueError:
        return False
    return True


def is_reservation(value: Any) -> bool:
    """Whole numbers above 0 by rules for priorities."""
    rules = value.items() if isinstance(value, dict) else [(None, None)]
    return all(isinstance(rule, str) and RESERVED_FOR.fullmatch(rule) and is_count(count) for rule, count in rules)


def is_redaction(value: Any) -> bool:
    """A list of words, and of patterns between slashes."""
    return isinstance(value, list) and all(isinstance(each, str) and _is_word_or_pattern(each) for each in value)


def _is_word_or_pattern(text: str) -> bool:
    if len(text) < 3 or not text.startswith("/"):
        return re.search("[a-zA-Z0-9]", text) is not None
    try:
        return text.endswith("/") and len(text) <= _LONGEST_PATTERN and re.compile(text[1:-1]) is not None
    except (re.error, OverflowError, RecursionError):
        return False


def is_origin(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https?://[\w.-]+(:\d{1,5})?", value) is not None


def one_of(*words: str) -> Setting:
    """A word out of a few, in capitals or not; the first one is the default."""
    return Setting(words[0], ", ".join(words), lambda value: isinstance(value, str) and value.upper() in words, words)


SETTINGS = {
    "cancelGracePeriod": Setting(10, "a number of seconds", is_amount),
    "database.lockTimeout": Setting(60, "a number of seconds", is_amount),
    "database.reconnectTimeout": Setting(30, "a number of seconds", is_amount),
    "database.synchronous": one_of("FULL", "EXTRA", "NORMAL", "OFF"),
    "fallbackLanguage": Setting(None, "a language such as en_US", is_language),
    "language": Setting("en_US", "a language such as en_US", is_language),
    "logger.level": one_of("WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL"),
    "logger.jobLevel": one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    "logger.maxFileNumber": Setting(30, "a whole number above 0", is_count),
    "logger.maxFileSizeMiB": Setting(10, "a number of MiB", is_amount),
    "logger.path": Setting("data/logs/atro.log", "a path", is_text),
    "maxConcurrentWorkers": Setting(6, "a whole number", is_whole),
    # Forking one anew takes some milliseconds: less than a microsecond for each of so many jobs.
    "maxRunsPerWorker": Setting(10_000, "a whole number from 0", is_count_or_none),
    "maxWorkerMemory": Setting(0, "a number of MiB", is_amount),
    "nodeName": Setting("", "a name of up to 200 characters", is_name),
    "redact": Setting([], 'a list of words and patterns such as ["iban", "/[0-9]{16}/"]', is_redaction),
    "reloadCode": Setting(True, "True or False", is_yes_or_no),
    "priorityAging": Setting(0, "a number of seconds of waiting that are worth one point of priority", is_amount),
    "reservedWorkers": Setting({}, 'an object such as {"priority>=200": 2}', is_reservation),
    "shutdownTimeout": Setting(30, "a number of seconds", is_amount),
    "timeZone": Setting("UTC", "a time zone such as Europe/Berlin", is_time_zone),
    "systemUserId": Setting("system", "the id of a user", is_text),
    "web.queryTimeout": Setting(5, "a number of seconds", is_amount),
    "web.sessionHours": Setting(12, "a number of hours above 0", lambda value: is_amount(value) and value > 0),
    "web.url": Setting(None, "an address such as https://jobs.example.org", is_origin),
}

#: The keys of each section, with those of the database's address.
SECTIONS = {
    section: {name.partition(".")[2] for name in SETTINGS if name.startswith(f"{section}.")} | others
    for section, others in (
        ("database", {"url", "driver", "host", "port", "dbname", "user", "password", "charset"}),
        ("logger", set[str]()),
        ("web", set[str]()),
    )
}


def settle(written: dict[str, Any], before: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings in force where these are written, and complaints about those that cannot be.

    A default stands where a setting is missing or None. One that is not what it may be stays as it was `before`: a
    misspelt time zone is not to move what goes by it.
    """
    settled = dict(written)
    complaints: list[str] = []
    for name, setting in SETTINGS.items():
        section, _, key = name.rpartition(".")
        values = section_of(settled, section, complaints) if section else settled
        value = values.get(key)
        if value is not None and not setting.fits(value):
            wrong, value = value, _value_at(before, name, setting.default)
            complaints.append(f"{name} is {wrong!r}, which is not {setting.meaning}; {value!r} is used.")
        values[key] = setting.default if value is None else value
    return settled, complaints


def _value_at(settled: Mapping[str, Any], name: str, default: Any) -> Any:
    section, _, key = name.rpartition(".")
    return (settled.get(section, {}) if section else settled).get(key, default)


def section_of(settled: dict[str, Any], name: str, complaints: list[str]) -> dict[str, Any]:
    """A copy of `logger` or `database`, put in the place of what was written."""
    section = settled.get(name)
    if section is not None and not isinstance(section, dict):
        complaints.append(f"{name} is {section!r}, which is not a dict; the defaults are used.")
    settled[name] = dict(section) if isinstance(section, dict) else {}
    return settled[name]  # type: ignore[no-any-return]  # it was put there the line above


def misspelt(written: dict[str, Any]) -> list[str]:
    """Complaints about names, in sections of ours too, that are nearly, but not quite, one of ours."""
    complaints = _misspelt(written, {name.partition(".")[0] for name in SETTINGS}, NEAR)
    for section, known in SECTIONS.items():
        values = written.get(section)
        if isinstance(values, dict):
            complaints += _misspelt(values, known, NEAR_IN_SECTION, f"{section}.")
    return sorted(complaints)


def too_many_reserved(reserved: Mapping[str, int], workers: int) -> list[str]:
    """Complaints about reservations that would leave no worker for other jobs."""
    return [
        f"reservedWorkers keeps {count} of {workers} workers for {rule}; {workers - 1} is used, as other jobs need one."
        for rule, count in reserved.items()
        if count >= workers
    ]


def _misspelt(values: dict[str, Any], known: set[str], nearness: float, prefix: str = "") -> list[str]:
    hints = {name: did_you_mean(str(name), known, nearness) for name in values.keys() - known}
    return [f"{prefix}{name} is no known setting.{hint}" for name, hint in hints.items() if hint]
