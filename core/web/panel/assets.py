"""The files that pages load: styles, scripts, icons."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.exceptions import NotFound

_FOLDER = Path(__file__).resolve().parents[1] / "static"
#: Browsers keep a file for good: its address changes with what is in it.
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file of the folder, as it is and packed, with what names its content."""

    name: str
    content: bytes
    packed: bytes
    digest: str
    kind: str


def asset_address(name: str) -> str:
    """The address of `static/<name>`; raises NotFound where there is no such file."""
    return f"/static/{_asset(name).digest}/{name}"


def asset_routes() -> APIRouter:
    """`/static/<digest>/<name>`, for everybody; an old digest leads to the file as it is now."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{digest}/{name:path}")
    def asset(digest: str, name: str, request: Request) -> Response:
        found = _asset(name)
        is_packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": _FOREVER if digest == found.digest else "no-cache", "Vary": "Accept-Encoding"}
        if is_packed:
            headers["Content-Encoding"] = "gzip"
        return Response(found.packed if is_packed else found.content, headers=headers, media_type=found.kind)

    return router


@cache
def _names() -> frozenset[str]:
    return frozenset(str(file.relative_to(_FOLDER)) for file in _FOLDER.rglob("*") if file.is_file())


def _asset(name: str) -> Asset:
    if name not in _names():
        raise NotFound(f"There is no file '{name[:100]}'.")
    return _read(name)


@cache
def _read(name: str) -> Asset:
    content = (_FOLDER / name).read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(name, content, gzip.compress(content, mtime=0), hashlib.sha256(content).hexdigest()[:16], kind)
