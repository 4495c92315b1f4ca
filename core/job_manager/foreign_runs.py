"""Runs of this node that no worker of this daemon runs: its predecessor's, and those started by hand."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core import clock
from core.job_manager.dead_jobs import death_of
from core.job_manager.leftover_children import end_group_of
from core.job_manager.run_guard import Limits, RunGuard
from core.job_manager.stop_notice import leave_notice, remove_notice, stop_message
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.queue import HeldRun
from core.job_queue.run import Outcome, not_completed
from core.job_queue.states import RUNNING
from core.log import logger

_Key = tuple[str, int]


class ForeignRuns:
    """Watches them until their processes are gone. A predecessor's runs count against the number of workers."""

    def __init__(self, root: Path, guard: RunGuard) -> None:
        self._root = root
        self._guard = guard
        self._known: dict[_Key, HeldRun] = {}
        self._stopped_because: dict[_Key, str] = {}
        self._counted: set[_Key] | None = None

    @property
    def count(self) -> int:
        """How many runs of a predecessor still go on."""
        return len(self._counted & self._known.keys()) if self._counted else 0

    def look(self, held: Mapping[_Key, HeldRun], limits_of: Mapping[_Key, Limits]) -> list[Outcome]:
        """Compare with what the rows say now; returns how those ended whose processes are gone."""
        alive: dict[_Key, HeldRun] = {}
        over: list[Outcome] = []
        for key, run in held.items():
            death = death_of(run)
            if death is not None:
                end_group_of(run.run.process, self._root)
                over.append(not_completed(run.run, self._stopped_because.get(key, death)))
                continue
            alive[key] = run
            self._watch(key, run, limits_of[key])
        for key in self._known.keys() - alive.keys():
            self._guard.forget(key)
            remove_notice(self._root, self._known[key].run.pid)
            self._stopped_because.pop(key, None)
        self._known = alive
        if self._counted is None:
            self._counted = set(alive)
        return over

    def _watch(self, key: _Key, run: HeldRun, limits: Limits) -> None:
        identity = ProcessIdentity.parse(run.run.process)
        if not self._guard.is_watching(key):
            ran = (clock.now() - run.started_at).total_seconds() if run.started_at else 0.0
            self._guard.watch(
                key,
                limits,
                ask=lambda why, text: self._ask(key, identity, why, text),
                kill=lambda because: self._kill(key, identity, because),
                pid=identity.pid,
                ran_seconds=ran,
            )
        if run.status != RUNNING:
            self._guard.cancel(key)

    def _ask(self, key: _Key, identity: ProcessIdentity, why: str, text: str) -> None:
        if identity.is_alive():
            self._stopped_because[key] = text
            with suppress(OSError):  # it is asked all the same, and knows less
                leave_notice(self._root, identity.pid, stop_message(*key, why, text))
            _signal(identity.pid, signal.SIGTERM)

    def _kill(self, key: _Key, identity: ProcessIdentity, because: str) -> None:
        if identity.is_alive():
            self._stopped_because[key] = f"The job manager ended it: {because}."
            _kill_group(identity.pid, because)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill_group(pid: int, because: str) -> None:
    logger.warning("Process %d is killed: %s.", pid, because)
    with suppress(ProcessLookupError):
        # A run by hand belongs to the group of the shell's command line, which is not ours to end.
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
