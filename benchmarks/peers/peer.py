"""Another job system, and how it is drained."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.arena import shut_gate
from benchmarks.options import Options
from benchmarks.peers.journal import Journal
from core import clock
from core.testing.installation import REPOSITORY

#: Until all workers are blocked.
_BLOCK_SECONDS = 60
#: Twice as many gates as workers are there at once. Where some workers have taken several ahead, more come after this.
_MORE_GATES_SECONDS = 2
_DRAIN_SECONDS = 1800
_POLL_SECONDS = 0.002


@dataclass(frozen=True)
class Peer:
    """`module` is one of `systems` (see `play`); `server` is a kind of `servers`, None for a file of its own."""

    title: str
    module: str
    server: str | None = None

    def drain(self, python: Path, server: str, options: Options) -> float:
        """Jobs a second, from the moment when all workers are let go to the last job; RuntimeError if one was lost."""
        with tempfile.TemporaryDirectory(prefix="peer-", dir=options.folder) as place:
            return _Drain(self.module, python, server, Path(place), options).run()


class _Drain:
    """One drain of one system, in a folder of its own."""

    def __init__(self, module: str, python: Path, server: str, folder: Path, options: Options) -> None:
        self._command = [str(python), "-m", "benchmarks.peers.play", module]
        self._folder = folder
        self._options = options
        self._ticks, self._gates = Journal(folder / "ticks"), Journal(folder / "gates")
        own = {"PEER_FOLDER": str(folder), "PEER_SERVER": server, "PEER_QUEUE": f"pyatro-{secrets.token_hex(4)}"}
        self._environment = {**os.environ, **own, "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "ignore"}

    def run(self) -> float:
        jobs = self._options.jobs
        self._play("prepare")
        try:
            with self._working():
                with shut_gate(self._folder, "gate"):
                    self._block_workers()
                    self._play("ticks", str(jobs))
                    if self._ticks.count():
                        raise RuntimeError("a job started before all workers were let go")
                    started = time.perf_counter()
                self._wait_until(lambda: self._ticks.count() >= jobs, _DRAIN_SECONDS, "the jobs did not end")
                seconds = time.perf_counter() - started
                self._wait_until(self._has_ended, _BLOCK_SECONDS, "not all rows ended")
        finally:
            self._play("clear")
        self._ticks.check(jobs)
        return jobs / seconds

    def _block_workers(self) -> None:
        workers = self._options.workers
        deadline = time.monotonic() + _BLOCK_SECONDS
        self._play("gates", str(2 * workers))
        while not clock.wait_until(lambda: self._gates.count() == workers, _MORE_GATES_SECONDS):
            if time.monotonic() > deadline:
                raise RuntimeError(f"of {workers} workers only {self._gates.count()} took a gate job")
            self._play("gates", str(workers))

    @contextmanager
    def _working(self) -> Iterator[None]:
        """The system's workers, killed with all that they started at the end."""
        with (self._folder / "log").open("wb") as log:
            workers = subprocess.Popen(
                [*self._command, "work", str(self._options.workers)],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                yield
            except RuntimeError as error:
                raise RuntimeError(f"{error}. {self._last_line()}") from error
            finally:
                os.killpg(workers.pid, signal.SIGKILL)
                workers.wait()

    def _last_line(self) -> str:
        lines = (self._folder / "log").read_text(errors="replace").split("\n")
        return next((f"Its workers said: {line}" for line in reversed(lines) if line.strip()), "")

    def _has_ended(self) -> bool:
        return self._call("has_ended").returncode == 0

    def _play(self, *words: str) -> None:
        finished = self._call(*words)
        if finished.returncode:
            said = finished.stderr.strip().split("\n")[-1]
            raise RuntimeError(f"`{' '.join(words)}` ended with {finished.returncode}: {said}")

    def _call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *words],
            check=False,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    @staticmethod
    def _wait_until(is_so: Callable[[], bool], seconds: float, otherwise: str) -> None:
        if not clock.wait_until(is_so, seconds, every_seconds=_POLL_SECONDS):
            raise RuntimeError(otherwise)
