"""What is installed, and who works: modules, and the job managers of all machines with their workers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.container import Container
from core.web.live.shared_status import SharedStatus
from core.web.panel.may import ReadsJobManager
from core.web.panel.pages import Pages
from core.web.panel.worries import worries
from core.web.signed_in import Administrator


def installation_routes(container: Container, pages: Pages, shared: SharedStatus) -> APIRouter:
    """`/modules` and `/workers`"""
    router = APIRouter(include_in_schema=False)

    @router.get("/modules")
    def modules(identity: Administrator, request: Request) -> Response:
        """The modules in load order, what each registers and overrides, and what cannot be loaded, with the reason."""
        manager = container.get("moduleManager")
        types = container.get("serviceFactory").create("JobTypes").documents()
        by_owner: dict[str, list[dict[str, Any]]] = {}
        for each in types:
            by_owner.setdefault(str(each["owner"]), []).append(each)
        warnings = [text for _, text in container.get("metadata").override_messages()]
        faults = container.get("handlerFaults").all()
        context = {"modules": manager.modules, "set_aside": manager.set_aside, "types": by_owner, "faults": faults}
        return pages.show(request, "modules.html", warnings=[*manager.warnings, *warnings], **context)

    @router.get("/workers")
    def workers(identity: ReadsJobManager, request: Request) -> Response:
        """The job manager of this machine, its workers, and the other machines."""
        is_part = "hx-request" in request.headers
        status = shared.read() if is_part else container.get("jobManager").status()
        told = worries(status, container.get("config"))
        if is_part:
            return pages.live(request, "workers/now.html", status_now=status, worries=told)
        return pages.show(request, "workers/workers.html", status_now=status, worries=told)

    return router
