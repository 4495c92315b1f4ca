"""How many jobs a second a program puts into the queue."""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks.arena import arena, new_job
from benchmarks.options import Options
from benchmarks.raw_limit import beside_commits
from benchmarks.report import Figure, Report, Target

SECONDS_ONE_BY_ONE = 3.0
ONE_BY_ONE = Target(0.4, "x raw", is_least=True, of_ratio=True)
IN_BULK = Target(40_000, "jobs/s", is_least=True)


@dataclass(frozen=True)
class Enqueued:
    """Jobs a second, made and saved."""

    one_by_one: float
    in_bulk: float


def measure(options: Options) -> Report:
    """`save_entity` one by one, each durable when it returns, and `save_entities` for `options.jobs` at once."""
    runs, raw = beside_commits(options, lambda: measure_once(options))
    one_by_one = Figure("save_entity", "jobs/s", [run.one_by_one for run in runs], raw, target=ONE_BY_ONE)
    in_bulk = Figure("save_entities", "jobs/s", [run.in_bulk for run in runs], raw, target=IN_BULK)
    return Report(
        "enqueue",
        [one_by_one.against(raw), in_bulk.against(raw)],
        [f"Making the entities is counted in; bulk is {options.jobs:,} at once; no job manager runs beside it."],
        options.db,
    )


def measure_once(options: Options) -> Enqueued:
    """Both ways in one new installation."""
    with arena(options) as installation, installation.application() as application:
        entities = application.container.get("entityManager")
        entities.save_entity(new_job(entities, "NoOp"))  # the first one makes the tables
        return Enqueued(one_by_one(entities), in_bulk(entities, options.jobs))


def one_by_one(entities) -> float:
    """Saves for a while, one transaction each."""
    saved = 0
    started = now = time.perf_counter()
    while now < started + SECONDS_ONE_BY_ONE:
        entities.save_entity(new_job(entities, "NoOp", payload={"number": saved}))
        saved += 1
        now = time.perf_counter()
    return saved / (now - started)


def in_bulk(entities, count: int) -> float:
    """Saves them all in one transaction."""
    started = time.perf_counter()
    entities.save_entities([new_job(entities, "NoOp", payload={"number": number}) for number in range(count)])
    return count / (time.perf_counter() - started)
