"""A worker process: runs one job at a time for the daemon."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from setproctitle import setproctitle

from core.Entities import Job
from core.exceptions import DatabaseBusy, DatabaseUnavailable, JobInterrupted
from core.job_manager.channel import Channel, Message
from core.job_manager.clean_slate import CleanSlate
from core.job_manager.forked_children import detach_forked_children
from core.job_manager.job_runner import Failure, RunContext, describe, logged_failure, outcome_of
from core.job_manager.leftover_children import become_subreaper, end_children, has_children
from core.job_manager.stop_notice import interruption, take_notices
from core.job_manager.worker_services import WorkerServices
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.run import Outcome, Run
from core.log import current_job, logger
from core.orm.database import DATABASE_ERRORS

#: The exit status of a worker whose job closed the descriptor by which it reports.
LOST_CONNECTION = 77
_ALONE_ATTEMPTS = 10
_ALONE_PAUSE_SECONDS = 1.0
_LONGEST_ALONE_PAUSE_SECONDS = 10.0


class Worker:
    """Serves the daemon until it says exit or is gone.

    A worker that finds its daemon gone writes the end of its run itself, with the same guarded statement, and exits.
    """

    def __init__(self, services: WorkerServices, root: Path, channel: Channel) -> None:
        self._services = services
        self._root = root
        self._channel = channel
        self._queue = services.queue
        self._database = services.database
        self._database.expect_server()
        self._entity_manager = services.entity_manager
        self._jobs = services.jobs
        self._events = services.events
        self._runner = services.runner
        self._nulls = services.nulls
        self._place = f"[{root}]"  # in the title
        self._process = str(ProcessIdentity.current())
        self._current: Run | None = None
        self._is_interrupted = False
        self._is_signaled_early = False
        self._unconfirmed: Outcome | None = None
        self._unread: list[Message] = []
        become_subreaper()
        signal.signal(signal.SIGTERM, self._on_terminate)
        detach_forked_children(channel, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._output = services.output
        self._output.open()
        faulthandler.enable(file=2)
        self._slate = CleanSlate(root)

    def serve(self) -> int:
        """Run what the daemon sends; returns the exit status."""
        self._rest()
        self._channel.send({"is": "ready", "process": self._process, "listens": self._events.has_listeners})
        while True:
            message = self._unread.pop(0) if self._unread else self._channel.receive()
            if message is None:
                return self._end_alone()
            if message["do"] == "run":
                self._confirm()
                if not self._run(message):
                    return LOST_CONNECTION
            elif message["do"] == "confirm":
                self._confirm()
            elif message["do"] == "notify":
                self._events.after_end(message["job_id"])
            elif message["do"] == "exit":
                self._confirm()
                self._output.close()
                return 0

    def _run(self, message: Message) -> bool:
        run = Run(*message["run"])
        setproctitle(f"pyatro job {run.job_id} ({message['row']['type']}) {self._place}")
        if self._services.obey_config():
            self._slate.keep_logging()
        self._output.begin(run.job_id)
        try:
            job, payload_before = self._load(message["row"])
        except Exception as error:  # noqa: BLE001 - what stands in the row may come from anywhere
            outcome, reason = (
                Outcome(run, False, f"The row of the job cannot be read (is its payload JSON?): {describe(error)}"),
                None,
            )
        else:
            outcome, reason = self._run_loaded(run, job, payload_before)
        self._output.end()
        if not self._channel.is_intact():
            return False
        self._unconfirmed = outcome
        self._channel.send(
            {
                "is": "end",
                "success": outcome.is_success,
                "message": outcome.message,
                "payload": outcome.payload,
                "ended_at": outcome.ended_at,
                "cause": outcome.cause,
                "result": outcome.result,
                "replace": reason,
            }
        )
        self._rest()
        return True

    def _run_loaded(self, run: Run, job: Job, payload_before: str | None) -> tuple[Outcome, str | None]:
        job.run_context = context = RunContext(self._queue, run)
        failure = self._execute(run, job)
        job.run_context = None
        failure, reason = self._clean_up(failure)
        context.store_last_progress()
        if failure is not None:
            sys.stderr.write(failure.traceback)
        return outcome_of(job, run, failure, payload_before), reason

    def _load(self, row: dict[str, Any]) -> tuple[Job, str | None]:
        """The job, and the text of its payload."""
        if row.pop("payload_left_out"):
            stored = self._jobs.get(row["id"])
            if stored is not None:
                return stored, self._entity_manager.stored_value(stored, "payload")
        return self._jobs.hydrate({**self._nulls, **row}), row["payload"]

    def _execute(self, run: Run, job: Job) -> Failure | None:
        """Run the job, and before it what listens to its start; in both SIGTERM raises an exception."""
        try:
            self._current = run
            if self._is_signaled_early:
                self._obey_early_signal(run)
            if self._events.has_listeners:
                self._events.after_start(job)
            failure = self._runner.run(job)
            self._current = None
        except JobInterrupted as error:  # it came before the job's code, or when that was just over
            self._current = None
            current_job.set(job.id)
            failure = logged_failure(error)
        return failure

    def _obey_early_signal(self, run: Run) -> None:
        """The signal may be faster than the message with the run that it is about."""
        self._is_signaled_early = False
        stop = self._stop_of(run)
        if stop is not None:
            raise stop

    def _clean_up(self, failure: Failure | None) -> tuple[Failure | None, str | None]:
        """Undo what the job left behind; also says why this worker must be replaced, if it must."""
        reason = None
        if self._is_interrupted:
            # The exception may have come anywhere, also where a lock had just been taken.
            self._is_interrupted, reason = False, "it was interrupted"
            self._database.close()
        if has_children():
            ended = end_children()
            if ended or has_children():
                reason = "child processes were left over"
            if ended and failure is None:
                failure = Failure.by_children(ended)
        if self._database.roll_back():
            logger.warning("A job left a transaction open; it was rolled back.")
        self._slate.restore()
        current_job.set(None)
        self._services.memory.clear()
        self._entity_manager.set_user(None)
        return failure, self._slate.what_stays() or reason

    def _confirm(self) -> None:
        """The daemon has written the end that was sent last."""
        outcome, self._unconfirmed = self._unconfirmed, None
        if outcome is not None and self._events.has_listeners:
            self._events.after_end(outcome.run.job_id)

    def _end_alone(self) -> int:
        """The daemon is gone: what it may not have written is written here."""
        self._output.close()
        outcome = self._unconfirmed
        if outcome is None:
            return 0
        refused_for_good, pause_seconds = 0, _ALONE_PAUSE_SECONDS
        while refused_for_good < _ALONE_ATTEMPTS:
            try:
                with self._database.write() as connection:
                    refused = self._queue.finish(connection, [outcome])
                self._queue.announce()
                if not refused:
                    self._confirm()
                return 0
            except DATABASE_ERRORS as error:
                logger.warning("The end of job %s could not be written yet: %s", outcome.run.job_id, error)
                # However long the database is away, full or locked: nobody else knows how the job ended.
                refused_for_good += not isinstance(error, DatabaseBusy | DatabaseUnavailable)
                time.sleep(pause_seconds)
                pause_seconds = min(2 * pause_seconds, _LONGEST_ALONE_PAUSE_SECONDS)
        logger.error("The end of job %s could not be written: %s", outcome.run.job_id, outcome._asdict())
        return 1

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        # Between jobs there is nothing to stop: a worker goes when its daemon says so or is gone.
        if self._current is None:
            self._is_signaled_early = True
            return
        self._is_interrupted = True
        raise self._stop_of(self._current) or JobInterrupted("The job was stopped by signal 15 (SIGTERM).")

    def _stop_of(self, run: Run) -> JobInterrupted | None:
        """What the job manager, or its successor, has said of the signal."""
        messages = self._channel.receive_available()
        self._unread += [message for message in messages if message["do"] != "stop"]
        stops = (interruption(each, run) for each in messages + take_notices(self._root, os.getpid()))
        return next((stop for stop in stops if stop is not None), None)

    def _rest(self) -> None:
        setproctitle(f"pyatro worker {self._place}")
