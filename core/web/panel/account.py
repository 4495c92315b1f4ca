"""One's own password and tokens."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.access import Accounts, Identity, Tokens
from core.access.audit import Audit
from core.access.tokens import API
from core.container import Container
from core.exceptions import AtroError, BadRequest
from core.orm import EntityManager
from core.sentence import Sentence
from core.web.login import Login
from core.web.panel.credentials_form import password_in, token_end_in, token_name_in, token_scope_in
from core.web.panel.faults import NO_FAULT, Fault
from core.web.panel.form_fields import Form
from core.web.panel.pages import Pages
from core.web.signed_in import InPerson, SignedIn


def account_routes(container: Container, pages: Pages, login: Login) -> APIRouter:
    """`/account`"""
    router = APIRouter(prefix="/account", include_in_schema=False)
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

    @router.get("/password")
    @router.get("/tokens")
    def back(identity: SignedIn, request: Request) -> Response:
        """Where a form that was refused, or a new token, was shown: whoever opens that anew gets the page."""
        return pages.go(request, "/account")

    @router.post("/password")
    def change_password(identity: InPerson, request: Request, form: Form) -> Response:
        """Another password, for whoever knows the present one."""
        try:
            if not login.is_hers(identity, password_in(form, "current"), request):
                raise BadRequest(Sentence("This is not your password."), field="current")
            with manager.transaction():
                accounts.set_password(identity.user, password_in(form))
                tokens.revoke_all(identity.user, but=identity.token_id)
                audit.note("password", "User", identity.user.id)
        except AtroError as error:
            fault = Fault.of(error, pages.texts(request))
            return page(request, identity, Fault(fault.text, fault.field or "password", fault.status))
        return pages.go(
            request,
            "/account",
            pages.texts(request).label("The password is set; your other sessions and tokens have ended."),
        )

    @router.post("/tokens")
    def add_token(identity: InPerson, request: Request, form: Form) -> Response:
        """A new token, whose secret is shown this once."""
        try:
            name, scope, expires_at = token_name_in(form), token_scope_in(form), token_end_in(form)
            with manager.transaction():
                secret, token = tokens.issue(identity.user, API, name=name, scope=scope, expires_at=expires_at)
                audit.note("create", "AuthToken", token.id, None, {"name": name, "scope": scope})
        except AtroError as error:
            return page(request, identity, Fault.of(error, pages.texts(request)))
        return page(request, identity, secret=secret)

    @router.post("/tokens/{token_id}/revoke")
    def revoke(identity: SignedIn, request: Request, token_id: str) -> Response:
        """It opens nothing any more."""
        with manager.transaction():
            tokens.revoke(token_id, identity.user)
            audit.note("delete", "AuthToken", token_id)
        return pages.go(request, "/account", pages.texts(request).label("The token is revoked."))

    return router
