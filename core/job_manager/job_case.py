"""One job whose waiting is to be explained, and the form of the explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from core.container import Container
from core.job_manager.status import Status
from core.job_queue.backlog import Backlog
from core.orm.column_types import moment_or_none
from core.sentence import Sentence

_SHOWN_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` is a word for programs, `text` and `remedy` sentences for people; None where there is nothing to do."""

    reason: str
    text: Sentence
    remedy: Sentence | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"reason": self.reason, "text": self.text, "remedy": self.remedy}


class JobCase:
    """One job, and what is known around it."""

    def __init__(self, container: Container, backlog: Backlog, row: Mapping[str, Any], status: Status) -> None:
        self.container = container
        self.backlog = backlog
        self.row = row
        self.status = status
        self.id = str(row["id"])
        self.type = str(row["type"])
        self.retry = f'"python console.py job retry {self.id}"'

    def moment(self, column: str) -> datetime | None:
        """What a column of moments holds, if it is one."""
        return moment_or_none(self.row[column])

    @property
    def message(self) -> str:
        """What became of the last run."""
        return str(self.row["message"] or "").strip()

    @property
    def shown_message(self) -> str:
        """As much of the message as a person reads here; `job show` has all of it."""
        text = self.message
        return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]} [...]"

    @property
    def attempt(self) -> Sentence:
        """Which attempt it is, of how many."""
        number, limit = self.row["attempt"], self.row["attempt_limit"]
        if limit:
            return Sentence("attempt {number} of {limit}", number=number, limit=limit)
        return Sentence("attempt {number}", number=number)

    @cached_property
    def handler_fault(self) -> str | None:
        """Why its handler cannot be had now, as `check` says it."""
        fault: str | None = self.container.get("handlerFaults").of(self.type)
        return fault

    @cached_property
    def schedule(self) -> str | None:
        """The name of its schedule."""
        schedule_id = self.row["scheduled_job_id"]
        if schedule_id is None:
            return None
        with self.container.get("connection").read() as connection:
            return self.backlog.schedule_name(connection, schedule_id)
