"""Users with their passwords and tokens."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.access import Accounts, Tokens
from core.access.audit import Audit
from core.access.tokens import API, SESSION
from core.container import Container
from core.exceptions import AtroError, BadRequest, NotFound
from core.orm import EntityManager
from core.web.panel.credentials_form import password_in, token_end_in, token_name_in, token_scope_in
from core.web.panel.faults import Fault
from core.web.panel.form_fields import Form
from core.web.panel.pages import Pages
from core.web.signed_in import Administrator, InPerson

_MOST_USERS = 500
_ROLES = ("", "operator", "viewer")


def user_routes(container: Container, pages: Pages) -> APIRouter:
    """`/users` and `/users/{id}`"""
    router = APIRouter(include_in_schema=False)
    accounts, tokens, audit = container.get(Accounts), container.get(Tokens), container.get(Audit)
    manager = container.get(EntityManager)

    def find(user_id: str) -> Any:
        user = container.get("entityManager").get_entity("User", user_id)
        if user is None:
            raise NotFound("There is no such user.")
        return user

    def list_page(request: Request, fault: str | None = None, name: str = "", status: int = 200) -> Response:
        params = {"sortBy": "userName", "maxSize": _MOST_USERS, "collectionOnly": True}
        users = container.get("serviceFactory").create_record("User").find_entities(params)["list"]
        return pages.show(
            request, "users/list.html", status=status, users=users, fault=fault, name=name, roles=_ROLES
        )  # fmt: skip

    def user_page(
        request: Request, user: Any, *, secret: str | None = None, fault: str | None = None, status: int = 200
    ) -> Response:
        context = {"tokens": tokens.of(user, API), "sessions": tokens.of(user, SESSION), "secret": secret}
        return pages.show(request, "users/user.html", status=status, user=user, fault=fault, **context)

    @router.get("/users")
    def list_users(identity: Administrator, request: Request) -> Response:
        """All of them, and the form for a new one."""
        return list_page(request)

    @router.post("/users")
    def add(identity: Administrator, _: InPerson, request: Request, form: Form) -> Response:
        """Add a user who may log in."""
        name, role = form.get("userName"), form.get("role")
        is_admin = role == "administrator"
        try:
            with manager.transaction():
                user = accounts.add(name, password_in(form), is_admin=is_admin, role=None if is_admin else role or None)
                audit.note("create", "User", user.id, after={"userName": name, "role": role})
        except AtroError as error:
            return list_page(request, Fault.of(error, pages.texts(request)).text, name, error.status_code)
        return pages.go(request, f"/users/{user.id}", pages.texts(request).label("Saved."))

    @router.get("/users/{user_id}")
    def show(identity: Administrator, request: Request, user_id: str) -> Response:
        """A user, and what she can show to be let in."""
        return user_page(request, find(user_id))

    @router.get("/users/{user_id}/password")
    @router.get("/users/{user_id}/tokens")
    def back(identity: Administrator, request: Request, user_id: str) -> Response:
        """Where a form that was refused, or a new token, was shown: whoever opens that anew gets the page."""
        return pages.go(request, f"/users/{find(user_id).id}")

    @router.post("/users/{user_id}/password")
    def set_password(identity: Administrator, _: InPerson, request: Request, user_id: str, form: Form) -> Response:
        """Give another password, and end all sessions and tokens that were made with the former one."""
        user = find(user_id)
        try:
            with manager.transaction():
                accounts.set_password(user, password_in(form))
                tokens.revoke_all(user)
                audit.note("password", "User", user.id)
        except AtroError as error:
            fault = Fault.of(error, pages.texts(request))
            return user_page(request, user, fault=fault.text, status=fault.status)
        text = pages.texts(request).label("The password is changed; sessions and tokens are ended.")
        return pages.go(request, f"/users/{user_id}", text)

    @router.post("/users/{user_id}/tokens")
    def issue(identity: Administrator, _: InPerson, request: Request, user_id: str, form: Form) -> Response:
        """A new token, whose secret is shown this once."""
        user, name, scope = find(user_id), token_name_in(form), token_scope_in(form)
        try:
            expires_at = token_end_in(form)
        except BadRequest as error:
            return user_page(request, user, fault=Fault.of(error, pages.texts(request)).text, status=400)
        with manager.transaction():
            secret, token = tokens.issue(user, API, name=name, scope=scope, expires_at=expires_at)
            audit.note("create", "AuthToken", token.id, after={"userId": user.id, "name": name, "scope": scope})
        return user_page(request, user, secret=secret)

    @router.post("/users/{user_id}/tokens/{token_id}/revoke")
    def revoke(identity: Administrator, request: Request, user_id: str, token_id: str) -> Response:
        """From now on it opens nothing."""
        with manager.transaction():
            tokens.revoke(token_id, find(user_id))
            audit.note("delete", "AuthToken", token_id)
        return pages.go(request, f"/users/{user_id}", pages.texts(request).label("It opens nothing any more."))

    return router
