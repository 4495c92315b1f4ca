"""Actions on many records: by jobs, or a list of records of several types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.access.asked_by_job import asker
from core.access.audit import Audit, values_of
from core.access.caller import bound_caller
from core.access.entry import Guard
from core.access.rights import ADMINISTER
from core.Entities.Role import EDIT
from core.exceptions import AtroError, BadRequest, NotModified
from core.log import logger
from core.orm import Entity, Repository
from core.Services.AbstractService import AbstractService

#: A mass action on jobs is to overtake the jobs that it is about (AtroCore 11.1).
_PRIORITY_ON_JOBS = 300
#: What record services do, and so judge.
_JUDGED = ("update", "delete", "restore")

Result = dict[str, Any]


class MassActions(AbstractService):
    """Makes the job of a mass action, and carries out an upsert."""

    def start(
        self, action: str, entity_name: str, params: Mapping[str, Any], data: Mapping[str, Any] | None = None
    ) -> str:
        """The id of a new MassActionCreator job, which cuts the records into chunks and makes a job for each.

        The jobs of the chunks are of the type `Mass<Action>`, or UniversalMassAction where there is none. `params` say
        which records, as those of `Record.mass_update`, and may have `permanently` and `singleActionMethod`; `data`
        comes to the payloads of the chunks' jobs.

        Where somebody asks from outside, each update, removal and restoration is judged and audited as if she made it
        herself. Any other action is a module's, and for those alone who may edit all the records: else Forbidden.
        """
        if action in _JUDGED:
            with (
                self._container.get("serviceFactory")
                .create_record(entity_name)
                .changing(action, (data or {}).get("input"))
            ):
                pass  # who may change none of them is told so at once
        else:
            self._require_job(EDIT, entity_name)
        job = self.get_entity_manager().get_entity("Job")
        of_action = {key: params[key] for key in ("where", "permanently", "singleActionMethod") if key in params}
        payload = {
            "action": action,
            "entityName": entity_name,
            "params": {**of_action, "additionalJobData": dict(data or {})},
            **asker(bound_caller()),
        }
        if params.get("ids") is not None:
            payload["ids"] = list(params["ids"])
        job.set({"name": f"Mass {action} of {entity_name}", "type": "MassActionCreator", "payload": payload})
        if entity_name == "Job":
            job.set("priority", _PRIORITY_ON_JOBS)
        self._save(job)
        return job.id

    def start_upsert(self, rows: Sequence[Any]) -> str:
        """The id of a new job that does what `upsert` does."""
        self._require_job(ADMINISTER, "Upsert")
        job = self.get_entity_manager().get_entity("Job")
        job.set({"name": f"Upsert of {len(rows)} records", "type": "Upsert", "payload": {"list": list(rows)}})
        self._save(job)
        return job.id

    def upsert(self, rows: Iterable[Any]) -> list[Result]:
        """Create or change records, each `{"entity": "Product", "payload": {...}}`; what became of each, in order.

        A record is known by its id, else by the values of a unique field or index. A result is `{"status", "stored",
        "entity", "id"}`, the status Created, Updated, NotModified or Failed, the last one with a `message`; one that
        fails keeps none of the others from it.
        """
        return [self._upsert(row) for row in rows]

    def _save(self, job: Entity) -> None:
        with self.get_entity_manager().transaction():
            self.get_entity_manager().save_entity(job)
            self._container.get(Audit).note("create", "Job", job.id, None, values_of(job))

    def _require_job(self, action: str, entity_name: str) -> None:
        asking = bound_caller()
        if asking is not None:
            self._container.get(Guard).require_job(asking, action, entity_name)

    def _upsert(self, row: Any) -> Result:
        entity_name = row.get("entity") if isinstance(row, Mapping) else None
        result: Result = {"status": "Failed", "stored": False, "entity": entity_name, "id": None}
        try:
            return {**result, **self._store(*_parts_of(row))}
        except Exception as error:  # noqa: BLE001 - services and listeners of modules are foreign code
            if not isinstance(error, AtroError):
                logger.exception("Upsert of a %s failed.", entity_name)
            return {**result, "message": str(error) or type(error).__name__}

    def _store(self, entity_name: str, payload: Mapping[str, Any]) -> Result:
        record = self._container.get("serviceFactory").create_record(entity_name)
        with record.reading():  # who may not read them is not told which there are
            found = self._match(record.get_repository(), payload)
        if found is None:
            created = record.create_entity(payload, payload.get("id"))
            return {"status": "Created", "stored": True, "id": created["id"]}
        try:
            record.update_entity(found.id, payload)
        except NotModified:
            return {"status": "NotModified", "stored": True, "id": found.id}
        return {"status": "Updated", "stored": True, "id": found.id}

    def _match(self, repository: Repository, payload: Mapping[str, Any]) -> Entity | None:
        """The record that the payload is about: that of its id, else that which has the same unique values."""
        entity_id = payload.get("id")
        if entity_id is not None:
            if not isinstance(entity_id, str):
                raise BadRequest(f"The id of the {repository.type.name} is {entity_id!r}; it is to be a text.")
            return repository.get(entity_id)
        for names in _unique_attributes(repository):
            if all(payload.get(name) is not None for name in names):
                found = repository.where({name: payload[name] for name in names}).find_one()
                if found is not None:
                    return found
        return None


def _parts_of(row: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(row, Mapping) or not isinstance(row.get("entity"), str):
        raise BadRequest(f'{row!r} is not of the form {{"entity": "Product", "payload": {{...}}}}.')
    payload = row.get("payload")
    if not isinstance(payload, Mapping):
        raise BadRequest(f"The payload of the {row['entity']} is {payload!r}; it is to be an object of attributes.")
    return row["entity"], payload


def _unique_attributes(repository: Repository) -> list[list[str]]:
    """The attributes, together, that tell a record from all others."""
    by_column = repository.type.by_column
    return [
        [by_column[name].name for name, _ in index.columns if name != "deleted"]
        for index in repository.type.indexes
        if index.is_unique
    ]
