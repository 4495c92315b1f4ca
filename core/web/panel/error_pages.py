"""Refusals for people: a page instead of JSON."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.web.errors import Refusal
from core.web.panel.pages import Pages

_TITLES = {
    400: "This cannot be done",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This cannot be done",
    409: "Somebody else was faster",
    413: "This cannot be done",
    429: "Too many attempts",
    503: "The database cannot be used at the moment",
}


class ErrorPages:
    """Shows a refusal to whoever asked with a browser, outside of the API."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def __call__(self, request: Request, refusal: Refusal) -> Response:
        """The page, or the refusal itself for programs."""
        if request.url.path.startswith("/api/") or not _is_for_people(request):
            return refusal
        if refusal.status_code == 401:
            return _to_login(request)
        message = self._pages.texts(request).sentence(refusal.message)
        if request.headers.get("hx-request"):  # a script of the page shows its message
            return Refusal(refusal.status_code, refusal.code, message, refusal.field)
        title = _TITLES.get(refusal.status_code, "Something went wrong")
        page = self._pages.show(
            request, "error.html", status=refusal.status_code, title=title, message=message, code=refusal.status_code
        )
        if "retry-after" in refusal.headers:
            page.headers["Retry-After"] = refusal.headers["retry-after"]
        return page


def _is_for_people(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def _to_login(request: Request) -> Response:
    """A part of a page sends the whole page there; what was asked for comes after the login, if it only reads."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": "/login"})
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = target if request.method == "GET" and target != "/" else None
    return RedirectResponse("/login" if asked is None else f"/login?next={quote(asked, safe='')}", 303)
