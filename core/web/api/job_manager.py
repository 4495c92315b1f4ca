"""What runs and waits, and letting no job start for a while."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.responses import Response

from core.access import Identity, Redaction
from core.access.audit import Audit
from core.exceptions import BadRequest, did_you_mean
from core.job_manager.job_manager import JobManager
from core.metadata import Metadata
from core.orm.definition import as_object
from core.web.json_body import answer
from core.web.open_api.operation import described
from core.web.signed_in import Allowed

MayRead = Annotated[Identity, Depends(Allowed("read", "JobManager"))]
MayPause = Annotated[Identity, Depends(Allowed("pause", "JobManager"))]


class Pausing(BaseModel):
    """AtroCore's `{"pause": true}`; beyond it why, and whether one job type alone, or all machines.

    AtroCore takes a missing `pause` for false; here a request that does not say it lets nothing start again.
    """

    model_config = ConfigDict(extra="forbid")
    pause: StrictBool
    reason: Annotated[str, Field(max_length=1000)] | None = None
    type: Annotated[str, Field(max_length=255)] | None = None
    everywhere: StrictBool = False


class Paused(BaseModel):
    """The pause that is in force, and whether that has changed anything."""

    paused: dict[str, str | None] | None
    changed: bool


def job_manager_routes(job_manager: JobManager, metadata: Metadata, redaction: Redaction, audit: Audit) -> APIRouter:
    """`/jobManagerStatus` and `/jobManagerPause`."""
    router = APIRouter(prefix="/api", tags=["Job manager"])

    @router.get("/jobManagerStatus", operation_id="jobManagerStatus", **described({"type": "object"}))
    def status(identity: MayRead) -> Response:
        """What runs, what waits by type, who paused it, which schedules come next, and what is wrong."""
        return answer(redaction.redact(job_manager.status().to_dict()))

    @router.post("/jobManagerPause", operation_id="pauseJobManager")
    def pause(identity: MayPause, body: Pausing) -> Paused:
        """Let no job start on this machine, of one type, or anywhere; with `pause` false let them start again."""
        if body.type is not None and body.everywhere:
            raise BadRequest("'type' pauses one type, 'everywhere' all of them: give one of the two.", field="type")
        asked = {name: value for name, value in body.model_dump().items() if name != "pause" and value}
        audit.note("pause" if body.pause else "resume", "JobManager", after=asked)
        if body.pause:
            return _pause(body, str(identity.user.get("userName")))
        return Paused(paused=None, changed=_resume(body))

    def _pause(body: Pausing, by: str) -> Paused:
        if body.type is not None:
            _judge(body.type)
            found, is_new = job_manager.pause_type(body.type, body.reason, by)
        elif body.everywhere:
            found, is_new = job_manager.pause_everywhere(body.reason, by)
        else:
            found, is_new = job_manager.pause(body.reason, by)
        return Paused(paused=found.to_dict(), changed=is_new)

    def _resume(body: Pausing) -> bool:
        if body.type is not None:
            return job_manager.resume_type(body.type)
        return job_manager.resume_everywhere() if body.everywhere else job_manager.resume()

    def _judge(job_type: str) -> None:
        known = as_object(metadata.get(["app", "jobTypes"]))
        if job_type not in known:
            raise BadRequest(f"There is no job type '{job_type}'.{did_you_mean(job_type, known)}", field="type")

    return router
