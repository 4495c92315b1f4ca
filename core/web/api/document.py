"""What the API is, for programs and people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from core.web.json_body import answer
from core.web.signed_in import SignedIn


def document_routes(document: Callable[[], dict[str, Any]]) -> APIRouter:
    """`/openapi.json`."""
    router = APIRouter(prefix="/api", include_in_schema=False)

    @router.get("/openapi.json")
    def open_api(identity: SignedIn) -> Response:
        """The API as OpenAPI 3.1."""
        return answer(document())

    return router
