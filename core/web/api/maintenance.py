"""Bringing cache and database up to the files, and what the metadata are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from core.access.audit import Audit
from core.data_manager import DataManager
from core.exceptions import AtroError, NotFound
from core.metadata import Metadata
from core.orm.schema_diff import Statement
from core.web.json_body import answer
from core.web.open_api.operation import described
from core.web.signed_in import Administrator

Key = Annotated[str | None, Query(max_length=500, description="A part of them only: `entityDefs.Job`.")]


def maintenance_routes(data_manager: DataManager, metadata: Metadata, audit: Audit) -> APIRouter:
    """`/clearCache`, `/rebuildDb`, `/getSchemaDiff` and `/metadata`."""
    router = APIRouter(prefix="/api", tags=["Maintenance"])

    @router.post("/clearCache", operation_id="clearCache")
    def clear_cache(identity: Administrator) -> bool:
        """Empty `data/cache`; changed files are seen without it."""
        data_manager.clear_cache()
        audit.note("clear", "Cache")
        return True

    @router.post("/rebuildDb", operation_id="rebuildDatabase")
    def rebuild(identity: Administrator) -> dict[str, list[dict[str, Any]]]:
        """Merge the metadata anew, and make the database as they define it, but for drops: `done`, and what is left."""
        try:
            update = data_manager.rebuild()
        except AtroError as error:
            audit.note("rebuild", "Database", after={"failed": str(error)})
            raise
        audit.note("rebuild", "Database", after={"done": [each.sql for each in update.done]})
        return {"done": _documents(update.done), "left": _documents(update.left)}

    @router.get("/getSchemaDiff", operation_id="getSchemaDiff")
    def schema_diff(identity: Administrator) -> dict[str, Any]:
        """What in the database differs from the metadata; nothing is changed."""
        found = data_manager.compare_schema()
        return {"statements": _documents(found.statements), "obstacles": list(found.obstacles)}

    @router.get("/metadata", operation_id="readMetadata", **described({}))
    def read_metadata(identity: Administrator, key: Key = None) -> Response:
        """The metadata of core, modules and this installation, merged."""
        found = metadata.get([] if key is None else key.split("."))
        if found is None:
            raise NotFound(f"There are no metadata '{key}'.")
        return answer(found)

    return router


def _documents(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    return [{"sql": each.sql, "table": each.table, "isDrop": each.is_drop} for each in statements]
