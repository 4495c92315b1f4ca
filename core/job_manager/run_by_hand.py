"""`console.py job <id> --run`: running one job in the console's own process."""

from __future__ import annotations

import copy
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from core import clock
from core.container import Container
from core.Entities import Job
from core.exceptions import Conflict, NotFound
from core.job_manager.job_events import JobEvents
from core.job_manager.job_output import StandardStream
from core.job_manager.job_runner import (
    Failure,
    JobRunner,
    RunContext,
    checkpoint_text,
    outcome_of,
    progress_text,
    read_checkpoint,
)
from core.job_manager.leftover_children import children, end_children
from core.job_queue.process_identity import ProcessIdentity, is_living
from core.job_queue.queue import JobQueue
from core.job_queue.run import Run
from core.job_queue.schedule_rules import ScheduledStart
from core.log import LineFormatter, job_log_path, logger
from core.orm.json_text import compact_json


class RunByHand:
    """Runs a job whatever its status is, with the statements that the daemon uses."""

    def __init__(self, container: Container, root: Path) -> None:
        self._container = container
        self._root = root
        self._entity_manager = container.get("entityManager")
        self._database = container.get("connection")
        self._queue: JobQueue = container.get("jobQueue")

    def run(self, job_id: str) -> bool:
        """Run and record; says whether the job succeeded.

        Raises NotFound where there is no such job, Conflict while a live process, or another machine, is running it.
        """
        job = self._get(job_id)
        run = self._claim(job)
        job = self._get(job_id)
        payload_before = _payload_text(job)
        job.run_context = context = RunContext(self._queue, run)
        events = JobEvents(self._container)
        events.after_start(job)
        with _copied_to(job_log_path(self._root, job_id)):
            failure = self._execute(job)
            if failure is not None:
                sys.stderr.write(failure.traceback)
        context.store_last_progress()
        outcome = outcome_of(job, run, failure, payload_before)
        with self._database.write() as connection:
            refused = self._queue.finish(connection, [outcome])
        self._queue.announce()
        if refused:
            logger.warning("The end of job %s came too late: it was canceled meanwhile.", job_id)
            return False
        events.after_end(job_id)
        return failure is None

    def debug(self, job_id: str) -> bool:
        """Run without writing anything to the job's row; log lines and the traceback go to the screen."""
        job = self._get(job_id)
        job.run_context = _PrintedProgress(job.get_checkpoint())
        with _shown_at_debug_level():
            failure = self._execute(job)
        if failure is not None:
            sys.stderr.write(failure.traceback)
        return failure is None

    def _execute(self, job: Job) -> Failure | None:
        """Run, and undo what must not outlive the run."""
        before = children()
        with _streams_kept():
            failure = JobRunner(self._container).run(job)
        self._database.roll_back()
        ended = end_children(spared=before)
        return Failure.by_children(ended) if ended and failure is None else failure

    def _get(self, job_id: str) -> Job:
        job: Job | None = self._entity_manager.get_entity("Job", job_id)
        if job is None:
            raise NotFound("No such job!")
        return job

    def _claim(self, job: Job) -> Run:
        me = ProcessIdentity.current()
        former = job.get("runProcess")
        attempt = int(job.get("attempt") or 0) + 1
        run = Run(job.id, attempt, attempt, str(me), me.pid, job.get("type"), clock.now())
        node = job.get("runNode")
        if former is not None and node != self._queue.node:
            raise Conflict(f"The Job '{job.id}' is running on another machine: {node}.")
        if not is_living(former):
            with self._database.write() as connection:
                if self._queue.start_by_hand(connection, run, former):
                    if job.get("scheduledJobId"):
                        start = ScheduledStart((job.get("scheduledJobId"), job.get("type")), job.id, None)
                        self._queue.rules.note_starts(connection, [start], clock.now())
                    return run
            former = self._get(job.id).get("runProcess")
        pid = former.split(":")[2] if former else "unknown"
        raise Conflict(f"The Job '{job.id}' is running as process {pid}.")


class _PrintedProgress:
    """For a run that writes nothing: what it would store is shown, and kept while it lasts."""

    def __init__(self, checkpoint: dict[str, Any] | None) -> None:
        self._checkpoint = checkpoint

    def is_canceled(self) -> bool:
        return False

    def report_progress(self, done: float, total: float, text: str = "") -> None:
        progress_text(done, total, text)  # what cannot be stored is refused here too
        sys.stderr.write(f"{done:g} of {total:g} {text}".rstrip() + "\n")

    def checkpoint(self, state: dict[str, Any]) -> None:
        text = checkpoint_text(state)
        sys.stderr.write(f"Checkpoint: {text}\n")
        self._checkpoint = read_checkpoint(text)

    def get_checkpoint(self) -> dict[str, Any] | None:
        return copy.deepcopy(self._checkpoint)


def _payload_text(job: Job) -> str | None:
    payload = job.get("payload")
    return None if payload is None else compact_json(payload)


@contextmanager
def _shown_at_debug_level() -> Iterator[None]:
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    former = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(former)


@contextmanager
def _streams_kept() -> Iterator[None]:
    """A job that closes descriptors 1 and 2 does not keep the person from being told."""
    kept = {}
    for descriptor in (1, 2):
        with suppress(OSError):  # closed from the beginning
            kept[descriptor] = os.dup(descriptor)
    try:
        yield
    finally:
        for descriptor, copy in kept.items():
            os.dup2(copy, descriptor)
            os.close(copy)


@contextmanager
def _copied_to(path: Path) -> Iterator[None]:
    """What is printed and logged goes to the screen and to the job's log."""
    log = _LateFile(path)
    handler = logging.StreamHandler(log)
    handler.setFormatter(LineFormatter())
    former_level, former_streams = logger.level, (sys.stdout, sys.stderr)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    sys.stdout, sys.stderr = _Both(sys.stdout, log, "<stdout>"), _Both(sys.stderr, log, "<stderr>")
    try:
        yield
    finally:
        for stream in {sys.stdout, sys.stderr}:
            with suppress(Exception):  # a stream of the job's own may fail in any way
                stream.flush()
        sys.stdout, sys.stderr = former_streams
        logger.removeHandler(handler)
        logger.setLevel(former_level)
        log.close()


class _LateFile:
    """A text file that is made when the first text comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: io.FileIO | None = None

    def write(self, text: str) -> None:
        self.write_bytes(text.encode("utf-8", "backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = io.FileIO(self._path, "a")
        self._file.write(data)

    def flush(self) -> None:
        """There is no buffer."""

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _BothBytes(io.RawIOBase):
    def __init__(self, screen: TextIO, log: _LateFile) -> None:
        self._screen = screen
        self._log = log

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._screen.fileno()

    def isatty(self) -> bool:
        return self._screen.isatty()

    def close(self) -> None:
        """A wrapper that the job puts around it closes it when it goes."""

    def write(self, data: Any, /) -> int:
        written = bytes(data)
        self._log.write_bytes(written)
        self._screen.flush()
        self._screen.buffer.write(written)
        self._screen.flush()
        return len(written)


class _Both(StandardStream):
    def __init__(self, screen: TextIO, log: _LateFile, name: str) -> None:
        super().__init__(_BothBytes(screen, log), name)
        self._screen = screen
        self._log = log

    def write(self, text: str, /) -> int:
        self._log.write(text)
        # As in a worker, a character that the screen does not have fails no job.
        encoding = self._screen.encoding or self.encoding
        self._screen.write(text.encode(encoding, self.errors).decode(encoding))
        return len(text)

    def flush(self) -> None:
        self._screen.flush()
