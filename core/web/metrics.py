"""What Prometheus reads (https://prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from core import clock
from core.access import Identity
from core.container import Container
from core.job_manager.ended_totals import EndedTotals, Total
from core.job_manager.job_manager import JobManager
from core.job_manager.status import Status
from core.job_queue.run_times import SECONDS
from core.web.signed_in import Allowed

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MayRead = Annotated[Identity, Depends(Allowed("read", "JobManager"))]
#: Values by labels; each is a time series that Prometheus keeps.
Sample = tuple[dict[str, str], float]
_MOST_SAMPLES = 1_000
#: Each is a dozen time series.
_MOST_HISTOGRAMS = 100


def metrics_routes(container: Container) -> APIRouter:
    """`/metrics`, for whoever may read the state of the job manager."""
    router = APIRouter(include_in_schema=False)
    job_manager, totals = container.get(JobManager), EndedTotals(container)

    @router.get("/metrics")
    def metrics(identity: MayRead) -> Response:
        """The jobs, the job manager and the database, in numbers."""
        began = clock.monotonic()
        container.get("entityManager").get_repository("JobNode").exists()
        latency = clock.monotonic() - began
        lines = [*_of_status(job_manager.status()), *_of_ended(totals), *_of_database(latency)]
        return Response("\n".join([*lines, ""]), media_type=MEDIA_TYPE)

    return router


def _of_status(status: Status) -> Iterator[str]:
    holder, now = status.holder, status.now
    yield from _metric("job_manager_up", "gauge", "Whether the job manager of this machine is at work.", status.is_well)
    if holder is not None:
        text = "Seconds since the job manager of this machine made its last round."
        yield from _metric("job_manager_silent_seconds", "gauge", text, holder.silent_seconds)
    yield from _metric("workers_most", "gauge", "How many jobs may run at once on this machine.", status.most_workers)
    yield from _metric("workers_free", "gauge", "How many jobs could start now on this machine.", status.free_workers)
    text = "Whether jobs are kept from starting, on this machine or on all."
    pauses = (("machine", status.pause), ("everywhere", status.pause_everywhere))
    yield from _family("paused", "gauge", text, [({"where": where}, pause is not None) for where, pause in pauses])
    yield from _metric("warnings", "gauge", "How many warnings the status has.", len(status.findings))
    if status.cron_seen_at is not None:
        text = "When cron came last, in seconds since 1970."
        yield from _metric("cron_seen_timestamp_seconds", "gauge", text, status.cron_seen_at.timestamp())
    rows = status.rows
    if rows is None:
        return
    running: dict[str, int] = {}
    for row in rows.held:
        running[row.type] = running.get(row.type, 0) + 1
    yield from _family("jobs_running", "gauge", "Jobs that run, on all machines.", _by_type(running.items()))
    text = "Jobs whose time has come; 10,000 at most are counted."
    yield from _family("jobs_due", "gauge", text, _by_type((each.type, each.count) for each in rows.due))
    ages = [(each.type, (now - each.oldest_at).total_seconds()) for each in rows.due if each.oldest_at is not None]
    yield from _family("jobs_due_oldest_seconds", "gauge", "How long the oldest due job has waited.", _by_type(ages))
    yield from _metric("jobs_later", "gauge", "Jobs whose time has not come; 10,001 stands for more.", rows.later)
    fires = [
        ({"id": each.schedule_id, "name": each.name, "type": each.type}, each.fire_time.timestamp())
        for each in rows.next_fires
        if each.fire_time is not None
    ]
    text = "When the schedules that come next fire, in seconds since 1970."
    yield from _family("schedule_next_fire_timestamp_seconds", "gauge", text, fires)


def _of_ended(totals: EndedTotals) -> Iterator[str]:
    ended = sorted(totals.read().items())
    labelled = [({"type": kind, "status": status}, total) for (kind, status), total in ended]
    text = "Jobs that ended since this server was asked first; Pending are runs that failed and are tried again."
    yield from _family("jobs_ended_total", "counter", text, [(labels, total.count) for labels, total in labelled])
    text = "How long the runs of these jobs took in all."
    samples = [(labels, total.seconds) for labels, total in labelled]
    yield from _family("job_run_seconds_total", "counter", text, samples)
    by_type: dict[str, Total] = {}
    for (kind, _), total in ended:
        by_type[kind] = by_type.get(kind, Total()) + total
    yield from _histogram("job_run_duration_seconds", "How long runs of jobs took, whatever came of them.", by_type)


def _histogram(name: str, text: str, by_type: Mapping[str, Total]) -> Iterator[str]:
    yield from _heading(name, "histogram", text)
    for kind, total in list(by_type.items())[:_MOST_HISTOGRAMS]:
        labels, times = {"type": kind}, total.run_times
        for bound, within in zip((*SECONDS, math.inf), times.within, strict=True):
            yield _line(f"{name}_bucket", {**labels, "le": "+Inf" if bound == math.inf else repr(bound)}, within)
        yield _line(f"{name}_sum", labels, total.seconds)
        yield _line(f"{name}_count", labels, times.count)


def _of_database(latency: float) -> Iterator[str]:
    yield from _metric("database_read_seconds", "gauge", "How long a small read took just now.", latency)


def _by_type(values: Iterable[tuple[str, float]]) -> list[Sample]:
    return [({"type": kind}, value) for kind, value in values]


def _metric(name: str, kind: str, text: str, value: float) -> Iterator[str]:
    return _family(name, kind, text, [({}, value)])


def _family(name: str, kind: str, text: str, samples: list[Sample]) -> Iterator[str]:
    yield from _heading(name, kind, text)
    for labels, value in samples[:_MOST_SAMPLES]:
        yield _line(name, labels, value)


def _heading(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP pyatro_{name} {text}"
    yield f"# TYPE pyatro_{name} {kind}"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    shown = ",".join(f'{label}="{_escaped(each)}"' for label, each in labels.items())
    return f"pyatro_{name}{f'{{{shown}}}' if shown else ''} {float(value)!r}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
