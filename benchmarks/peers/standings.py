"""`python -m benchmarks peers`: the same number of jobs, drained by PyAtro and by other job systems in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.options import Options
from benchmarks.peers.environment import NoEnvironment
from benchmarks.peers.ours import Ours
from benchmarks.peers.peer import Peer
from benchmarks.peers.servers import RABBITMQ, REDIS, TITLES, VARIABLES, place_on
from benchmarks.report import Figure, Target, number, print_table
from tests.databases import POSTGRESQL, answering_server

FindPython = Callable[[], Path]

OURS = (Ours("PyAtro, SQLite", "sqlite"), Ours("PyAtro, PostgreSQL", "postgres"))
PROCRASTINATE = "Procrastinate, PostgreSQL"
FASTEST = Target(1, "x the fastest peer", is_least=True, of_ratio=True)
TIMES = Target(8, "x Procrastinate", is_least=True, of_ratio=True)
_SYSTEMS = "benchmarks.peers.systems"
PEERS = (
    Peer("Huey, SQLite", f"{_SYSTEMS}.huey_sqlite"),
    Peer("Huey, Redis", f"{_SYSTEMS}.huey_redis", REDIS),
    Peer(PROCRASTINATE, f"{_SYSTEMS}.procrastinate_postgresql", POSTGRESQL),
    Peer("Celery, RabbitMQ", f"{_SYSTEMS}.celery_rabbitmq", RABBITMQ),
    Peer("Celery, Redis", f"{_SYSTEMS}.celery_redis", REDIS),
    Peer("dramatiq, RabbitMQ", f"{_SYSTEMS}.dramatiq_rabbitmq", RABBITMQ),
    Peer("dramatiq, Redis", f"{_SYSTEMS}.dramatiq_redis", REDIS),
    Peer("Taskiq, Redis", f"{_SYSTEMS}.taskiq_redis_list", REDIS),
    Peer("RQ, Redis", f"{_SYSTEMS}.rq_redis", REDIS),
)


@dataclass
class Standing:
    """What one system reached, in jobs a second for each run; `fault` says why it has no figure."""

    title: str
    runs: list[float] = field(default_factory=list)
    fault: str = ""

    @property
    def rate(self) -> float | None:
        """The middle of the runs; None where it has no figure."""
        return median(self.runs) if self.runs and not self.fault else None


def measure(
    options: Options, find_python: FindPython, *, ours: Sequence[Ours] = OURS, peers: Sequence[Peer] = PEERS
) -> list[Standing]:
    """All systems in the same run, in turns; where one is absent, or did not run each job once, it has no figure.

    `find_python` answers the Python that has the peers' libraries; it is asked where one is needed, and may raise
    NoEnvironment.
    """
    standings = {each.title: Standing(each.title) for each in (*ours, *peers)}
    for run in range(options.runs):
        for each in (*ours, *peers):
            standing = standings[each.title]
            if standing.fault:
                continue
            print(f"  run {run + 1} of {options.runs}: {each.title}...", flush=True)
            try:
                rate = _drain_ours(each, options) if isinstance(each, Ours) else _drain_peer(each, options, find_python)
                standing.runs.append(rate)
            except (RuntimeError, TimeoutError) as error:
                standing.fault = f"NO FIGURE: {error}"
            except (NoEnvironment, _Absent) as error:
                standing.fault = f"NOT MEASURED: {error}"
    return list(standings.values())


class _Absent(Exception):
    pass


def _drain_ours(ours: Ours, options: Options) -> float:
    if ours.db != "sqlite" and answering_server(POSTGRESQL) is None:
        raise _Absent(_no_server(POSTGRESQL))
    return ours.drain(options)


def _drain_peer(peer: Peer, options: Options, find_python: FindPython) -> float:
    with ExitStack() as closing:
        server: str | None = ""
        if peer.server is not None:
            server = closing.enter_context(place_on(peer.server, options.folder))
            if server is None:
                raise _Absent(_no_server(peer.server))
        return peer.drain(find_python(), server, options)


def _no_server(kind: str) -> str:
    return f"no {TITLES[kind]} answers: start a server, or name one in {VARIABLES[kind]}"


def print_standings(standings: Sequence[Standing], options: Options) -> None:
    """The table: each system's rate, and how many times as fast PyAtro is."""
    ours = [each for each in standings if each.title in {mine.title for mine in OURS}]
    rows = [["peers", "jobs/s", "runs", *(f"{each.title} to it" for each in ours)]]
    for each in standings:
        if each.rate is None:
            rows.append([each.title, each.fault])
            continue
        ratios = [f"{mine.rate / each.rate:.2f}" if mine.rate else "" for mine in ours]
        rows.append([each.title, number(each.rate), " ".join(map(number, each.runs)), *ratios])
    print_table(rows)
    print(
        f"  {options.jobs:,} no-op jobs, {options.workers} workers, all blocked at the start; each ran exactly once.\n"
    )


def figures(standings: Sequence[Standing]) -> list[Figure]:
    """What has to be reached: on SQLite ours is the fastest, on PostgreSQL so many times Procrastinate."""
    rates = {each.title: each.rate for each in standings if each.rate}
    sqlite, postgresql = (rates.get(mine.title) for mine in OURS)
    of_peers = {title: rate for title, rate in rates.items() if title not in {mine.title for mine in OURS}}
    found = []
    if sqlite and of_peers:
        fastest = max(of_peers, key=of_peers.__getitem__)
        faster = Figure(OURS[0].title, "jobs/s", [sqlite], raw_unit=f"jobs/s, {fastest}", target=FASTEST)
        found.append(faster.against(of_peers[fastest]))
    if postgresql and PROCRASTINATE in of_peers:
        times = Figure(OURS[1].title, "jobs/s", [postgresql], raw_unit=f"jobs/s, {PROCRASTINATE}", target=TIMES)
        found.append(times.against(of_peers[PROCRASTINATE]))
    return found


def standings_document(standings: Sequence[Standing], options: Options) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "benchmark": "peers",
        "jobs": options.jobs,
        "workers": options.workers,
        "systems": [
            {"title": each.title, "median": each.rate and round(each.rate, 1), "runs": each.runs, "fault": each.fault}
            for each in standings
        ],
    }
