"""What a job manager says of itself to the other machines that share its database."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from typing import Any

from core import __version__, clock
from core.container import Container
from core.job_manager.daemon_lock import DaemonLock
from core.job_queue.nodes import Node, Nodes
from core.job_queue.process_identity import ProcessIdentity
from core.log import logger
from core.orm.database_settings import clock_of
from core.sentence import Sentence

_BEAT_SECONDS = 10.0
# A transaction that is made anyway takes it along a little early.
_EARLY_SECONDS = 3.0
#: Clocks that are further apart start jobs early or late.
MOST_SECONDS_APART = 2.0
_FORGOTTEN_AFTER = timedelta(days=30)


class Heartbeat:
    """Writes the row of this node every ten seconds. On SQLite there is one machine, and nothing to be said."""

    def __init__(self, container: Container, lock: DaemonLock) -> None:
        self._is_needed = not container.get("config").is_on_sqlite
        self._database = container.get("connection")
        self._nodes = Nodes(self._database, container.get("schema"))
        self._name: str = container.get("jobQueue").node
        self._lock = lock
        self._started_at = clock.now()
        self._process = str(ProcessIdentity.current())
        self._due_at = 0.0
        self._former: str | None = None
        self._is_first = True
        self._is_written = False
        self._is_skew_said = False

    @property
    def is_due(self) -> bool:
        """Whether it has to be written now, also where nothing else is."""
        return self._is_needed and clock.monotonic() >= self._due_at

    def beat(self, workers: int) -> None:
        """Write it, in the open transaction, if it is about time; to be followed by `conclude` after the commit."""
        if not self._is_needed or clock.monotonic() < self._due_at - _EARLY_SECONDS:
            return
        with self._database.write() as connection:
            self._beat(connection, workers)
        self._is_written = True

    def conclude(self) -> None:
        """What was written, if anything was, is committed."""
        if not self._is_written:
            return
        self._is_written, self._due_at = False, clock.monotonic() + _BEAT_SECONDS
        is_ours, self._is_first = self._is_first or self._former == self._process, False
        if not is_ours and self._former is None:
            logger.warning("Somebody has forgotten this machine meanwhile: its runs were given to others.")
        namesake = "" if is_ours or self._former is None else self._former
        self._lock.tell(namesake=namesake)
        if namesake:
            logger.error("%s", says_our_name(namesake, self._name))

    def _beat(self, connection: Any, workers: int) -> None:
        before = clock.now()
        at = clock_of(connection) or before
        skew = -seconds_ahead(before, at, clock.now())
        self._warn_of_skew(skew)
        if self._is_first:
            self._nodes.forget_idle(connection, at, _FORGOTTEN_AFTER)
        node = Node(
            *(self._name, socket.gethostname(), os.getpid(), self._process, self._started_at, at),
            *(workers, __version__, round(skew, 3)),
        )
        self._former = self._nodes.beat(connection, node)

    def _warn_of_skew(self, skew: float) -> None:
        is_far = abs(skew) > MOST_SECONDS_APART
        if is_far and not self._is_skew_said:
            logger.warning("%s", skew_in_words(Sentence("This machine's clock"), skew))
        self._is_skew_said = is_far


def seconds_ahead(before: datetime, at: datetime, after: datetime) -> float:
    """How far a clock that showed `at` between two readings of ours is ahead of it; negative where it is behind.

    The time that the answer took is taken for none.
    """
    return max(0.0, (at - after).total_seconds()) or min(0.0, (at - before).total_seconds())


def skew_in_words(whose: Sentence, skew: float) -> Sentence:
    """A sentence for a skew that is too large."""
    values = {"clock": whose, "time": f"{abs(skew):.1f} s"}
    if skew > 0:
        return Sentence("{clock} is {time} ahead of the database's: jobs start too early or too late there.", **values)
    return Sentence("{clock} is {time} behind the database's: jobs start too early or too late there.", **values)


def says_our_name(process: str, name: str) -> Sentence:
    """A sentence for a process of another machine that takes itself for this node."""
    return Sentence(
        "Another job manager ({process}) says that it is the node '{name}' too. Each takes the other's runs for dead "
        "and starts them a second time: give each installation a nodeName of its own in data/config.py.",
        process=process,
        name=name,
    )
