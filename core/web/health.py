"""Whether the server lives, and whether it can do its work: for load balancers and service managers."""

from __future__ import annotations

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.responses import JSONResponse

from core.config import Config
from core.log import logger
from core.orm import EntityManager
from core.orm.database import DATABASE_ERRORS


def health_routes(manager: EntityManager, config: Config) -> APIRouter:
    """`/healthz` and `/readyz`."""
    router = APIRouter(tags=["Health"])
    #: Of their own: the other threads may all be waiting for the very database that is asked about.
    threads = CapacityLimiter(1)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @router.get("/readyz", responses={503: {"description": "The database or the configuration cannot be used."}})
    async def readyz() -> JSONResponse:
        """The database answers, and the configuration can be read."""
        checks = await run_sync(_checks, manager, config, limiter=threads)
        is_ready = set(checks.values()) == {"ok"}
        return JSONResponse({"status": "ok" if is_ready else "unavailable", "checks": checks}, 200 if is_ready else 503)

    return router


def _checks(manager: EntityManager, config: Config) -> dict[str, str]:
    """Only whether, not why: anybody may ask. The log says why."""
    config.reload_if_changed()
    return {"database": _database(manager), "config": "ok" if config.problem is None else "broken"}


def _database(manager: EntityManager) -> str:
    try:
        manager.get_repository("User").exists()
    except DATABASE_ERRORS as error:
        logger.warning("Not ready: %s", error)
        return "unavailable"
    return "ok"
