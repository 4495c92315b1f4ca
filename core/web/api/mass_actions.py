"""Actions on many records (AtroCore 10.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter
from starlette.responses import Response

from core.exceptions import BadRequest, did_you_mean
from core.records.mass_action import MOST_WITHOUT_JOB
from core.Services import Record, ServiceFactory
from core.Services.MassActions import MassActions
from core.web.entities import Exposed, Exposure
from core.web.json_body import JsonList, JsonObject, answer
from core.web.open_api.answers import UPSERT, UPSERT_BY_JOB, at_once, by_job
from core.web.open_api.field_schema import judge_types
from core.web.signed_in import SignedIn

_WHICH = ("ids", "where")


def mass_action_routes(exposure: Exposure, services: ServiceFactory) -> APIRouter:
    """`/entityMassUpdate`, `/entityMassDelete`, `/entityRestore` and `/upsert`, each also with `Async` at its end."""
    router = APIRouter(prefix="/api", tags=["Mass actions"])

    def record(entity: Exposed) -> Record:
        return services.create_record(entity.name)

    def mass_actions() -> MassActions:
        return cast(MassActions, services.create("MassActions"))

    @router.patch("/entityMassUpdate", operation_id="massUpdate", **at_once("updated", "values"))
    def update(identity: SignedIn, body: JsonObject) -> Response:
        """Give the records `ids` of `entityName` the same `values`, 200 at most, at once."""
        asked = _Asked(exposure, body, "ids", "values")
        return answer(record(asked.entity).mass_update(asked.values, asked.few))

    @router.patch("/entityMassUpdateAsync", operation_id="massUpdateAsync", **by_job("values"))
    def update_by_job(identity: SignedIn, body: JsonObject) -> Response:
        """The same by a job, also for all records that meet `where`."""
        asked = _Asked(exposure, body, *_WHICH, "values")
        return answer(record(asked.entity).mass_update(asked.values, asked.which, as_job=True), 202)

    @router.post("/entityMassDelete", operation_id="massDelete", **at_once("deleted", "permanently"))
    def delete(identity: SignedIn, body: JsonObject) -> Response:
        """Remove the records `ids` of `entityName`, 200 at most, at once; with `permanently` for good."""
        asked = _Asked(exposure, body, "ids", "permanently")
        return answer(record(asked.entity).mass_delete(asked.few))

    @router.post("/entityMassDeleteAsync", operation_id="massDeleteAsync", **by_job("permanently"))
    def delete_by_job(identity: SignedIn, body: JsonObject) -> Response:
        """The same by a job, also for all records that meet `where`."""
        asked = _Asked(exposure, body, *_WHICH, "permanently")
        return answer(record(asked.entity).mass_delete(asked.which, as_job=True), 202)

    @router.post("/entityRestore", operation_id="massRestore", **at_once("restored"))
    def restore(identity: SignedIn, body: JsonObject) -> Response:
        """Bring the removed records `ids` of `entityName` back, 200 at most, at once."""
        asked = _Asked(exposure, body, "ids")
        return answer(record(asked.entity).mass_restore(asked.few))

    @router.post("/entityRestoreAsync", operation_id="massRestoreAsync", **by_job())
    def restore_by_job(identity: SignedIn, body: JsonObject) -> Response:
        """The same by a job, also for all removed records that meet `where`."""
        asked = _Asked(exposure, body, *_WHICH)
        return answer(record(asked.entity).mass_restore(asked.which, as_job=True), 202)

    @router.post("/upsert", operation_id="upsert", **UPSERT)
    def upsert(identity: SignedIn, body: JsonList) -> Response:
        """Create or change up to 200 records, each `{"entity", "payload"}`; what became of each, in order."""
        if len(body) > MOST_WITHOUT_JOB:
            raise BadRequest(f"Up to {MOST_WITHOUT_JOB} records at once; /api/upsertAsync takes more.")
        return answer(mass_actions().upsert(_changeable(exposure, body)))

    @router.post("/upsertAsync", operation_id="upsertAsync", **UPSERT_BY_JOB)
    def upsert_by_job(identity: SignedIn, body: JsonList) -> Response:
        """The same by a job, whose message has what became of them."""
        return answer({"jobId": mass_actions().start_upsert(_changeable(exposure, body))}, 202)

    return router


class _Asked:
    """What the body of a mass action says; raises BadRequest that names the key."""

    def __init__(self, exposure: Exposure, body: Mapping[str, Any], *keys: str) -> None:
        known = ("entityName", *keys)
        for name in body:
            if name not in known:
                raise BadRequest(f"There is no '{name}' here.{did_you_mean(name, known)}", field=name)
        self.entity = exposure.changeable(body.get("entityName"))
        self.values: Any = body.get("values")
        if "values" in keys and not isinstance(self.values, dict):
            raise BadRequest("'values' is to be an object of attributes.", field="values")
        judge_types(self.entity.type, self.values or {})
        if not isinstance(body.get("permanently", False), bool):
            raise BadRequest("'permanently' is to be true or false.", field="permanently")
        self.which = {name: body[name] for name in (*_WHICH, "permanently") if name in body}

    @property
    def few(self) -> dict[str, Any]:
        """Which records, where they are few enough for a request to wait for them."""
        ids = self.which.get("ids")
        if not isinstance(ids, list) or len(ids) > MOST_WITHOUT_JOB:
            raise BadRequest(
                f"'ids' is to be a list of {MOST_WITHOUT_JOB} ids at most; the route with Async takes more.",
                field="ids",
            )
        return self.which


def _changeable(exposure: Exposure, rows: list[Any]) -> list[Any]:
    """The rows of an upsert, all of which may be written; what else is wrong with one is told in its result."""
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("entity"), str):
            exposure.changeable(row["entity"])
    return rows
