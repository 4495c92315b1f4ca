"""The installation's own metadata, `data/metadata/<section>/<Name>.json`: changed in memory, then saved."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.exceptions import MetadataError
from core.metadata.atomic_write import write_atomically
from core.metadata.json_reader import load_json
from core.metadata.merge import merge_arrays
from core.metadata.value_path import KeyPath, as_keys, prune_at

Change = Callable[[Any], Any]


class OwnMetadata:
    """Changes that wait for `save`, in the order in which they were asked for."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._changes: list[tuple[str, str, Change]] = []

    def set(self, section: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """Merge `data` into what the file says, and answer it as JSON; MetadataError for what is no object of JSON."""
        copy = _as_json(section, name, data)
        self._add(section, name, lambda content: merge_arrays(content, copy))
        return copy

    def delete(self, section: str, name: str, paths: Sequence[KeyPath]) -> None:
        """Take keys out of the file, and what this leaves empty; what the layers beneath say of them is not touched."""

        def without(content: Any) -> Any:
            for path in paths:
                prune_at(content, as_keys(path))
            return content

        self._add(section, name, without)

    def save(self) -> None:
        """Write all changes, each file at once and whole; others' changes to the files are kept.

        Raises MetadataError where a file is broken or was written by hand in YAML: it stays as it is.
        """
        try:
            with self._lock() as directory:
                while self._changes:
                    section, name, change = self._changes[0]
                    self._write(directory / section / f"{name}.json", change)
                    self._changes.pop(0)
        except OSError as error:
            raise MetadataError(f"Own metadata cannot be saved: {error}") from error

    def _add(self, section: str, name: str, change: Change) -> None:
        for part in (section, name):
            if not part or part.startswith(".") or "/" in part or "\0" in part:
                raise MetadataError(f"{part!r} cannot be the name of a file or directory of metadata.")
        self._changes.append((section, name, change))

    @contextmanager
    def _lock(self) -> Iterator[Path]:
        """One writer at a time, so that two who save at once both have their changes in the file."""
        if self._directory is None:
            raise MetadataError("There is no layer of own metadata to save to.")
        self._directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield self._directory
        finally:
            os.close(handle)

    def _write(self, path: Path, change: Change) -> None:
        for twin in (path.with_suffix(".yaml"), path.with_suffix(".yml")):
            if twin.exists():
                raise MetadataError(f"{twin} was written by hand: change it by hand, or turn it into {path.name}.")
        content = change(load_json(path) if path.exists() else {})
        if not content:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, json.dumps(content, ensure_ascii=False, indent=4) + "\n")


def _as_json(section: str, name: str, data: Any) -> dict[str, Any]:
    """A copy of the data as it would be read from the file."""
    if not isinstance(data, dict):
        raise MetadataError(f"{section}.{name} cannot be set to {data!r}: it has to be an object (a dict).")
    try:
        copy: dict[str, Any] = json.loads(json.dumps(data, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise MetadataError(f"{section}.{name} cannot be set to what is not JSON: {error}.") from error
    return copy
