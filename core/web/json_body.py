"""What a request brings as JSON, and what goes out as such."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from starlette.responses import Response

from core.exceptions import BadRequest, UnsupportedMediaType

#: Whoever judges what came goes down into it, level by level.
_MOST_LEVELS = 64
_MEDIA_TYPE = "application/json"
#: Outside of -2^63 and 2^64 - 1, which have 19 and 20 digits, orjson makes a float of a whole number.
_LONG_NUMBER = re.compile(r"\d{19}")


async def json_object(request: Request) -> dict[str, Any]:
    """The object that is the body; raises BadRequest, UnsupportedMediaType and TooLarge."""
    found = await _json(request)
    if not isinstance(found, dict):
        raise BadRequest("The body is to be a JSON object.")
    return found


async def json_object_or_nothing(request: Request) -> dict[str, Any]:
    """As `json_object`; no body is an empty object."""
    return await json_object(request) if await request.body() else {}


async def json_list(request: Request) -> list[Any]:
    """The list that is the body; raises as `json_object`."""
    found = await _json(request)
    if not isinstance(found, list):
        raise BadRequest("The body is to be a JSON list.")
    return found


#: What a handler declares: `def handler(body: JsonObject)`.
JsonObject = Annotated[dict[str, Any], Depends(json_object)]
JsonObjectOrNothing = Annotated[dict[str, Any], Depends(json_object_or_nothing)]
JsonList = Annotated[list[Any], Depends(json_list)]


def parse(text: bytes | str, what: str, field: str | None = None) -> Any:
    """The JSON in a text, whole numbers exactly; raises BadRequest, which begins with `what`, of the field."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is no JSON: {error}.", field=field) from error
    level = [found]
    for _ in range(_MOST_LEVELS):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return _exactly(text, found)
    raise BadRequest(f"{what} has more than {_MOST_LEVELS} levels of objects and lists.", field=field)


def answer(content: Any, status: int = 200, **headers: str) -> Response:
    """The content as JSON."""
    return Response(
        _encoded(content), status, {name.replace("_", "-"): value for name, value in headers.items()}, _MEDIA_TYPE
    )


async def _json(request: Request) -> Any:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise UnsupportedMediaType(f"Send JSON, as 'Content-Type: {_MEDIA_TYPE}'.")
    return parse(await request.body(), "The body")


def _exactly(text: bytes | str, found: Any) -> Any:
    """What orjson has found, read once more where a number in it may have lost digits."""
    as_text = text if isinstance(text, str) else text.decode()
    return json.loads(as_text) if _LONG_NUMBER.search(as_text) else found


def _inside(value: Any) -> list[Any]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for each in members if isinstance(each, dict | list)]


def _encoded(content: Any) -> bytes:
    try:
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # what code has stored may have numbers of more than 64 bits
        return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()
