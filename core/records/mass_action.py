"""What a mass action is: what is done, to which records, and into how large chunks they are cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.exceptions import BadRequest
from core.orm import Repository
from core.orm.entity_type import short

#: Up to so many records are worked on at once; more are a job's work (AtroCore 11.1).
MOST_WITHOUT_JOB = 200
_SMALLEST_CHUNK = 400
_LARGEST_CHUNK = 3000


@dataclass(frozen=True)
class MassAction:
    """One thing that is done to many records.

    `name` says what (`update`), `word` what became of them (`updated`); `call` does it to the record of an id; `data`
    is what jobs have to know beside.
    """

    name: str
    word: str
    call: Callable[[str], object]
    data: Mapping[str, Any] = field(default_factory=dict)


def chunk_size(total: int, workers: int) -> int:
    """How many records a chunk has: as few as 400 where all workers get one, as many as 3,000 (AtroCore 11.1)."""
    if total <= _SMALLEST_CHUNK * workers:
        return _SMALLEST_CHUNK
    if total <= _LARGEST_CHUNK * workers:
        return math.ceil(total / workers)
    return _LARGEST_CHUNK


class Selection:
    """The records that `params` mean: those in `ids`, or those that meet `where` (API form; an empty list means all).

    `conditions` reads the API form. With `removed` the removed ones among them are meant. Raises BadRequest where there
    is neither or both: nobody is to change everything by mistake.
    """

    def __init__(
        self, repository: Repository, conditions: Callable[[Any], Any], params: Any, *, removed: bool = False
    ) -> None:
        given = params if isinstance(params, Mapping) else {}
        ids, where = given.get("ids"), given.get("where")
        if (ids is None) == (where is None):
            raise BadRequest(f"{repository.type.name}: a mass action takes either 'ids' or 'where', not {params!r}.")
        self._ids = None if ids is None else _distinct(repository, ids)
        query = repository.where(conditions([] if where is None else where))
        self._query = query.where({"deleted": True}) if removed else query

    def first(self, most: int) -> list[str]:
        """The ids of at most so many of them."""
        return list(islice(self._all(most), most))

    def count(self) -> int:
        """How many they are."""
        return self._query.count() if self._ids is None else len(self._ids)

    def chunks(self, size: int) -> Iterator[list[str]]:
        """The ids of all of them, cut into lists of this length; each is met once, whatever comes or goes meanwhile."""
        ids = self._all(size)
        while chunk := list(islice(ids, size)):
            yield chunk

    def _all(self, batch_size: int) -> Iterator[str]:
        if self._ids is not None:
            yield from self._ids
            return
        for entity in self._query.select(["id"]).iterate(batch_size):
            yield entity.id


def _distinct(repository: Repository, ids: Any) -> Sequence[str]:
    if not isinstance(ids, list | tuple) or not all(isinstance(each, str) for each in ids):
        raise BadRequest(f"{repository.type.name}: 'ids' is to be a list of texts, not {short(ids)}.")
    return list(dict.fromkeys(ids))
