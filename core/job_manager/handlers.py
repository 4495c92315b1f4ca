"""From a job type to the class that handles it."""

from __future__ import annotations

import inspect
from typing import Any, Protocol

from core.container import dependencies_of
from core.exceptions import ClassReferenceError, ContainerError, Error
from core.Jobs import JobInterface
from core.module_manager.class_reference import load_class
from core.signature import wrong_method


class _Metadata(Protocol):
    def get(self, key: list[str], default: object = None) -> object: ...

    def job_type_owner(self, job_type: str) -> str | None: ...


def load_handler(metadata: _Metadata, job_type: str) -> type[JobInterface]:
    """The handler's class, which can be built and run; raises Error with a text that says why there is none."""
    reference = metadata.get(["app", "jobTypes", job_type, "handler"])
    if not isinstance(reference, str) or not reference:
        raise Error(f"Type class for '{job_type}' does not exist.")
    try:
        handler = load_class(reference)
    except ClassReferenceError as error:
        raise Error(_fault(metadata, job_type, reference, str(error))) from error
    if problem := _wrong_handler(handler):
        raise Error(_fault(metadata, job_type, reference, problem))
    return handler


def check_handlers(metadata: _Metadata) -> list[str]:
    """What is wrong with the handlers that the registered job types name; imports them all."""
    job_types = metadata.get(["app", "jobTypes"], {})
    complaints = []
    for job_type, entry in job_types.items() if isinstance(job_types, dict) else ():
        if not _names_handler(entry):
            continue
        try:
            load_handler(metadata, job_type)
        except Error as error:
            complaints.append(str(error))
    return complaints


def _names_handler(entry: Any) -> bool:
    """Whether there is a handler to load; a type without one is a fault of the metadata, or was erased."""
    handler = entry.get("handler") if isinstance(entry, dict) else None
    return isinstance(handler, str) and handler != ""


def _wrong_handler(handler: type[Any]) -> str | None:
    if not issubclass(handler, JobInterface):
        return "does not implement JobInterface"
    if inspect.isabstract(handler):
        return f"is abstract: it lacks {', '.join(sorted(handler.__abstractmethods__))}"
    if problem := wrong_method(handler, "run", "job"):
        return f"cannot be run: {problem}"
    try:
        dependencies_of(handler)
    except ContainerError as error:
        return f"cannot be built: {error}"
    return None


def _fault(metadata: _Metadata, job_type: str, reference: str, problem: str) -> str:
    owner = metadata.job_type_owner(job_type) or "a listener of Metadata"
    return f"The handler '{reference}' of job type '{job_type}' {problem.rstrip('.')} (registered by {owner})."
