"""One's own password and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.access import Accounts, Identity, Tokens
from core.access.audit import Audit
from core.access.tokens import ALL, API, READ
from core.container import Container
from core.exceptions import AtroError, BadRequest
from core.orm import EntityManager
from core.web.login import Login
from core.web.panel.faults import NO_FAULT, Fault
from core.web.panel.form_fields import Form, FormFields
from core.web.panel.pages import Pages
from core.web.signed_in import SignedIn

_LONGEST_NAME = 100
_MOST_DAYS = 3650
_LONGEST_PASSWORD = 1000


def account_routes(container: Container, pages: Pages, login: Login) -> APIRouter:
    """`/account`"""
    router = APIRouter(prefix="/account")
    accounts, tokens, audit = container.get(Accounts), container.get(Tokens), container.get(Audit)
    manager = container.get(EntityManager)

    def page(request: Request, identity: Identity, fault: Fault = NO_FAULT, secret: str | None = None) -> Response:
        context: dict[str, Any] = {"tokens": tokens.of(identity.user, API), "secret": secret, "fault": fault}
        response = pages.show(request, "account.html", status=fault.status if fault.text else 200, **context)
        response.headers["Cache-Control"] = "no-store"
        return response

    @router.get("")
    def show(identity: SignedIn, request: Request) -> Response:
        """The page."""
        return page(request, identity)

    @router.post("/password")
    def change_password(identity: SignedIn, request: Request, form: Form) -> Response:
        """Another password, for whoever knows the present one."""
        try:
            if not login.is_hers(identity, _password(form, "current"), request):
                raise BadRequest("This is not your password.", field="current")
            with manager.transaction():
                accounts.set_password(identity.user, _password(form, "password"))
                tokens.revoke_all(identity.user, but=identity.token_id)
                audit.note("password", "User", identity.user.id)
        except AtroError as error:
            fault = Fault.of(error)
            return page(request, identity, Fault(fault.text, fault.field or "password", fault.status))
        return pages.go(
            request,
            "/account",
            pages.texts(request).label("The password is set; your other sessions and tokens have ended."),
        )

    @router.post("/tokens")
    def add_token(identity: SignedIn, request: Request, form: Form) -> Response:
        """A new token, whose secret is shown this once."""
        try:
            days = _days(form.get("days"))
            expires_at = None if days is None else clock.now() + timedelta(days=days)
            name, scope = form.get("name")[:_LONGEST_NAME] or None, READ if form.is_on("isReadOnly") else ALL
            with manager.transaction():
                secret, token = tokens.issue(identity.user, API, name=name, scope=scope, expires_at=expires_at)
                audit.note("create", "AuthToken", token.id, None, {"name": name, "scope": scope})
        except AtroError as error:
            return page(request, identity, Fault.of(error))
        return page(request, identity, secret=secret)

    @router.post("/tokens/{token_id}/revoke")
    def revoke(identity: SignedIn, request: Request, token_id: str) -> Response:
        """It opens nothing any more."""
        with manager.transaction():
            tokens.revoke(token_id, identity.user)
            audit.note("delete", "AuthToken", token_id)
        return pages.go(request, "/account", pages.texts(request).label("The token is revoked."))

    return router


def _password(form: FormFields, name: str) -> str:
    """As it was typed, the spaces around it too."""
    return (form.all(name) or [""])[-1][: _LONGEST_PASSWORD + 1]


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST_DAYS):
        raise BadRequest(f"This is to be a whole number from 1 to {_MOST_DAYS}.", field="days")
    return int(text)
