"""What the job manager does now."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.container import Container
from core.web.panel.pages import Pages
from core.web.signed_in import SignedIn


def dashboard_routes(container: Container, pages: Pages) -> APIRouter:
    """`/`"""
    router = APIRouter()

    @router.get("/")
    def dashboard(identity: SignedIn, request: Request) -> Response:
        """The first page."""
        return pages.show(request, "dashboard.html", status_now=container.get("jobManager").status())

    return router
