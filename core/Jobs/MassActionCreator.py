"""Cutting a mass action into jobs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import clock
from core.access.asked_by_job import bound_by, of_asker
from core.exceptions import JobCanceled
from core.job_queue.states import AWAITING, CANCELED, PENDING
from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface
from core.records.mass_action import Selection, chunk_size

if TYPE_CHECKING:
    from core.Entities import Job
    from core.orm import Entity, Query

#: What of a chunk is read to let it go; its payload may be long.
_RELEASED = ["name", "status", "type", "executeTime", "modifiedAt"]


class MassActionCreator(AbstractJob, JobInterface):
    """Makes a job for each chunk of the records that a mass action is about (AtroCore 11.1).

    Payload: `action`, `entityName`, `ids` or `params.where`, and what is optional: `chunkSize`, `total`,
    `params.permanently`, `params.singleActionMethod`, `params.additionalJobData` for the chunks' payloads.

    The chunks wait as Awaiting until all of them are there, and then become Pending in one transaction. So a creator
    that dies and is tried again finds either all of its chunks on their way, or none, and begins anew.
    """

    def run(self, job: Job) -> None:
        if self._chunks(job).exists() and not self._chunks(job).where({"status": AWAITING}).exists():
            job.set("message", "The jobs were made by an earlier run. Start another mass action to repeat it.")
            return
        self._remove_waiting(job)
        try:
            parts = self._make_chunks(job)
            self._release(job, parts)
        except BaseException:  # a cancel as well: nobody would ever let them go
            self._remove_waiting(job)
            raise
        job.set("message", f"Jobs: {len(parts)}")

    def _make_chunks(self, job: Job) -> dict[str, int]:
        """The number of each chunk, from 1, by the id of its job."""
        payload = job.get_payload()
        selection = self._selection(payload, job.id)
        total = payload.get("total") or selection.count()
        size = payload.get("chunkSize") or chunk_size(total, self.get_config().max_concurrent_workers)
        common = {
            **_common(payload),
            "creatorId": job.id,
            # As counted now: records that come or go meanwhile may make another chunk, or one less.
            "total": total,
            "chunkSize": size,
            "totalChunks": math.ceil(total / size),
        }
        job_type, parts = self._type_of_chunks(payload), dict[str, int]()
        for part, ids in enumerate(selection.chunks(size), 1):
            if job.is_canceled():
                raise JobCanceled
            chunk = self._make_chunk(job, job_type, {**common, "ids": ids, "part": part})
            parts[chunk.id] = part
            job.report_progress(min(part * size, total), total)
        return parts

    def _selection(self, payload: Mapping[str, Any], creator_id: str) -> Selection:
        given = {"ids": payload.get("ids") or None, "where": _params(payload).get("where")}
        if payload["entityName"] == "Job" and given["where"] is not None:
            given["where"] = [*given["where"], *_without(creator_id)]
        record = self.get_service_factory().create_record(payload["entityName"])
        with bound_by(payload, self.get_entity_manager()):
            return record.selection(given, removed=payload["action"] == "restore")

    def _make_chunk(self, job: Job, job_type: str, payload: dict[str, Any]) -> Entity:
        chunk = self.get_entity_manager().get_entity("Job")
        chunk.set(
            {
                "name": f"Mass {payload['action']}",
                "type": job_type,
                "status": AWAITING,
                "priority": job.get("priority"),
                "ownerUserId": job.get("ownerUserId"),
                "payload": payload,
            }
        )
        self.get_entity_manager().save_entity(chunk)
        return chunk

    def _release(self, job: Job, parts: Mapping[str, int]) -> None:
        """Let all chunks go, at once: a worker that takes the first one finds all of them."""
        manager, entity_name = self.get_entity_manager(), job.get("payload")["entityName"]
        with manager.transaction():
            chunks = self._chunks(job).where({"status": AWAITING}).select(_RELEASED).find()
            for chunk in chunks:
                of_all = f"({parts[chunk.id]} out of {len(parts)})"
                chunk.set("name", f"{chunk.get('name')} on Entity '{entity_name}' {of_all}")
                chunk.set({"status": PENDING, "executeTime": clock.now()})
            # One that somebody cancels at this very moment is not to come back to life.
            manager.save_entities(chunks, {"check_version": True})

    def _remove_waiting(self, job: Job) -> None:
        """Delete the chunks that were never let go, those of an earlier run that broke off as well."""
        repository = self.get_entity_manager().get_repository("Job")
        for chunk in self._chunks(job).where({"status": [AWAITING, CANCELED]}).select(["id"]).find():
            repository.delete_from_db(chunk.id)

    def _chunks(self, job: Job) -> Query:
        chunks: Query = self.get_entity_manager().get_repository("Job").where({"creatorId": job.id})
        return chunks

    def _type_of_chunks(self, payload: Mapping[str, Any]) -> str:
        action = str(payload["action"])
        if action == "custom":
            return str(payload.get("type"))
        job_type = f"Mass{action[:1].upper()}{action[1:]}"
        is_known = self.get_metadata().get(["app", "jobTypes", job_type]) is not None
        return job_type if is_known else "UniversalMassAction"


def _params(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return payload.get("params") or {}


def _without(creator_id: str) -> list[dict[str, Any]]:
    """Conditions of the API for jobs other than this one and those that it makes: else they would cancel each other."""
    is_another = {"type": "notEquals", "attribute": "creatorId", "value": creator_id}
    return [
        {"type": "notEquals", "attribute": "id", "value": creator_id},
        {"type": "or", "value": [{"type": "isNull", "attribute": "creatorId"}, is_another]},
    ]


def _common(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of the creator's payload each chunk has too."""
    params = _params(payload)
    of_chunk = {
        "singleActionMethod": params.get("singleActionMethod"),
        "deletePermanently": bool(params.get("permanently")),
    }
    return {
        **(params.get("additionalJobData") or {}),
        **{name: value for name, value in of_chunk.items() if value},
        **of_asker(payload),
        "entityType": payload["entityName"],
        "action": payload["action"],
    }
