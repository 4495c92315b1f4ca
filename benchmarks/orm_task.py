"""What the contenders of the ORM benchmark are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Scale:
    """How much is written and read; the tables that are read hold `base` records, and multiples of that."""

    base: int = 1_000
    times: tuple[int, ...] = (1, 100, 1_000)
    bulk: int = 10_000
    #: What is done one by one: so many in each sample, so many samples. A sample of reads is over before the kernel
    #: lets another process run, so that the machine's other work falls between samples.
    at_once: int = 10
    samples: int = 20

    @property
    def sizes(self) -> list[int]:
        """The rows of each table."""
        return [self.base * each for each in self.times]

    @property
    def middle(self) -> int:
        """The rows of the table from which lists and records are read."""
        return self.sizes[len(self.sizes) // 2]

    def sample(self, items: Sequence[T], number: int) -> Sequence[T]:
        """What is done one by one in a sample; number 0 is the one in which things are done for the first time."""
        return items[number * self.at_once : (number + 1) * self.at_once]

    def bulk_sample(self, items: Sequence[T], number: int) -> Sequence[T]:
        """What is done at once in a sample."""
        return items if number else items[: self.at_once]


@dataclass(frozen=True)
class Task:
    """Where the work is done, and how much of it."""

    root: str
    url: str
    synchronous: str
    scale: Scale

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Task:
        """What `to_json` made the line of."""
        values = json.loads(line)
        return cls(**{**values, "scale": Scale(**values["scale"])})
