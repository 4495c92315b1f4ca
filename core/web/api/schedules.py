"""What can be done with schedules beyond reading and changing them."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from core import clock
from core.access import Identity
from core.config import Config
from core.schedule.preview import preview
from core.Services import ServiceFactory
from core.Services.ScheduledJob import ScheduledJob
from core.web.json_body import answer
from core.web.open_api.answers import CRON_PREVIEW
from core.web.signed_in import Allowed, SignedIn

MayRead = Annotated[Identity, Depends(Allowed("read", "ScheduledJob"))]
Expression = Annotated[str, Query(min_length=1, max_length=255)]
ZoneName = Annotated[str | None, Query(alias="timeZone", min_length=1, max_length=100)]
Count = Annotated[int, Query(ge=1, le=50)]


def schedule_routes(services: ServiceFactory, config: Config) -> APIRouter:
    """`/ScheduledJob/{id}/executeNow` and `/cronPreview`."""
    router = APIRouter(prefix="/api", tags=["ScheduledJob"])

    @router.post("/ScheduledJob/{entity_id}/executeNow", operation_id="executeScheduledJobNow")
    def execute_now(identity: SignedIn, entity_id: str) -> bool:
        """Put a job of the schedule into the queue now, also if it is paused."""
        cast(ScheduledJob, services.create_record("ScheduledJob")).execute_now(entity_id)
        return True

    @router.get("/cronPreview", operation_id="previewCron", **CRON_PREVIEW)
    def cron_preview(identity: MayRead, scheduling: Expression, zone: ZoneName = None, count: Count = 10) -> Response:
        """A cron expression in words, what in it may surprise, and its next times."""
        found: dict[str, Any] = preview(scheduling, zone or str(config.get("timeZone")), count, clock.now())
        return answer(found)

    return router
