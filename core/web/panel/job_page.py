"""One job: what there is to know of it, and what can be done with it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.access import Redaction
from core.container import Container
from core.job_manager.status import Status
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.states import AWAITING, ENDED, PENDING, RUNNING
from core.terminal.process_meter import ProcessMeter, ProcessUse
from core.web.job_log import JobLogs
from core.web.live.shared_status import SharedStatus
from core.web.panel.fields import Field, Fields, Panel
from core.web.panel.form_fields import Form
from core.web.panel.job_timeline import timeline
from core.web.panel.login import own_address
from core.web.panel.may import CancelsJobs, DeletesJobs, ReadsJobs, RetriesJobs
from core.web.panel.pages import Pages

#: These have a place of their own on the page.
_ELSEWHERE = ("payload", "result", "message", "status", "name")
_MOST_ATTEMPTS = 200
#: So much of the end of a log is shown.
_LOG_BYTES = 64 * 1024


def job_page_routes(
    container: Container, pages: Pages, fields: Fields, meter: ProcessMeter, shared: SharedStatus
) -> APIRouter:
    """`/Job/{id}`, its live parts, and its actions"""
    router = APIRouter(include_in_schema=False)
    logs = JobLogs(container.get("config").root, container.get(Redaction))

    def jobs() -> Any:
        return container.get("serviceFactory").create_record("Job")

    def live_context(request: Request, job_id: str, status: Status | None = None) -> dict[str, Any]:
        job = jobs().read_entity(job_id)
        linked = jobs().find_linked_entities(job_id, "attempts", {"sortBy": "attempt", "maxSize": _MOST_ATTEMPTS})
        attempts = linked["list"]
        needs_reason = job["status"] in (PENDING, AWAITING, RUNNING)
        return {
            "job": job,
            "panels": [(panel.label, _shown(panel)) for panel in fields.panels("Job")],
            "attempts": attempts,
            "events": timeline(job, attempts, clock.now(), pages.texts(request)),
            "traceback": next((each["traceback"] for each in reversed(attempts) if each.get("traceback")), None),
            "why": container.get("jobManager").why(job_id, status) if needs_reason else None,
            "usage": _usage(job, meter),
            "log": logs.read(job["id"], -_LOG_BYTES).text,
            "log_size": (log_size := logs.size(job["id"])),
            "is_log_cut": log_size > _LOG_BYTES,
            "is_live": job["status"] not in ENDED,
            "is_cancelable": job["status"] in (PENDING, RUNNING, AWAITING),
        }

    @router.get("/Job/{job_id}")
    def show(identity: ReadsJobs, request: Request, job_id: str) -> Response:
        """The page."""
        context = live_context(request, job_id)
        return pages.show(request, "jobs/job.html", command=_command(context["job"]), **context)

    @router.get("/Job/{job_id}/live")
    def live(identity: ReadsJobs, request: Request, job_id: str) -> Response:
        """What of the page changes while the job waits and runs."""
        return pages.live(request, "jobs/live.html", **live_context(request, job_id, shared.read()))

    @router.post("/Job/{job_id}/cancel")
    def cancel(identity: CancelsJobs, request: Request, job_id: str, form: Form) -> Response:
        """Cancel it."""
        was = jobs().cancel(job_id)
        text = "The job was told to stop." if was.get("runProcess") else "The job is canceled."
        return pages.go(request, _back(form.get("next"), job_id), pages.texts(request).label(text))

    @router.post("/Job/{job_id}/retry")
    def retry(identity: RetriesJobs, request: Request, job_id: str) -> Response:
        """Put it back into the queue."""
        jobs().retry(job_id)
        return pages.go(request, f"/Job/{job_id}", pages.texts(request).label("The job is in the queue again."))

    @router.post("/Job/{job_id}/delete")
    def delete(identity: DeletesJobs, request: Request, job_id: str) -> Response:
        """Remove it; the message has a button that brings it back."""
        jobs().delete_entity(job_id)
        undo = ("/Job/mass", {"action": "restore"}, [job_id])
        return pages.go(request, "/Job", pages.texts(request).label("The job is removed."), undo=undo)

    return router


def _shown(panel: Panel) -> list[Field]:
    return [each for each in panel.fields if each.name not in _ELSEWHERE]


def _back(address: str, job_id: str) -> str:
    return own_address(address) if address else f"/Job/{job_id}"


def _usage(job: Mapping[str, Any], meter: ProcessMeter) -> ProcessUse | None:
    """What its process takes, where that runs on this machine."""
    if job["status"] != RUNNING:
        return None
    try:
        identity = ProcessIdentity.parse(job.get("runProcess") or "")
    except ValueError:
        return None
    return meter.use(identity.pid) if identity.is_alive() else None


def _command(job: Mapping[str, Any]) -> str:
    """What adds a job like this one on the console."""
    words = ["python", "console.py", "job", "add", job["type"]]
    if job.get("payload"):
        words.append(f"--payload={json.dumps(job['payload'], ensure_ascii=False)}")
    if job.get("priority") not in (None, 100):
        words.append(f"--priority={job['priority']:g}")
    if job.get("name") and job["name"] != job["type"]:
        words.append(f"--name={job['name']}")
    return shlex.join(words)
