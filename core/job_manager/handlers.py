"""From a job type to the class that handles it."""

from __future__ import annotations

from typing import Protocol

from core.exceptions import ClassReferenceError, Error
from core.Jobs import JobInterface
from core.module_manager.class_reference import load_class


class _Metadata(Protocol):
    def get(self, key: list[str], default: object = None) -> object: ...


def load_handler(metadata: _Metadata, job_type: str) -> type[JobInterface]:
    """The handler's class; raises Error with a text that says why there is none."""
    reference = metadata.get(["app", "jobTypes", job_type, "handler"])
    if not isinstance(reference, str) or not reference:
        raise Error(f"Type class for '{job_type}' does not exist.")
    name = f"The handler {reference!r} of job type '{job_type}'"
    try:
        handler = load_class(reference)
    except ClassReferenceError as error:
        raise Error(f"{name} {error}") from error
    if not issubclass(handler, JobInterface):
        raise Error(f"{name} does not implement JobInterface.")
    return handler


def check_handlers(metadata: _Metadata) -> list[str]:
    """What is wrong with the handlers of the registered job types; imports them all."""
    job_types = metadata.get(["app", "jobTypes"], {})
    complaints = []
    for job_type in job_types if isinstance(job_types, dict) else ():
        try:
            load_handler(metadata, job_type)
        except Error as error:
            complaints.append(str(error))
    return complaints
