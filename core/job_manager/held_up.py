"""Which job types wait for something of their own: paused, at a limit of theirs, over their rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import clock
from core.job_manager.pause import finding_of_type
from core.job_queue.backlog import HeldRow
from core.job_queue.pause import EVERYTHING, Pause
from core.job_queue.start_limits import Rooms
from core.job_queue.type_limits import TypeLimit
from core.sentence import Sentence, first_of

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class HeldUp:
    """A type that cannot start jobs now, or none with one key; `reason` is a word for programs."""

    type: str
    reason: str
    text: Sentence
    remedy: Sentence
    key: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"type": self.type, "key": self.key, "reason": self.reason, "text": self.text}


@dataclass(frozen=True, slots=True)
class Restraints:
    """What keeps types from starting jobs, on all machines; `held` are the rows that processes hold."""

    limits: Mapping[str, TypeLimit] = field(default_factory=dict)
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    rooms: Rooms = field(default_factory=Rooms)
    held: Sequence[HeldRow] = ()

    @property
    def everywhere(self) -> Pause | None:
        """What pauses the job managers of all machines."""
        return self.pauses.get(EVERYTHING)

    def of_types(self) -> Iterator[HeldUp]:
        """All types that are held up; where only some of its keys are, those."""
        for job_type in sorted({*self.pauses, *self.limits} - {EVERYTHING}):
            found = self._of_type(job_type)
            if found is not None:
                yield found
                continue
            for key in sorted({each.key for each in self.held if each.type == job_type and each.key is not None}):
                of_key = self._of_key(job_type, key)
                if of_key is not None:
                    yield of_key

    def of_job(self, job_type: str, key: str | None) -> HeldUp | None:
        """Why a job of this type and concurrency key cannot start now."""
        found = self._of_type(job_type)
        return found if found is not None or key is None else self._of_key(job_type, key)

    def _of_type(self, job_type: str) -> HeldUp | None:
        pause = self.pauses.get(job_type)
        if pause is not None:
            found = finding_of_type(job_type, pause)
            return HeldUp(job_type, "typePaused", found.text, found.remedy)
        limit, room = self.limits.get(job_type), self.rooms.by_type.get(job_type)
        if limit is None or room is None:
            return None
        running = [each for each in self.held if each.type == job_type]
        if limit.most is not None and len(running) >= limit.most:
            text = Sentence(
                "The type '{type}' runs no more than {most} at a time (maxConcurrent): {jobs}.",
                type=job_type,
                most=limit.most,
                jobs=_named(running),
            )
            return HeldUp(job_type, "maxConcurrent", text, _end_one(running))
        if limit.rate is not None and room.opens_at is not None:
            text = Sentence(
                "The type '{type}' has used up its rateLimit of {rate}; the next one starts at {moment}.",
                type=job_type,
                rate=limit.rate,
                moment=clock.to_iso(room.opens_at),
            )
            return HeldUp(job_type, "rateLimit", text, Sentence("Wait, or raise the rateLimit in app/jobTypes.json."))
        return None

    def _of_key(self, job_type: str, key: str) -> HeldUp | None:
        limit = self.limits.get(job_type)
        running = [each for each in self.held if each.type == job_type and each.key == key]
        if limit is None or limit.key is None or len(running) < limit.per_key:
            return None
        text = Sentence(
            "The type '{type}' runs no more than {most} at a time with the concurrencyKey '{key}': {jobs}.",
            type=job_type,
            most=limit.per_key,
            key=key,
            jobs=_named(running),
        )
        return HeldUp(job_type, "maxConcurrentPerKey", text, _end_one(running), key)


def _named(runs: Sequence[HeldRow]) -> Sentence:
    return first_of([_run_in_words(each) for each in runs], _MOST_NAMED)


def _run_in_words(run: HeldRow) -> Sentence:
    return Sentence("{id} (process {pid} of {machine})", id=run.job_id, pid=run.pid, machine=run.node)


def _end_one(runs: Sequence[HeldRow]) -> Sentence:
    return Sentence('Wait for an end, or end one: "python console.py job cancel {id}".', id=runs[0].job_id)
