"""The machines that share the database, as one look finds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from core.job_manager.finding import Finding
from core.job_manager.heartbeat import MOST_SECONDS_APART, skew_in_words
from core.job_queue.nodes import Node, Nodes
from core.orm.database import Database
from core.orm.database_settings import clock_of
from core.terminal.duration import in_words

#: A machine that is well is seen every ten seconds, or a little later where its database is busy.
SILENT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Machine:
    """A node: what it said last (None where it never did), how long ago by the database's clock, and its jobs."""

    name: str
    said: Node | None
    silent_seconds: float | None
    running: int

    @property
    def is_silent(self) -> bool:
        """Whether nothing is known of it now."""
        return self.silent_seconds is None or self.silent_seconds > SILENT_SECONDS

    @property
    def seen(self) -> str:
        """When it was seen last, in words."""
        return "never" if self.silent_seconds is None else f"{in_words(self.silent_seconds)} ago"

    @property
    def remedy(self) -> str:
        """What to do about the jobs of one that is silent."""
        return (
            f'If it is gone for good, "python console.py job manager forget {self.name}" shows what would become of '
            "its jobs."
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        said = self.said
        return {
            "name": self.name,
            "host": said and said.host,
            "pid": said and said.pid,
            "startedAt": _iso(said.started_at if said else None),
            "seenAt": _iso(said.seen_at if said else None),
            "secondsSinceSeen": None if self.silent_seconds is None else round(self.silent_seconds, 1),
            "workers": said and said.workers,
            "version": said and said.version,
            "clockSkew": said and said.clock_skew,
            "running": self.running,
        }


def look_at_machines(database: Database, nodes: Nodes) -> list[Machine]:
    """Those that have said something of themselves, and those that hold jobs, by name."""
    with database.read() as connection:
        said = {each.name: each for each in nodes.read(connection)}
        running = nodes.running(connection)
        now = clock_of(connection) or clock.now()
    return [
        Machine(name, node, _silent_seconds(node, now), running.get(name, 0))
        for name in sorted({*said, *running})
        for node in (said.get(name),)
    ]


def worries_about(machines: Sequence[Machine], ours: str) -> Iterator[Finding]:
    """Machines that hold jobs and are not seen any more, and clocks that are wrong."""
    for each in machines:
        if each.name != ours and each.is_silent and each.running:
            jobs = "1 job" if each.running == 1 else f"{each.running} jobs"
            last = f"was seen last {each.seen}" if each.said else "no job manager of it was ever seen"
            text = f"The machine {each.name} holds {jobs}, and {last}."
            yield Finding("machines", text, each.remedy)
        if each.said is not None and not each.is_silent and abs(each.said.clock_skew) > MOST_SECONDS_APART:
            text = skew_in_words(f"The clock of the machine {each.name}", each.said.clock_skew)
            yield Finding("clock", text, 'Let NTP set it: "timedatectl" shows it.', is_error=True)


def _silent_seconds(node: Node | None, now: datetime) -> float | None:
    if node is None or node.seen_at is None:
        return None
    return max(0.0, (now - node.seen_at).total_seconds())


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else clock.to_iso(moment)
