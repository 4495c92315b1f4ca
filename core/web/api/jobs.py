"""What can be done with jobs beyond reading and changing them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Query
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from core.access import Identity, Redaction
from core.job_manager.job_manager import JobManager
from core.job_queue.states import ENDED
from core.Services import ServiceFactory
from core.Services.Job import Job
from core.web.job_log import MOST_BYTES, JobLogs
from core.web.json_body import JsonObject, JsonObjectOrNothing, answer
from core.web.open_api.answers import ENQUEUED, JOB, JOB_TYPES, LOG, MASS_ACTION_STATUS, RUN_AGAIN, WHY
from core.web.open_api.field_schema import judge_types
from core.web.signed_in import Allowed, SignedIn

MayRead = Annotated[Identity, Depends(Allowed("read", "Job"))]
Offset = Annotated[int, Query(ge=-MOST_BYTES, le=1 << 50)]
MaxBytes = Annotated[int, Query(alias="maxBytes", ge=1, le=MOST_BYTES)]
OnConflict = Annotated[Literal["refuse", "existing"], Query(alias="onConflict")]


def job_routes(services: ServiceFactory, job_manager: JobManager, logs: JobLogs, redaction: Redaction) -> APIRouter:
    """`POST /Job`, `/Job/{id}/cancel` and its like, and `/jobTypes`; the service asks what the caller may."""
    router = APIRouter(prefix="/api", tags=["Job"])

    def jobs() -> Job:
        return cast(Job, services.create_record("Job"))

    def judged(body: dict[str, Any]) -> dict[str, Any]:
        judge_types(jobs().get_repository().type, body)
        return body

    @router.post("/Job", operation_id="createJob", **ENQUEUED)
    def enqueue(identity: SignedIn, body: JsonObject, on_conflict: OnConflict = "refuse") -> Response:
        """Put a job into the queue; with `onConflict=existing`, 200 and the one that has its `uniqueKey` already."""
        job, is_new = jobs().enqueue(judged(body), or_existing=on_conflict == "existing")
        return answer(job, 201 if is_new else 200, Location=f"/api/Job/{job['id']}")

    @router.post("/Job/{entity_id}/cancel", operation_id="cancelJob", **JOB)
    def cancel(identity: SignedIn, entity_id: str) -> Response:
        """Cancel a job; a running one is told to stop, and ended if it does not."""
        return answer(jobs().cancel(entity_id))

    @router.post("/Job/{entity_id}/retry", operation_id="retryJob", **JOB)
    def retry(identity: SignedIn, entity_id: str) -> Response:
        """Put a job that has ended back into the queue."""
        return answer(jobs().retry(entity_id))

    @router.post("/Job/{entity_id}/runAgain", operation_id="runJobAgain", **RUN_AGAIN)
    def run_again(identity: SignedIn, entity_id: str, body: JsonObjectOrNothing) -> Response:
        """Put a new job like this one into the queue, with another payload, priority, name or time if one is given."""
        job = jobs().run_again(entity_id, judged(body))
        return answer(job, 201, Location=f"/api/Job/{job['id']}")

    @router.get("/Job/{entity_id}/massActionStatus", operation_id="massActionStatus", **MASS_ACTION_STATUS)
    def mass_action_status(identity: SignedIn, entity_id: str) -> Response:
        """How far the mass action of a MassActionCreator job is."""
        jobs().get_entity(entity_id)
        return answer(redaction.redact(jobs().mass_action_status(entity_id)))

    @router.get("/Job/{entity_id}/why", operation_id="whyJob", **WHY)
    def why(identity: SignedIn, entity_id: str) -> Response:
        """Why a job does not run, and what to do."""
        job = jobs().get_entity(entity_id)
        return answer(redaction.redact(job_manager.why(job.id).to_dict()))

    @router.get("/Job/{entity_id}/log", operation_id="readJobLog", responses=LOG, response_class=PlainTextResponse)
    def log(
        identity: SignedIn, entity_id: str, offset: Offset = 0, most: MaxBytes = MOST_BYTES, follow: bool = False
    ) -> Response:
        """What a job printed and logged, from a byte on; the header `X-Next-Offset` says from which one to go on.

        An `offset` below 0 counts from the end. With `follow` it goes on until the job has ended.
        """
        if not follow:
            jobs().log_file(entity_id)
            part = logs.read(entity_id, offset, most)
            return PlainTextResponse(part.text, headers={"X-Next-Offset": str(part.next)})
        job = jobs().get_entity(entity_id)
        texts = logs.follow(job.id, offset, lambda: jobs().get_entity(job.id).get("status") in ENDED)
        return StreamingResponse(texts, media_type="text/plain")

    @router.get("/jobTypes", operation_id="listJobTypes", **JOB_TYPES)
    def job_types(identity: MayRead) -> Response:
        """Every registered job type: its owner, its handler, what its payload has to be, what it overrides."""
        return answer(services.create("JobTypes").documents())

    return router
