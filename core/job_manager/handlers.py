"""From a job type to the class that handles it."""

from __future__ import annotations

import inspect
import os
import signal
import socket
from contextlib import suppress
from typing import Any, Protocol

from core.container import dependencies_of
from core.exceptions import ClassReferenceError, ContainerError, Error
from core.job_manager.leftover_children import die_with_parent
from core.Jobs import JobInterface
from core.module_manager.class_reference import load_class
from core.signature import wrong_method

# What a process that tries handlers says of one. An empty message would be the end of the process.
_LONGEST, _NOTHING = 65_536, b"\0"
_TRYING_SECONDS = 60.0


class _Metadata(Protocol):
    def get(self, key: list[str], default: object = None) -> object: ...

    def job_type_owner(self, job_type: str) -> str | None: ...


def load_handler(metadata: _Metadata, job_type: str) -> type[JobInterface]:
    """The handler's class, which can be built and run; raises Error with a text that says why there is none."""
    reference = _reference(metadata, job_type)
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
    complaints = (_complaint(metadata, job_type) for job_type in _types_with_handler(metadata))
    return [each for each in complaints if each is not None]


def try_handlers(metadata: _Metadata) -> dict[str, str]:
    """The same, by type, in a forked process, which a handler may end, or keep for ever.

    For a process without threads.
    """
    faults: dict[str, str] = {}
    left = _types_with_handler(metadata)
    while left:
        tried = _tried_in_child(metadata, left)
        faults |= {job_type: fault for job_type, fault in tried.items() if fault}
        left = left[len(tried) :]
    return faults


def names_handler(metadata: _Metadata, job_type: str) -> bool:
    """Whether the type is registered, with a handler that can be looked for."""
    return job_type in _types_with_handler(metadata)


def _tried_in_child(metadata: _Metadata, job_types: list[str]) -> dict[str, str | None]:
    """What is wrong with the handlers of these types, as far as the process came."""
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        try:
            die_with_parent(True)  # an import that hangs does not see that nobody waits any more
            for job_type in job_types:
                writer.sendall((_complaint(metadata, job_type) or "").encode(errors="replace")[:_LONGEST] or _NOTHING)
        finally:
            os._exit(0)
    writer.close()
    tried: dict[str, str | None] = {}
    reader.settimeout(_TRYING_SECONDS)
    how = f"takes over {_TRYING_SECONDS:g} s to be imported"
    with reader, suppress(TimeoutError):
        for job_type in job_types:
            if not (said := reader.recv(_LONGEST)):
                how = "ends the process that imports it"
                break
            tried[job_type] = None if said == _NOTHING else said.decode(errors="replace")
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if len(tried) < len(job_types):
        culprit = job_types[len(tried)]
        tried[culprit] = _fault(metadata, culprit, str(_reference(metadata, culprit)), how)
    return tried


def _complaint(metadata: _Metadata, job_type: str) -> str | None:
    try:
        load_handler(metadata, job_type)
    except Error as error:
        return str(error)
    return None


def _types_with_handler(metadata: _Metadata) -> list[str]:
    job_types = metadata.get(["app", "jobTypes"], {})
    entries = job_types.items() if isinstance(job_types, dict) else ()
    return [job_type for job_type, entry in entries if _names_handler(entry)]


def _reference(metadata: _Metadata, job_type: str) -> object:
    return metadata.get(["app", "jobTypes", job_type, "handler"])


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
