"""What is wrong with metadata that can be read: each file by its schema, and the merged tree by what it has to have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.exceptions import InvalidSchedule, did_you_mean
from core.metadata.judge import judge
from core.metadata.layer import CORE
from core.metadata.payload_schema import faults_of
from core.metadata.reader import Reading
from core.metadata.value_path import value_at

#: The files, by their keys, that are judged as a whole.
SCHEMAS_BY_PLACE = {
    ("app", "jobTypes"): "jobTypes",
    ("app", "scheduledJobs"): "scheduledJobs",
    ("app", "services"): "services",
    ("twig", "filters"): "twig",
    ("twig", "functions"): "twig",
}
SECTIONS = ("app", "entityDefs", "scopes", "twig")
#: `app/jobtypes` and `apps/jobTypes` are nearly `app/jobTypes`; `app/jobs` and `clientDefs` are a module's own.
NEAR_PLACE = 0.85
NEAR_WITHOUT_SECTION = 0.7
NEAR_SECTION = 0.8


def lint(readings: Sequence[Reading], data: dict[str, Any], *, with_core: bool) -> list[str]:
    """All complaints, each with file and path.

    Each file is judged by its schema; those of core only `with_core`: they are the same in every installation, and to
    judge them takes as long as all else that a boot without a cache does.
    """
    judged = [reading for reading in readings if with_core or reading.layer.owner != CORE]
    return [
        *(complaint for reading in judged for complaint in _lint_files(reading)),
        *(complaint for reading in judged for complaint in _misplaced_files(reading)),
        *_job_types_without_handler(readings, data),
        *_limits_without_key(readings, data),
        *_unusable_payload_schemas(readings, data),
        *_fields_without_type(readings, data),
        *_schedules_that_cannot_be(readings, data),
    ]


def _lint_files(reading: Reading) -> Iterator[str]:
    for schema_name, keys in _judged(reading.data):
        document = value_at(reading.data, keys)
        if document is not None:  # a null erases what lies beneath, and is nothing to judge
            yield from judge(document, schema_name, reading.file_of(keys), keys)


def _judged(data: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((schema_name, place) for place, schema_name in SCHEMAS_BY_PLACE.items())
    for section in ("entityDefs", "scopes"):
        for name in _object_at(data, section):
            yield section, (section, name)


def _misplaced_files(reading: Reading) -> Iterator[str]:
    """Files that nobody reads, as their names are nearly, but not quite, those that somebody reads."""
    for keys, file in reading.files.items():
        if hint := _hint(keys):
            yield f"{file}: unknown key '{'.'.join(keys)}'.{hint} Folder and name of a file are its key."


def _hint(keys: tuple[str, ...]) -> str:
    if keys in SCHEMAS_BY_PLACE:
        return ""
    nearness = NEAR_PLACE if len(keys) > 1 else NEAR_WITHOUT_SECTION
    known_place = did_you_mean(".".join(keys), map(".".join, SCHEMAS_BY_PLACE), nearness)
    return known_place or ("" if keys[0] in SECTIONS else did_you_mean(keys[0], SECTIONS, NEAR_SECTION))


def _job_types_without_handler(readings: Sequence[Reading], data: dict[str, Any]) -> Iterator[str]:
    for name, entry in _object_at(data, "app", "jobTypes").items():
        if isinstance(entry, dict) and entry.get("handler") is None:  # others are the schema's business
            yield _complaint(readings, ("app", "jobTypes", name), "it has no handler in any layer")


def _limits_without_key(readings: Sequence[Reading], data: dict[str, Any]) -> Iterator[str]:
    for name, entry in _object_at(data, "app", "jobTypes").items():
        if isinstance(entry, dict) and entry.get("maxConcurrentPerKey") and not entry.get("concurrencyKey"):
            reason = "it has no concurrencyKey in any layer, and so limits nothing"
            yield _complaint(readings, ("app", "jobTypes", name, "maxConcurrentPerKey"), reason)


def _unusable_payload_schemas(readings: Sequence[Reading], data: dict[str, Any]) -> Iterator[str]:
    for name, entry in _object_at(data, "app", "jobTypes").items():
        schema = entry.get("payloadSchema") if isinstance(entry, dict) else None
        for fault in faults_of(schema) if isinstance(schema, dict) else ():
            yield _complaint(readings, ("app", "jobTypes", name, "payloadSchema"), fault)


def _fields_without_type(readings: Sequence[Reading], data: dict[str, Any]) -> Iterator[str]:
    for entity in _object_at(data, "entityDefs"):
        for name, field in _object_at(data, "entityDefs", entity, "fields").items():
            if isinstance(field, dict) and not field.get("type"):
                yield _complaint(readings, ("entityDefs", entity, "fields", name), "it has no type in any layer")


def _schedules_that_cannot_be(readings: Sequence[Reading], data: dict[str, Any]) -> Iterator[str]:
    types = _object_at(data, "app", "jobTypes")
    schedulable = [name for name in types if _object_at(types, name).get("scheduledJob") is True]
    for name, entry in _object_at(data, "app", "scheduledJobs").items():
        keys = ("app", "scheduledJobs", name)
        if not isinstance(entry, dict):  # the schema's business
            continue
        job_type = entry.get("type")
        if job_type is None and entry:
            yield _complaint(readings, keys, "it has no type in any layer")
        if isinstance(job_type, str) and job_type not in schedulable:
            hint = "" if job_type in types else did_you_mean(job_type, schedulable)
            yield _complaint(readings, keys, f"the job type '{job_type}' cannot be scheduled.{hint}")
        if wrong := _wrong_scheduling(entry):
            yield _complaint(readings, keys, wrong)


def _wrong_scheduling(entry: dict[str, Any]) -> str | None:
    from core.schedule import Schedule  # slow to load; metadata that are cached are not judged again

    expression, zone = entry.get("scheduling", "@daily"), entry.get("timeZone") or "UTC"
    if not isinstance(expression, str) or not isinstance(zone, str):
        return None  # the schema's business
    try:
        Schedule(expression, zone)
    except InvalidSchedule as error:
        return str(error)
    return None


def _complaint(readings: Sequence[Reading], keys: tuple[str, ...], reason: str) -> str:
    naming = [reading for reading in readings if value_at(reading.data, keys) is not None]
    return f"{naming[-1].file_of(keys)}: {'.'.join(keys)}: {reason}"


def _object_at(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    found = value_at(data, keys)
    return found if isinstance(found, dict) else {}
