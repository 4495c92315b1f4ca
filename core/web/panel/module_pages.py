"""Pages of modules: `app/panelPages.json` names a template, and the service that has its data."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.access import Rights
from core.access.rights import ADMINISTER
from core.container import Container
from core.exceptions import NotFound
from core.orm.definition import as_object
from core.web.panel.pages import Pages
from core.web.signed_in import SignedIn


def module_page_routes(container: Container, pages: Pages) -> APIRouter:
    """`/pages/{name}`"""
    router = APIRouter(include_in_schema=False)
    rights: Rights = container.get(Rights)

    @router.get("/pages/{name}")
    def show(identity: SignedIn, request: Request, name: str) -> Response:
        """The template with what `panel_page(params)` of the service answers; `params` are those of the address."""
        entry = as_object(container.get("metadata").get(["app", "panelPages", name]))
        template = entry.get("template")
        if not isinstance(template, str):
            raise NotFound("There is nothing at this address.")
        scope = entry.get("scope")
        if scope:
            rights.require(identity, "read", str(scope))
        else:
            rights.require(identity, ADMINISTER, "Settings")
        data: Any = None
        if entry.get("service"):
            service = container.get("serviceFactory").create(str(entry["service"]))
            data = service.panel_page(dict(request.query_params))
        return pages.show(request, template, data=data, page_label=str(entry.get("label") or name))

    return router
