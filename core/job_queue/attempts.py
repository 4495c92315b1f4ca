"""What becomes of a run that did not succeed: whether it is tried again, and when."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select

from core import clock
from core.job_queue.backoff import Backoff, backoff_of
from core.job_queue.run import Outcome, Verdict
from core.job_queue.states import PENDING
from core.log import logger
from core.orm.database import Database
from core.orm.prepared_statement import PreparedStatement
from core.orm.schema import Schema


class JobTypes(Protocol):
    """The merged metadata."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What stands under a key."""


class Attempts:
    """Judges runs that failed by the rules of their jobs' types, in the transaction that writes how they ended."""

    def __init__(self, database: Database, schema: Schema, metadata: JobTypes) -> None:
        self._database = database
        self._schema = schema
        self._metadata = metadata
        self._warned_of: set[str | None] = set()

    def judge(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The same outcomes, with a verdict on each run that failed and still holds its row.

        A run that succeeded costs nothing.
        """
        return [self._judged(connection, each) if _is_open(each) else each for each in outcomes]

    def _judged(self, connection: Connection, outcome: Outcome) -> Outcome:
        run = outcome.run
        rows = self._held.fetch(connection, job_id=run.job_id, process=run.process)
        if not rows:  # somebody else has closed it
            return outcome
        job_type = rows[0][0]
        return replace(outcome, verdict=Verdict(outcome.status, self._next_start(outcome, job_type)))

    def _next_start(self, outcome: Outcome, job_type: str | None) -> datetime | None:
        if outcome.status != PENDING:
            return None
        seconds = self._pause(outcome, job_type)
        return None if seconds is None else (outcome.ended_at or clock.now()) + timedelta(seconds=seconds)

    def _pause(self, outcome: Outcome, job_type: str | None) -> float | None:
        """What the job asked for, or else what its type says."""
        if outcome.cause is not None and outcome.cause.retry_in_seconds is not None:
            return outcome.cause.retry_in_seconds
        backoff = self._backoff(job_type)
        return None if backoff is None else backoff.seconds_after(outcome.run.attempt, random.random())

    def _backoff(self, job_type: str | None) -> Backoff | None:
        try:
            return backoff_of(self._metadata.get(["app", "jobTypes", job_type or "", "backoff"]))
        except ValueError as error:
            if job_type not in self._warned_of:
                self._warned_of.add(job_type)
                text = "app/jobTypes.json: backoff of the job type '%s' %s. Its jobs are tried again at once."
                logger.warning(text, job_type, error)
            return None

    @cached_property
    def _held(self) -> PreparedStatement:
        # Locked, so that nobody else closes the run between this look and the writing of its end.
        c = self._schema.table("Job").c
        this_run = (c.id == bindparam("job_id"), c.run_process == bindparam("process"))
        return PreparedStatement(select(c.type).where(*this_run).with_for_update(), self._database.engine.dialect)


def _is_open(outcome: Outcome) -> bool:
    return not outcome.is_success and outcome.verdict is None
