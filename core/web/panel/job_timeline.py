"""What happened to a job, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from core.job_queue.states import CANCELED, ENDED, PENDING, RUNNING
from core.terminal.duration import in_words
from core.web.panel.texts import Texts


@dataclass(frozen=True)
class Happening:
    """`label` is a text of pages with `count`; `status` colours it; `lasted` is how long it took until then."""

    label: str
    at: str | None
    status: str = ""
    count: int = 0
    lasted: str = ""


def timeline(
    job: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]], now: datetime, texts: Texts
) -> list[Happening]:
    """From its making to where it is now."""
    return [*_beginning(job), *_runs(job, attempts, now, texts), *_rest(job, now, texts)]


def _beginning(job: Mapping[str, Any]) -> Iterator[Happening]:
    yield Happening("Made", job.get("createdAt"))
    due, made = _moment(job.get("executeTime")), _moment(job.get("createdAt"))
    if due is not None and made is not None and (due - made).total_seconds() > 1 and not job.get("attempt"):
        yield Happening("Due", job["executeTime"])


def _runs(
    job: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]], now: datetime, texts: Texts
) -> Iterator[Happening]:
    for each in attempts:
        number = int(each.get("attempt") or 0)
        yield Happening("Attempt {count} began", each.get("startedAt"), RUNNING, number)
        yield Happening(
            f"Attempt {{count}}: {each.get('status')}", each.get("endedAt"), str(each.get("status")), number,
            lasted(each.get("startedAt"), each.get("endedAt"), now, texts),
        )  # fmt: skip
    known = {each.get("attempt") for each in attempts}
    if job.get("startedAt") and job.get("attempt") not in known:
        number = int(job.get("attempt") or 0)
        yield Happening("Attempt {count} began", job["startedAt"], RUNNING, number)
        if job["status"] in ENDED and job.get("endedAt"):
            took = lasted(job["startedAt"], job["endedAt"], now, texts)
            yield Happening(f"Attempt {{count}}: {job['status']}", job["endedAt"], job["status"], number, took)


def _rest(job: Mapping[str, Any], now: datetime, texts: Texts) -> Iterator[Happening]:
    if job["status"] == RUNNING:
        yield Happening("Runs", None, RUNNING, 0, lasted(job.get("startedAt"), None, now, texts))
    elif job["status"] == PENDING and (due := _moment(job.get("executeTime"))) is not None:
        yield Happening("Starts" if due > now else "Waits", job["executeTime"], PENDING)
    elif job["status"] == CANCELED and not job.get("startedAt"):
        yield Happening("Canceled", job.get("endedAt") or job.get("modifiedAt"), CANCELED)


def lasted(began: Any, ended: Any, now: datetime, texts: Texts) -> str:
    """How long from the one moment to the other, or until now; nothing where it has not begun."""
    first, last = _moment(began), _moment(ended) or now
    if first is None:
        return ""
    seconds = max(0.0, (last - first).total_seconds())
    return f"{texts.number(seconds, 2)} s" if seconds < 10 else in_words(seconds)


def _moment(text: Any) -> datetime | None:
    return clock.from_text(text) if isinstance(text, str) and text else None
