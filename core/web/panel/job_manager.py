"""The pop-up of the job manager, which is on every page: what runs and waits, and pausing it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.access.audit import Audit
from core.container import Container
from core.job_queue.states import PENDING, RUNNING
from core.web.live.shared_status import SharedStatus
from core.web.panel.form_fields import Form
from core.web.panel.login import own_address
from core.web.panel.may import PausesJobManager, ReadsJobManager, ReadsJobs
from core.web.panel.pages import Pages

_MOST_SHOWN = 20
_LONGEST_REASON = 500


def job_manager_routes(container: Container, pages: Pages, shared: SharedStatus) -> APIRouter:
    """`/job-manager`, and its pause"""
    router = APIRouter(include_in_schema=False)

    def shown() -> dict[str, Any]:
        """As AtroCore's pop-up (section 10.2): what runs, then what is due, the oldest first, as an index has it."""
        service = container.get("serviceFactory").create_record("Job")
        by_time = {"sortBy": "executeTime", "asc": True, "collectionOnly": True}
        running = service.find_entities({**by_time, "where": [_equals(RUNNING)], "maxSize": _MOST_SHOWN})["list"]
        due = {"type": "lessThanOrEquals", "attribute": "executeTime", "value": clock.to_iso(clock.now())}
        left = _MOST_SHOWN - len(running)
        where = [_equals(PENDING), due]
        waiting = service.find_entities({**by_time, "where": where, "maxSize": left})["list"] if left else []
        return {"status_now": shared.read(), "jobs": [*running, *waiting]}

    @router.get("/job-manager")
    def show(identity: ReadsJobs, _: ReadsJobManager, request: Request) -> Response:
        """What the pop-up shows."""
        return pages.live(request, "job_manager.html", **shown())

    @router.post("/job-manager/pause")
    def pause(identity: PausesJobManager, request: Request, form: Form) -> Response:
        """Let no job start on this machine."""
        reason = form.get("reason")[:_LONGEST_REASON] or None
        container.get(Audit).note("pause", "JobManager", after={"reason": reason})
        container.get("jobManager").pause(reason, by=identity.user.get("userName"))
        shared.forget()
        return _answered(request, form.get("next"), "The job manager is paused: running jobs go on, no other starts.")

    @router.post("/job-manager/resume")
    def resume(identity: PausesJobManager, request: Request, form: Form) -> Response:
        """Let jobs start again, here and everywhere."""
        manager = container.get("jobManager")
        container.get(Audit).note("resume", "JobManager", after={"everywhere": True})
        manager.resume()
        manager.resume_everywhere()
        shared.forget()
        return _answered(request, form.get("next"), "The job manager starts jobs again.")

    def _answered(request: Request, address: str, text: str) -> Response:
        """The pop-up for htmx, else the page that the person was on."""
        if request.headers.get("hx-request"):
            return pages.fragment(request, "job_manager.html", **shown())
        return pages.go(request, own_address(address), pages.texts(request).label(text))

    return router


def _equals(status: str) -> dict[str, str]:
    return {"type": "equals", "attribute": "status", "value": status}
