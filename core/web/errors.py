"""Every refusal as JSON: `{"code": "not_found", "message": "...", "field": null}`. People get it as a page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from core.exceptions import (
    AtroError,
    BadRequest,
    DatabaseBusy,
    DatabaseUnavailable,
    QueryTimeout,
    TooManyRequests,
)
from core.log import logger
from core.sentence import Sentence, fill_in, joined
from core.web.routes_by_name import routes_at

_API = "/api/"
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}
_HTTP_TEXTS = {
    404: Sentence("There is nothing at this address."),
    405: Sentence("This address does not take this method."),
}
#: What Pydantic finds, by its names of it; it speaks of inputs and of what it looks for in Python.
_FAULTS = {
    "missing": "It is missing.",
    "extra_forbidden": "There is no such key here.",
    "model_attributes_type": "It is to be a JSON object.",
    "model_type": "It is to be a JSON object.",
    "dict_type": "It is to be a JSON object.",
    "json_invalid": "It is no JSON: {error}.",
    "string_type": "It is to be a text.",
    "string_too_long": "It has more than {max_length} characters.",
    "string_too_short": "It has fewer than {min_length} characters.",
    "bool_type": "It is to be true or false.",
    "bool_parsing": "It is to be true or false.",
    "int_type": "It is to be a whole number.",
    "int_parsing": "It is to be a whole number.",
    "greater_than_equal": "It is to be {ge} or more.",
    "less_than_equal": "It is to be {le} or less.",
    "literal_error": "It is to be {expected}.",
}
_DATABASE_PAUSE_SECONDS = 5
_HIDDEN = Sentence("Something went wrong on the server. Its log says what.")


class Refusal(JSONResponse):
    """The answer to a request that is not carried out; its `message` is a Sentence where it can be translated."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None, **headers: str) -> None:
        self.code, self.message, self.field = code, message, field
        body = {"code": code, "message": message, "field": field}
        super().__init__(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def answer_to(error: Exception) -> Refusal:
    """What a client is told of an error: all of what it did wrong itself, and nothing of what broke inside."""
    if isinstance(error, DatabaseBusy | DatabaseUnavailable):
        logger.warning("A request was refused: %s", error)
        text = Sentence("The database cannot be used at the moment. Try again in some seconds.")
        return Refusal(503, "database_unavailable", text, Retry_After=str(_DATABASE_PAUSE_SECONDS))
    if not isinstance(error, AtroError) or error.status_code >= 500:
        logger.error("A request failed.", exc_info=error)
        return Refusal(500, "server_error", _HIDDEN)
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry_After"] = str(math.ceil(error.retry_after_seconds))
    if error.status_code == 401:
        headers["WWW_Authenticate"] = "Bearer"
    return Refusal(error.status_code, code_of(error), error.args[0], _field_of(error), **headers)


def code_of(error: AtroError) -> str:
    """`not_found` for NotFound."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


#: Makes of a refusal what whoever asked can read.
Show = Callable[[Request, Refusal], Response]


def add_error_handlers(app: FastAPI, near: Callable[[str], str], show: Show) -> None:
    """Let all errors of handlers go out in one form; `near` says which entity a wrong name may mean."""

    async def on_error(request: Request, error: Exception) -> Response:
        return show(request, answer_to(error))

    async def on_invalid(request: Request, error: Exception) -> Response:
        return show(request, _invalid(error.errors() if isinstance(error, RequestValidationError) else []))

    async def on_http(request: Request, error: Exception) -> Response:
        refused = _http(error, near, request.url.path) if isinstance(error, HTTPException) else answer_to(error)
        if refused.status_code == 405:
            refused.headers["Allow"] = ", ".join(_methods(app, request))
        return show(request, refused)

    app.add_exception_handler(AtroError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_error)


def _methods(app: FastAPI, request: Request) -> list[str]:
    """What the address takes: its methods may be routes of their own, of which the router looks at the first."""
    is_of_api = request.url.path.startswith(_API)
    found: set[str] = set()
    for route in routes_at(app.routes, request.url.path):
        # Pages of entities have any address of two words, also one below /api.
        if isinstance(route, Route) and route.path.startswith(_API) == is_of_api:
            found |= set() if route.matches(request.scope)[0] is Match.NONE else route.methods or set()
    return sorted(found)


def _field_of(error: AtroError) -> str | None:
    return error.field if isinstance(error, BadRequest | QueryTimeout) else None


def _invalid(errors: Sequence[Any]) -> Refusal:
    """What FastAPI found wrong; the values themselves are not repeated, as a password may be among them."""
    lines = [f"{_place(each['loc'])}: {_said(each)}" for each in errors]
    field = _place(errors[0]["loc"]) if errors else None
    return Refusal(400, "bad_request", "\n".join(lines) or "The request is not understood.", field)


def _said(error: Any) -> str:
    """The same in our words, where it is a usual fault."""
    known = _FAULTS.get(error["type"])
    return error["msg"] if known is None else fill_in(known, error.get("ctx") or {})


def _place(location: Sequence[Any]) -> str:
    kind, *names = location
    return ".".join(map(str, names)) or str(kind)


def _http(error: HTTPException, near: Callable[[str], str], path: str) -> Refusal:
    if isinstance(error.__cause__, AtroError):  # FastAPI wraps what reading a body raises
        return answer_to(error.__cause__)
    status = error.status_code
    headers = {name.replace("-", "_"): value for name, value in (error.headers or {}).items()}
    text = _HTTP_TEXTS.get(status, str(error.detail))
    if status == 404 and path.startswith(_API):
        text = joined([text, near(path.split("/")[2])], "")
    return Refusal(status, _HTTP_CODES.get(status, "refused"), text, **headers)
