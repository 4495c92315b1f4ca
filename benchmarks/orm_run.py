"""One contender of the ORM benchmark in a process of its own, `python -m benchmarks.orm_run ours '{"root": ...}'`.

It does one sample of one piece of work for each line of its input (`get 3`), and answers with the microseconds it took.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.orm_articles import code_of, id_of, records, some_numbers
from benchmarks.orm_contenders import CONTENDERS, Contender
from benchmarks.orm_task import Scale, Task

#: One sample of a piece of work, by its number; microseconds for one record.
Piece = Callable[[int], float]


def main() -> None:
    """Does what its input says, until that ends."""
    name, line = sys.argv[1:]
    task = Task.from_json(line)
    with CONTENDERS[name](task) as contender:
        pieces = pieces_of(contender, task.scale)
        for command in sys.stdin:
            piece, number = command.split()
            print(pieces[piece](int(number)), flush=True)


def pieces_of(contender: Contender, scale: Scale) -> dict[str, Piece]:
    """By name all that the contender can do."""
    articles = contender.prepare_records(list(records(scale.bulk)))
    numbers, size, limit = some_numbers(scale), scale.middle, min(scale.bulk, scale.middle)
    ids = [id_of(number % size, scale) for number in numbers]
    codes = {each: [code_of(number % each, scale) for number in numbers] for each in scale.sizes}

    def bulk(save_all: Callable[[Sequence[Any]], None]) -> Piece:
        def piece(number: int) -> float:
            sample = scale.bulk_sample(articles, number)
            return in_one_go(lambda: save_all(sample), len(sample))

        return piece

    def by_code(size: int) -> Piece:
        return lambda number: one_by_one(
            lambda code: existing(contender.find_by_code(size, code)), scale.sample(codes[size], number)
        )

    return {
        "save": lambda number: one_by_one(contender.save, scale.sample(articles, number)),
        **{name: bulk(save_all) for name, save_all in contender.bulk_saves.items()},
        "find": lambda number: in_one_go(lambda: contender.find(size, limit), limit),
        "find_and_read": lambda number: in_one_go(lambda: contender.read(contender.find(size, limit)), limit),
        "get": lambda number: one_by_one(lambda each: existing(contender.get(size, each)), scale.sample(ids, number)),
        **{f"find_by_code_{each}": by_code(each) for each in scale.sizes},
    }


def existing(found: Any) -> None:
    """What was looked for is there."""
    if found is None:
        raise RuntimeError("A record is not found.")


def one_by_one(step: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Microseconds for one item."""
    started = time.perf_counter()
    for each in items:
        step(each)
    return microseconds_since(started) / len(items)


def in_one_go(step: Callable[[], object], count: int) -> float:
    """Microseconds for one of so many records. The step's own garbage is collected as always, that of others before."""
    gc.collect()
    started = time.perf_counter()
    step()
    return microseconds_since(started) / count


def microseconds_since(started: float) -> float:
    """From a reading of `perf_counter` on."""
    return (time.perf_counter() - started) * 1e6


if __name__ == "__main__":
    main()
