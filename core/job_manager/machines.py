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
from core.sentence import Sentence
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
    def seen(self) -> Sentence:
        """When it was seen last, in words."""
        if self.silent_seconds is None:
            return Sentence("never")
        return Sentence("{time} ago", time=in_words(self.silent_seconds))

    @property
    def remedy(self) -> Sentence:
        """What to do about the jobs of one that is silent."""
        return Sentence(
            'If it is gone for good, "python console.py job manager forget {machine}" shows what would become of '
            "its jobs.",
            machine=self.name,
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
            yield Finding("machines", _left_by(each), each.remedy)
        if each.said is not None and not each.is_silent and abs(each.said.clock_skew) > MOST_SECONDS_APART:
            whose = Sentence("The clock of the machine {machine}", machine=each.name)
            remedy = Sentence('Let NTP set it: "timedatectl" shows it.')
            yield Finding("clock", skew_in_words(whose, each.said.clock_skew), remedy, is_error=True)


def _left_by(machine: Machine) -> Sentence:
    jobs = Sentence("1 job") if machine.running == 1 else Sentence("{count} jobs", count=machine.running)
    if machine.said:
        values = {"machine": machine.name, "jobs": jobs, "ago": machine.seen}
        return Sentence("The machine {machine} holds {jobs}, and was seen last {ago}.", **values)
    return Sentence(
        "The machine {machine} holds {jobs}, and no job manager of it was ever seen.", machine=machine.name, jobs=jobs
    )


def _silent_seconds(node: Node | None, now: datetime) -> float | None:
    if node is None or node.seen_at is None:
        return None
    return max(0.0, (now - node.seen_at).total_seconds())


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else clock.to_iso(moment)
