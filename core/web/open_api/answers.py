"""The schemas of what is no record: what handlers answer, and what mass actions take."""

from __future__ import annotations

from typing import Any

from core.records.mass_action import MOST_WITHOUT_JOB
from core.web.open_api.operation import Schema, described, list_of, ref

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}


def _all_of(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


ENQUEUED = described(ref("Job"), status=201, body=ref("JobCreate"), or_ok=True)
JOB = described(ref("Job"))
RUN_AGAIN = described(ref("Job"), status=201, body=ref("JobRunAgain"), is_body_required=False)
WHY = described(_all_of(reason=_TEXT, text=_TEXT, remedy=_TEXT_OR_NULL))
MASS_ACTION_STATUS = described(_all_of(done=_FLAG, errors=_TEXT_OR_NULL, message=_TEXT_OR_NULL))
JOB_TYPES = described(
    list_of(
        _all_of(
            type=_TEXT,
            owner=_TEXT_OR_NULL,
            handler=_TEXT_OR_NULL,
            scheduledJob=_FLAG,
            description=_TEXT_OR_NULL,
            payloadSchema={},
            overrides=list_of({"type": "object"}),
        )
    )
)
CRON_PREVIEW = described(
    _all_of(
        expression=_TEXT,
        zone=_TEXT,
        words=_TEXT,
        notes=list_of(_TEXT),
        nextTimes=list_of(_all_of(local=_TEXT, utc=_TEXT)),
    )
)
_PLAIN_TEXT = {"text/plain": {"schema": _TEXT}}
LOG: dict[int | str, dict[str, Any]] = {200: {"content": _PLAIN_TEXT}}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "docs/rest-api.md tells of the events.", "content": {"text/event-stream": {"schema": _TEXT}}}
}


def _asked(*keys: str, of_many: bool = False) -> Schema:
    """The body of a mass action: of a few records by their ids, or of many."""
    known: dict[str, Schema] = {
        "ids": list_of(_TEXT) if of_many else {**list_of(_TEXT), "maxItems": MOST_WITHOUT_JOB},
        "where": list_of({"type": "object"}),
        "values": {"type": "object"},
        "permanently": _FLAG,
    }
    names = ["ids", *(["where"] if of_many else []), *keys]
    required = ["entityName", *([] if of_many else ["ids"]), *(["values"] if "values" in keys else [])]
    properties = {"entityName": _TEXT, **{name: known[name] for name in names}}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def at_once(word: str, *keys: str) -> dict[str, Any]:
    """A mass action that is done when it answers; `word` is what became of the records."""
    return described(_all_of(**{word: {"type": "integer"}, "errors": list_of(_TEXT)}), body=_asked(*keys))


def by_job(*keys: str) -> dict[str, Any]:
    """A mass action that a job does."""
    return described(_all_of(jobId=_TEXT), status=202, body=_asked(*keys, of_many=True))


_RESULT = _all_of(
    status={"type": "string", "enum": ["Created", "Updated", "NotModified", "Failed"]},
    stored=_FLAG,
    entity=_TEXT_OR_NULL,
    id=_TEXT_OR_NULL,
)
UPSERT = described(list_of(_RESULT), body={**list_of({}), "maxItems": MOST_WITHOUT_JOB})
UPSERT_BY_JOB = described(_all_of(jobId=_TEXT), status=202, body=list_of({}))
