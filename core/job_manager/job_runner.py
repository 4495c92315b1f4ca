"""Running one job: from its row to how it ended."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core import clock
from core.container import Container
from core.Entities import Job
from core.exceptions import Discard, Error, JobCanceled, JobInterrupted, Retry, text_of
from core.job_manager.handlers import load_handler
from core.job_queue.queue import JobQueue
from core.job_queue.run import Cause, Outcome, Run
from core.Jobs import JobInterface
from core.log import current_job, logger
from core.orm.database import DATABASE_ERRORS
from core.orm.json_text import compact_json, parse_json
from core.records.owner import JobOwners

# A message is read by people, and goes through every list of jobs.
_LONGEST_MESSAGE = 65_536
# A traceback is kept with its attempt, and longer ones stand in the job's log. The last lines say most.
_LONGEST_TRACEBACK = 16_384
_TRACEBACK_START = 4_096
_PROGRESS_SECONDS = 0.5
_CANCEL_CHECK_SECONDS = 0.1


class RunContext:
    """What a running job may ask and tell the job manager; `job.run_context` while it runs."""

    def __init__(self, queue: JobQueue, run: Run) -> None:
        self._queue = queue
        self._run = run
        self._is_canceled = False
        self._checked_at = 0.0
        self._reported_at = 0.0
        self._unstored_progress: str | None = None

    def is_canceled(self) -> bool:
        """Whether somebody has canceled this run; asks the database ten times a second at most."""
        if not self._is_canceled and clock.monotonic() - self._checked_at >= _CANCEL_CHECK_SECONDS:
            self._is_canceled = self._queue.is_interrupted(self._run)
            self._checked_at = clock.monotonic()
        return self._is_canceled

    def report_progress(self, done: float, total: float, text: str = "") -> None:
        """Store how far the job is, twice a second at most; what comes faster waits for the next, or for the end."""
        self._unstored_progress = progress_text(done, total, text)
        if clock.monotonic() - self._reported_at >= _PROGRESS_SECONDS:
            self._store_progress()

    def store_last_progress(self) -> None:
        """The job's code is over: store what it reported last, if it is not stored yet."""
        if self._unstored_progress is None:
            return
        try:
            self._store_progress()
        except DATABASE_ERRORS as error:  # how far it was is no reason for the job to fail
            logger.warning("The progress that the job reported last could not be stored: %s", error)

    def _store_progress(self) -> None:
        if self._unstored_progress is not None:
            self._queue.report_progress(self._run, self._unstored_progress)
            self._unstored_progress, self._reported_at = None, clock.monotonic()

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Store a state from which a later attempt may go on; raises Error where JSON has no form for it."""
        self._queue.store_checkpoint(self._run, checkpoint_text(state))

    def get_checkpoint(self) -> dict[str, Any] | None:
        """The state that was stored last, read from the database each time."""
        return read_checkpoint(self._queue.stored_checkpoint(self._run))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: the text for its row, the traceback for its log, and what the job said about a next attempt."""

    message: str
    traceback: str
    cause: Cause | None = None

    @classmethod
    def by_error(cls, error: BaseException) -> Failure:
        """The job's code raised it."""
        is_discarded = isinstance(error, Discard)
        text = f"The job was discarded: {describe(error)}" if is_discarded else describe(error)
        where = _traceback(error)
        seconds = error.in_seconds if isinstance(error, Retry) else None
        return cls(text, where, Cause(clean(_shortened(where)), is_discarded, seconds))

    @classmethod
    def by_children(cls, ended: Sequence[str]) -> Failure:
        """The job was over, and these processes of it went on."""
        text = f"The job left child processes running, which were ended: {', '.join(ended)}."
        return cls(text, f"{text}\n")


class JobRunner:
    """Runs jobs one after the other in this process, each on behalf of its owner.

    What goes wrong in a job's code never gets out of `run`.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._metadata = container.get("metadata")
        self._owners = JobOwners(container.get("entityManager"))
        self._handler_classes: dict[str, type[JobInterface]] = {}

    def prepare(self, job_type: str) -> None:
        """Load the type's handler now, so that the first run finds it; raises Error where there is none."""
        self._container.learn(self._handler_class(job_type))

    def run(self, job: Job) -> Failure | None:
        """Build the type's handler and run it; None means success."""
        pid = os.getpid()
        current_job.set(job.id)
        try:
            handler = self._container.build(self._handler_class(job.get("type") or ""))
            owner = self._owners.owner_of(job)
            if owner is None:
                handler.run(job)
            else:
                with self._owners.acting_for(owner):
                    handler.run(job)
            if os.getpid() != pid:
                _end_forked_child(None)
            if job.touched:
                _check_what_is_kept(job)
        except BaseException as error:  # noqa: BLE001 - a job's code may raise anything, SystemExit and KeyboardInterrupt too
            if os.getpid() != pid:
                _end_forked_child(error)
            return logged_failure(error)
        finally:
            current_job.set(None)
        return None

    def _handler_class(self, job_type: str) -> type[JobInterface]:
        handler_class = self._handler_classes.get(job_type)
        if handler_class is None:
            handler_class = self._handler_classes[job_type] = load_handler(self._metadata, job_type)
        return handler_class


def _end_forked_child(error: BaseException | None) -> None:
    """A process that the job forked comes out of the job's code as its parent does: it ends here."""
    status = 0
    if isinstance(error, SystemExit):
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error is not None:
        status = 1
    with suppress(Exception):  # the streams may be the job's own
        if error is not None and not isinstance(error, SystemExit):
            sys.stderr.write(_traceback(error))
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status & 0xFF)


def logged_failure(error: BaseException) -> Failure:
    """The failure by this exception, once the log says so."""
    failure = Failure.by_error(error)
    if isinstance(error, JobCanceled):
        logger.info("%s", failure.message)
    else:
        logger.error("Job failed: %s", failure.message)
    return failure


def outcome_of(job: Job, run: Run, failure: Failure | None, payload_before: str | None) -> Outcome:
    """The value that becomes the row: what `run` set as message and result, and changed in the payload, is kept."""
    if failure is None:
        message = job.get("message")
        text = clean(message) if message else None
        payload = result = None
        if job.touched:
            payload, result = _changed_payload(job, payload_before), _result(job)
        return Outcome(run, True, text, payload, clock.now(), result=result)
    try:
        payload, result = _changed_payload(job, payload_before), _result(job)
    except (Error, TypeError, ValueError):  # the very reason of the failure
        payload = result = None
    return Outcome(run, False, failure.message, payload, clock.now(), failure.cause, result)


def describe(error: BaseException) -> str:
    """An exception in the words of a job's message."""
    if isinstance(error, SystemExit):
        return clean(f"The job called sys.exit({_exit_code(error.code)}).")
    if isinstance(error, KeyboardInterrupt):
        return "The job raised KeyboardInterrupt."
    text = text_of(error).strip()
    if not text or isinstance(error, KeyError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return clean(text)


def _exit_code(code: object) -> str:
    if code is None:
        return ""
    try:
        return repr(code)
    except Exception:  # noqa: BLE001 - it may be an object of anybody's class
        return f"<{type(code).__name__}>"


def clean(text: object) -> str:
    """A text that every database stores: no half characters, no NUL, not endless."""
    storable = str(text).encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    return storable if len(storable) <= _LONGEST_MESSAGE else storable[:_LONGEST_MESSAGE] + " [...]"


def _traceback(error: BaseException) -> str:
    # The first frame is this file's: it says nothing to the job's author.
    shown = error.__traceback__.tb_next if error.__traceback__ else None
    if isinstance(error, JobInterrupted) or shown is None:
        shown = error.__traceback__
    return "".join(traceback.format_exception(type(error), error, shown))


def _shortened(where: str) -> str:
    if len(where) <= _LONGEST_TRACEBACK:
        return where
    return f"{where[:_TRACEBACK_START]}\n[...]\n{where[_TRACEBACK_START - _LONGEST_TRACEBACK :]}"


def progress_text(done: float, total: float, text: str) -> str:
    """How far a job is, as it is stored; raises Error where JSON has no form for it."""
    try:
        return compact_json({"done": done, "total": total, "text": text})
    except (TypeError, ValueError) as error:
        raise Error(f"The progress that the job reports cannot be stored as JSON: {error}") from error


def checkpoint_text(state: dict[str, Any]) -> str:
    """A state as it is stored; raises Error where JSON has no form for it, or it is no dict."""
    if not isinstance(state, dict):
        raise Error(f"job.checkpoint takes a dict, not {type(state).__name__}.")
    try:
        return compact_json(state)
    except (TypeError, ValueError) as error:
        raise Error(f"The checkpoint of the job cannot be stored as JSON: {error}") from error


def read_checkpoint(text: str | None) -> dict[str, Any] | None:
    """The state; None where there is none, or bare SQL wrote what is none."""
    try:
        state = None if text is None else parse_json(text)
    except ValueError:
        return None
    return state if isinstance(state, dict) else None


def _check_what_is_kept(job: Job) -> None:
    for name in ("payload", "result"):
        if name not in job.touched:
            continue
        try:
            compact_json(job.get(name))
        except (TypeError, ValueError) as error:
            raise Error(f"What the job left in its {name} cannot be stored as JSON: {error}") from error


def _result(job: Job) -> str | None:
    # Its start has emptied the row's.
    result = job.get("result") if "result" in job.touched else None
    return None if result is None else compact_json(result)


def _changed_payload(job: Job, before: str | None) -> str | None:
    if "payload" not in job.touched:
        return None
    payload: Any = job.get("payload")
    after = None if payload is None else compact_json(payload)
    return None if after == before else after or "null"
