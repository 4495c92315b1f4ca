"""The first page: what the job manager does now, and how it went."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.container import Container
from core.job_manager.status import Status
from core.job_manager.throughput import PERIODS, read_throughput
from core.job_queue.backlog import MOST_COUNTED, total
from core.job_queue.counters import total as total_ended
from core.job_queue.process_identity import is_living
from core.job_queue.states import ENDED, FAILED
from core.terminal.process_meter import ProcessMeter
from core.web.live.shared_status import SharedStatus
from core.web.panel.may import ReadsJobManager, ReadsJobs
from core.web.panel.pages import Pages
from core.web.panel.worries import worries
from core.web.signed_in import SignedIn

_MOST_RUNS = 50


def dashboard_routes(container: Container, pages: Pages, meter: ProcessMeter, shared: SharedStatus) -> APIRouter:
    """`/` and its live parts"""
    router = APIRouter(include_in_schema=False)

    def now_context(status: Status) -> dict[str, Any]:
        rows = status.rows
        return {
            "status_now": status,
            "worries": worries(status, container.get("config")),
            "runs": _runs(container, status, meter),
            "due": 0 if rows is None else total(rows.due),
            "later": 0 if rows is None else rows.later,
            "ended": 0 if rows is None else total_ended(rows.last_hour, *ENDED),
            "failed": 0 if rows is None else total_ended(rows.last_hour, FAILED),
            "most_counted": MOST_COUNTED,
        }

    def chart_context(request: Request, period: str) -> dict[str, Any]:
        period = period if period in PERIODS else "hour"
        found = read_throughput(container, period, clock.now())
        label = pages.texts(request).label
        series = [
            {"label": label("Ended"), "tone": "blue", "fill": True, "bars": True, "values": found.ended},
            {"label": label("Failed"), "tone": "red", "fill": True, "bars": True, "values": found.failed},
        ]
        seconds = [
            {"label": label("Mean"), "tone": "green", "points": True, "values": found.seconds},
            {"label": label("Median"), "tone": "blue", "points": True, "values": found.median},
            {"label": label("95 of 100 at most"), "tone": "amber", "points": True, "values": found.percentile_95},
        ]
        return {
            "period": period,
            "periods": list(PERIODS),
            "throughput": {"times": found.times, "series": series},
            "durations": {"times": found.times, "series": seconds},
            "has_ended": any(found.ended),
        }

    @router.get("/")
    def dashboard(identity: SignedIn, request: Request, period: str = "hour") -> Response:
        """The first page; whoever may not read jobs, and how the job manager does, is only greeted."""
        if not all(pages.may(identity, "read", scope) for scope in ("Job", "JobManager")):
            return pages.show(request, "welcome.html")
        now = now_context(container.get("jobManager").status())
        return pages.show(request, "dashboard/dashboard.html", **now, **chart_context(request, period))

    @router.get("/dashboard/now")
    def now(identity: ReadsJobs, _: ReadsJobManager, request: Request) -> Response:
        """What changes all the time."""
        return pages.live(request, "dashboard/now.html", **now_context(shared.read()))

    @router.get("/dashboard/charts")
    def charts(identity: ReadsJobs, _: ReadsJobManager, request: Request, period: str = "hour") -> Response:
        """How it went."""
        return pages.live(request, "dashboard/charts.html", **chart_context(request, period))

    return router


def _runs(container: Container, status: Status, meter: ProcessMeter) -> list[dict[str, Any]]:
    """What runs on all machines, the oldest first; of the processes of this one what they take."""
    held = list(status.held[:_MOST_RUNS])
    if not held:
        return []
    service = container.get("serviceFactory").create_record("Job")
    params = {
        "where": [{"type": "in", "attribute": "id", "value": [each.job_id for each in held]}],
        "select": ["id", "name", "progress"],
        "sortBy": "id",
        "maxSize": _MOST_RUNS,
        "collectionOnly": True,
    }
    by_id = {job["id"]: job for job in service.find_entities(params)["list"]}
    return [
        {
            "row": each,
            "job": by_id[each.job_id],
            "use": meter.use(each.pid) if each.pid and each.node == status.node and is_living(each.process) else None,
        }
        for each in held
        if each.job_id in by_id
    ]
