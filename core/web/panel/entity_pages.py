"""Lists, records and forms of all entities, made from metadata, layouts and translations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from core.access import Rights
from core.container import Container
from core.exceptions import AtroError, Forbidden, NotFound, NotModified, Problem, ValidationError
from core.sentence import Sentence
from core.web.entities import Exposed, Exposure
from core.web.panel.entity_form import sent_values
from core.web.panel.entity_shelf import EntityShelf
from core.web.panel.fields import Fields
from core.web.panel.form_fields import Form
from core.web.panel.pages import Pages
from core.web.panel.texts import Texts
from core.web.signed_in import SignedIn


class _EntityName(Convertor[str]):
    """Names of entities begin with a capital, other addresses do not."""

    regex = "[A-Z][A-Za-z0-9_]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("entity", _EntityName())


def entity_page_routes(container: Container, pages: Pages, fields: Fields, exposure: Exposure) -> APIRouter:
    """`/{Entity}`, `/{Entity}/{id}` and their forms"""
    router = APIRouter(include_in_schema=False)
    rights: Rights = container.get(Rights)
    shelf = EntityShelf(container, fields, exposure)

    def allowed(identity: Any, action: str, scope: str) -> Exposed:
        """The entity; NotFound where it has no pages, Forbidden where this is not allowed."""
        found = shelf.entity(scope)
        rights.require(identity, action, scope)
        if action != "read" and found.is_read_only:
            raise Forbidden(Sentence("{scope} is written by the job manager alone.", scope=scope))
        return found

    def actions(identity: Any, found: Exposed) -> dict[str, bool]:
        may = {each: rights.may(identity, each, found.name) for each in ("create", "edit", "delete")}
        return {each: is_allowed and not found.is_read_only for each, is_allowed in may.items()}

    @router.get("/{scope:entity}")
    def list_records(identity: SignedIn, request: Request, scope: str) -> Response:
        """A page of the list."""
        found = allowed(identity, "read", scope)
        context = shelf.page(scope, request.query_params)
        return pages.show(request, "entities/list.html", scope=scope, can=actions(identity, found), **context)

    @router.get("/{scope:entity}/new")
    def new(identity: SignedIn, request: Request, scope: str) -> Response:
        """The empty form."""
        allowed(identity, "create", scope)
        return form_page(request, scope, None, shelf.defaults(scope))

    @router.post("/{scope:entity}/new")
    def create(identity: SignedIn, request: Request, scope: str, form: Form) -> Response:
        """Store a new record."""
        allowed(identity, "create", scope)
        values = sent_values(fields.panels(scope), form)
        try:
            record = shelf.service(scope).create_entity({name: v for name, v in values.items() if v is not None})
        except AtroError as error:
            return refused(request, scope, None, values, error)
        return pages.go(request, f"/{scope}/{record['id']}", pages.texts(request).label("Saved."))

    @router.get("/{scope:entity}/{record_id}")
    def show(identity: SignedIn, request: Request, scope: str, record_id: str) -> Response:
        """A record, and what its links lead to."""
        found = allowed(identity, "read", scope)
        record = shelf.service(scope).read_entity(record_id)
        context = {"record": record, "panels": fields.panels(scope), "related": shelf.related(found, record_id)}
        title = str(record.get("name") or "")
        return pages.show(
            request, "entities/record.html", scope=scope, can=actions(identity, found), record_title=title, **context
        )

    @router.get("/{scope:entity}/{record_id}/edit")
    def edit(identity: SignedIn, request: Request, scope: str, record_id: str) -> Response:
        """The form with the values of a record."""
        allowed(identity, "edit", scope)
        return form_page(request, scope, record_id, shelf.service(scope).read_entity(record_id))

    @router.post("/{scope:entity}/{record_id}/edit")
    def update(identity: SignedIn, request: Request, scope: str, record_id: str, form: Form) -> Response:
        """Store what was changed, unless somebody else has changed the record meanwhile."""
        allowed(identity, "edit", scope)
        values = sent_values(fields.panels(scope), form)
        seen = form.get("modifiedAt")
        previous = {"_prev": {"modifiedAt": seen}} if seen else {}
        try:
            shelf.service(scope).update_entity(record_id, {**values, **previous})
        except NotModified:
            pass
        except AtroError as error:
            return refused(request, scope, record_id, {**values, "modifiedAt": seen}, error)
        return pages.go(request, f"/{scope}/{record_id}", pages.texts(request).label("Saved."))

    @router.post("/{scope:entity}/{record_id}/delete")
    def delete(identity: SignedIn, request: Request, scope: str, record_id: str) -> Response:
        """Remove a record; the message has a button that brings it back."""
        allowed(identity, "delete", scope)
        shelf.service(scope).delete_entity(record_id)
        undo = (f"/{scope}/{record_id}/restore", dict[str, str](), [record_id])
        return pages.go(request, f"/{scope}", pages.texts(request).label("Removed."), undo=undo)

    @router.post("/{scope:entity}/{record_id}/restore")
    def restore(identity: SignedIn, request: Request, scope: str, record_id: str) -> Response:
        """Bring it back."""
        allowed(identity, "delete", scope)
        shelf.service(scope).restore_entity(record_id)
        return pages.go(request, f"/{scope}/{record_id}", pages.texts(request).label("Restored."))

    def form_page(
        request: Request,
        scope: str,
        record_id: str | None,
        values: Mapping[str, Any],
        faults: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        context: dict[str, Any] = {"panels": shelf.form(scope, values), "record_id": record_id, "values": values}
        title = shelf.title(values) if record_id else ""
        return pages.show(
            request,
            "entities/form.html",
            status=status,
            scope=scope,
            record_title=title,
            faults=faults or {},
            **context,
        )

    def refused(
        request: Request, scope: str, record_id: str | None, values: Mapping[str, Any], error: AtroError
    ) -> Response:
        """The form as it was sent, with what is wrong beside its fields."""
        if error.status_code >= 500 or isinstance(error, Forbidden | NotFound):
            raise error
        problems = error.problems if isinstance(error, ValidationError) else []
        texts = pages.texts(request)
        faults = {each.field: _told(texts, each) for each in problems if each.field}
        faults[""] = "" if faults else texts.sentence(error.args[0])  # what is no field's own is told at the top
        return form_page(request, scope, record_id, values, faults, error.status_code)

    return router


def _told(texts: Texts, problem: Problem) -> str:
    """`Is not a number.`, in the reader's language; what a module says of its own as it is."""
    if not isinstance(problem.rule, Sentence):
        return str(problem)
    rule = texts.sentence(problem.rule)
    return f"{rule[:1].upper()}{rule[1:]}."
