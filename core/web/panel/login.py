"""Logging in and out, and how one wants to see pages."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.exceptions import TooManyRequests, Unauthorized
from core.web.login import Login
from core.web.panel.form_fields import Form
from core.web.panel.pages import Pages
from core.web.panel.preferences import THEMES, keep_preferences
from core.web.signed_in import SignedIn

_LONGEST = 1000


def login_routes(pages: Pages, login: Login) -> APIRouter:
    """`/login`, `/logout` and `/preferences`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def show(request: Request, next: str = "") -> Response:  # noqa: A002 - a word of addresses
        """The form; somebody who is logged in already goes on."""
        if request.state.identity is not None:
            return pages.go(request, own_address(next))
        return pages.show(request, "login.html", name="", next=own_address(next), fault=None)

    @router.post("/login")
    def log_in(request: Request, form: Form) -> Response:
        """Begin a session, and go on to what was asked for."""
        name, password = form.get("userName")[:_LONGEST], form.all("password")
        target = own_address(form.get("next"))
        try:
            _, secret = login.begin(name, password[-1][:_LONGEST] if password else "", request)
        except (Unauthorized, TooManyRequests) as error:
            context = {"name": name, "next": target, "fault": pages.texts(request).sentence(error.args[0])}
            return pages.show(request, "login.html", status=error.status_code, **context)
        response = pages.go(request, target)
        login.keep(response, request, secret)
        return response

    @router.post("/logout")
    def log_out(identity: SignedIn, request: Request) -> Response:
        """End the session."""
        response = pages.go(request, "/login", pages.texts(request).label("You are logged out."), "info")
        login.end(identity, response, request)
        return response

    @router.post("/preferences")
    def prefer(request: Request, form: Form) -> Response:
        """Keep language and theme in the browser."""
        theme, locale = form.get("theme"), form.get("locale")
        response = pages.go(request, own_address(form.get("next")))
        keep_preferences(
            response,
            theme if theme in THEMES else None,
            locale if locale in pages.locales() else None,
            is_secure=request.url.scheme == "https",
        )
        return response

    return router


def own_address(address: str) -> str:
    """The address if it is one of ours, else that of the first page: nobody is sent to another machine."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_own else "/"
