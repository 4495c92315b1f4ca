"""The whole document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from core import __version__
from core.web.session_cookie import SessionCookie

Document = dict[str, Any]

_ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "description": "For programs."},
        "message": {"type": "string", "description": "For people."},
        "field": {"type": ["string", "null"], "description": "What of the request was wrong."},
    },
    "required": ["code", "message", "field"],
    "additionalProperties": False,
}
_REFUSALS = {
    "400": "It cannot be carried out as it was asked for.",
    "401": "Nobody is logged in.",
    "403": "This is not allowed.",
    "404": "There is no such thing.",
    "409": "Somebody else was faster.",
    "413": "It is too large.",
    "415": "It is not JSON.",
    "429": "Too much was asked for.",
    "503": "The database cannot be used at the moment.",
}
_DESCRIPTION = "Every entity in the metadata, the jobs, and the job manager. docs/rest-api.md tells more."
#: FastAPI's own form for what it refuses; ours is another one.
_UNUSED = ("HTTPValidationError", "ValidationError")
_METHODS = ("get", "post", "patch", "put", "delete")
_OPEN = ("/healthz", "/readyz", "/api/login")


def open_api(routes: Sequence[BaseRoute], schemas: dict[str, Any], cookie: SessionCookie) -> Document:
    """The document of these routes, with these schemas beside those that they bring."""
    document: Document = get_openapi(
        title="PyAtro", version=__version__, description=_DESCRIPTION, routes=routes, openapi_version="3.1.0"
    )
    components = document.setdefault("components", {})
    own = {name: each for name, each in components.get("schemas", {}).items() if name not in _UNUSED}
    components["schemas"] = {**own, **schemas, "Error": _ERROR}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token: `user token <name>` makes one."},
        "atrocore": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization-Token",
            "description": "base64 of `<user>:<token>`",
        },
        "session": {"type": "apiKey", "in": "cookie", "name": cookie.name, "description": "`POST /api/login` sets it."},
    }
    document["security"] = [{"bearer": []}, {"atrocore": []}, {"session": []}]
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(path, operations[method])
    return document


def _complete(path: str, operation: Document) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for status, text in _REFUSALS.items():
        responses.setdefault(status, {"description": text, "content": {"application/json": {"schema": _error()}}})
    if path in _OPEN:
        operation["security"] = []


def _error() -> dict[str, str]:
    return {"$ref": "#/components/schemas/Error"}
