"""The records of every entity that metadata define, by the services of `core.Services` (AtroCore 10.1)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from core.exceptions import BadRequest, NotModified, did_you_mean
from core.Services import Record, ServiceFactory
from core.web.entities import Exposed, Exposure
from core.web.json_body import JsonObject, answer
from core.web.list_query import LIST_PARAMETERS, ids_in, list_params
from core.web.open_api.field_schema import judge_types
from core.web.open_api.operation import TRUE_OR_FALSE, described, in_header, in_query, ref
from core.web.routes_by_name import RoutesByName
from core.web.signed_in import SignedIn

_PREFIX = "/api"
_FOR_GOOD = in_header("permanently", {"type": "string", "enum": ["true", "false"]}, "Whether it is deleted for good.")
_IDS = in_query("ids", {"type": "string", "minLength": 1}, "Ids, separated by commas.", is_required=True)
_TO_RELATE = {
    "type": "object",
    "properties": {
        "ids": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "data": {"type": ["object", "null"], "description": "Fields of the relation's own entity."},
    },
    "required": ["ids"],
    "additionalProperties": False,
}


def record_routes(exposure: Exposure, services: ServiceFactory) -> APIRouter:
    """`/<Entity>`, `/<Entity>/{id}` and `/<Entity>/{id}/<link>` for each entity."""

    def routes_of(name: str) -> list[BaseRoute]:
        router = APIRouter(prefix=_PREFIX)
        _Routes(exposure.entities[name], services).add_to(router)
        return router.routes

    return APIRouter(routes=[RoutesByName(_PREFIX, exposure.entities, routes_of)])


class _Routes:
    """The handlers of one entity; FastAPI reads what they need from their signatures."""

    def __init__(self, entity: Exposed, services: ServiceFactory) -> None:
        self._entity = entity
        self._services = services

    def add_to(self, router: APIRouter) -> None:
        """Let the router know them."""
        name, path, one = self._entity.name, f"/{self._entity.name}", f"/{self._entity.name}/{{entity_id}}"
        page = described(ref(f"{name}List"), parameters=LIST_PARAMETERS)
        self._add(router, "GET", path, self.find, f"list{name}", page)
        self._add(router, "GET", one, self.read, f"read{name}", described(ref(name)))
        if not self._entity.is_read_only:
            if name != "Job":  # see `core.web.api.jobs`
                created = described(ref(name), status=201, body=ref(f"{name}Create"))
                self._add(router, "POST", path, self.create, f"create{name}", created)
            changed = described(ref(name), body=ref(f"{name}Update"))
            self._add(router, "PATCH", one, self.update, f"update{name}", changed)
            removed = described(TRUE_OR_FALSE, parameters=(_FOR_GOOD,))
            self._add(router, "DELETE", one, self.delete, f"delete{name}", removed)
        for link in self._entity.links:
            self._add_link(router, link, f"{one}/{link}")

    def find(self, identity: SignedIn, request: Request) -> Response:
        """A page of the records; `next` is the `after` of the next page."""
        return answer(self._record().find_entities(list_params(request.url.query)))

    def create(self, identity: SignedIn, body: JsonObject) -> Response:
        """Store a new record."""
        judge_types(self._entity.type, body)
        record = self._record().create_entity(body)
        return answer(record, 201, Location=f"/api/{self._entity.name}/{record['id']}")

    def read(self, identity: SignedIn, entity_id: str) -> Response:
        """One record."""
        return answer(self._record().read_entity(entity_id))

    def update(self, identity: SignedIn, entity_id: str, body: JsonObject) -> Response:
        """Change attributes of a record; with `_prev` only where they are as the client has read them."""
        judge_types(self._entity.type, body)
        try:
            return answer(self._record().update_entity(entity_id, body))
        except NotModified:
            return answer(self._record().read_entity(entity_id))

    def delete(self, identity: SignedIn, entity_id: str, request: Request) -> Response:
        """Remove a record; with the header `permanently: true` for good."""
        return answer(self._record().delete_entity(entity_id, is_permanent(request)))

    def _record(self) -> Record:
        return self._services.create_record(self._entity.name)

    def _add_link(self, router: APIRouter, link: str, path: str) -> None:
        linked = _LinkRoutes(self._record, link)
        word = f"{link[:1].upper()}{link[1:]}Of{self._entity.name}"
        page = described(ref(f"{self._entity.type.links[link].entity}List"), parameters=LIST_PARAMETERS)
        self._add(router, "GET", path, linked.find, f"list{word}", page)
        if not self._entity.is_read_only:
            self._add(router, "POST", path, linked.relate, f"relate{word}", described(TRUE_OR_FALSE, body=_TO_RELATE))
            ended = described(TRUE_OR_FALSE, parameters=(_IDS,))
            self._add(router, "DELETE", path, linked.unrelate, f"unrelate{word}", ended)

    def _add(
        self, router: APIRouter, method: str, path: str, handler: Any, name: str, description: dict[str, Any]
    ) -> None:
        router.add_api_route(
            path, handler, methods=[method], operation_id=name, tags=[self._entity.name], **description
        )


class _LinkRoutes:
    def __init__(self, record: Any, link: str) -> None:
        self._record = record
        self._link = link

    def find(self, identity: SignedIn, entity_id: str, request: Request) -> Response:
        """A page of the records that the link leads to."""
        params = list_params(request.url.query)
        return answer(self._record().find_linked_entities(entity_id, self._link, params))

    def relate(self, identity: SignedIn, entity_id: str, body: JsonObject) -> Response:
        """Let the link lead to the records `ids` too, all or none; `data` are fields of the relation's own entity."""
        for name in body:
            if name not in ("ids", "data"):
                raise BadRequest(f"There is no '{name}' here.{did_you_mean(name, ('ids', 'data'))}", field=name)
        ids = body.get("ids")
        if not isinstance(ids, list) or not ids:
            raise BadRequest("'ids' is to be a list of ids.", field="ids")
        return answer(self._record().link_entity(entity_id, self._link, ids, body.get("data")))

    def unrelate(self, identity: SignedIn, entity_id: str, request: Request) -> Response:
        """Let the link lead to the records `ids` no more, all or none."""
        return answer(self._record().unlink_entity(entity_id, self._link, ids_in(request.url.query)))


def is_permanent(request: Request) -> bool:
    """What AtroCore's header `permanently` says."""
    given = request.headers.get("permanently", "false").lower()
    if given not in ("true", "false"):
        raise BadRequest("The header 'permanently' is to be true or false.", field="permanently")
    return given == "true"
