"""What job types say in app/jobTypes.json: how many of their jobs may run, how fast they start, which are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from core.job_queue.attempts import JobTypes
from core.job_queue.key_template import KeyTemplate
from core.job_queue.rate_window import Rate
from core.log import logger
from core.orm.definition import as_object

_LEFT_OUT = "app/jobTypes.json: %s of the job type '%s' %s. It is left out."
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TypeLimit:
    """The limits of one job type; None where there is none. `per_key` belongs to `key`."""

    most: int | None = None
    key: KeyTemplate | None = None
    per_key: int = 1
    rate: Rate | None = None

    @property
    def is_one(self) -> bool:
        """Whether it limits anything."""
        return self.most is not None or self.key is not None or self.rate is not None


class TypeLimits:
    """The limits and keys of all job types, read from the metadata at first use.

    What cannot be is left out with one warning; `check` says the same of the files.
    """

    def __init__(self, metadata: JobTypes) -> None:
        self._metadata = metadata

    def concurrency_key(self, job_type: str) -> KeyTemplate | None:
        """The template of a type's `concurrencyKey`."""
        limit = self.limited.get(job_type)
        return None if limit is None else limit.key

    @cached_property
    def limited(self) -> Mapping[str, TypeLimit]:
        """The types that have a limit; for most installations none."""
        found = {name: _limit_of(name, entry) for name, entry in self._entries.items()}
        return {name: limit for name, limit in found.items() if limit.is_one}

    @cached_property
    def unique_keys(self) -> Mapping[str, KeyTemplate]:
        """The templates of `uniqueKey` by type."""
        found = {name: _read(name, entry, "uniqueKey", KeyTemplate) for name, entry in self._entries.items()}
        return {name: template for name, template in found.items() if template is not None}

    @cached_property
    def keyed(self) -> frozenset[str]:
        """The types whose jobs have keys."""
        return frozenset(self.unique_keys) | {name for name, limit in self.limited.items() if limit.key is not None}

    @property
    def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        entries = as_object(self._metadata.get(["app", "jobTypes"]))
        return {name: entry for name, entry in entries.items() if isinstance(entry, Mapping)}


def _limit_of(name: str, entry: Mapping[str, Any]) -> TypeLimit:
    return TypeLimit(
        most=_read(name, entry, "maxConcurrent", _count),
        key=_read(name, entry, "concurrencyKey", KeyTemplate),
        per_key=_read(name, entry, "maxConcurrentPerKey", _count) or 1,
        rate=_read(name, entry, "rateLimit", Rate.parse),
    )


def _read(name: str, entry: Mapping[str, Any], key: str, parse: Callable[[Any], _T]) -> _T | None:
    if entry.get(key) is None:
        return None
    try:
        return parse(entry[key])
    except ValueError as error:
        logger.warning(_LEFT_OUT, key, name, error)
        return None


def _count(value: object) -> int:
    if type(value) is int and value > 0:
        return value
    raise ValueError(f"is {value!r}, which is no whole number from 1")
