"""The layers that metadata come from, and which files they have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from core.exceptions import MetadataError

#: The first layer, and the last one: the installation's own settings.
CORE = "core"
OWN = "data/metadata"

_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Layer:
    """A directory of metadata (or translations) and whose it is: `CORE`, a module's id, or `OWN`."""

    owner: str
    directory: Path


class SourceFile(NamedTuple):
    """A file as it was when it was listed; size and modification are -1 where it cannot be looked at."""

    path: str
    name: str
    size: int
    modified_ns: int

    @property
    def key(self) -> str:
        """What the file's content is filed under: `Job` for `Job.json` (but `UP.JSON` for that one, as in AtroCore)."""
        for suffix in (".json", *_YAML):
            if self.name.endswith(suffix):
                return self.name.removesuffix(suffix)
        return self.name

    @property
    def is_yaml(self) -> bool:
        """Whether it is written in YAML."""
        return self.name.endswith(_YAML)


class Folder(NamedTuple):
    """A directory's files and folders in the order of their names' bytes; empty where there is no such directory."""

    path: str
    name: str
    entries: tuple[SourceFile | Folder, ...]

    def files(self) -> Iterator[SourceFile]:
        """All files, those of the folders in it included."""
        for entry in self.entries:
            if isinstance(entry, Folder):
                yield from entry.files()
            else:
                yield entry


def list_folder(path: Path, depth: int = 1) -> Folder:
    """What JSON and YAML files a directory has, `depth` levels below it included; hidden ones are not for us.

    Raises MetadataError for a directory that may not be read.
    """
    return _list(os.fspath(path), path.name, depth)


def look_at(file: Path | os.DirEntry[str]) -> SourceFile:
    """A file's present state; costs one `stat`."""
    try:
        state = file.stat()
    except OSError:
        return SourceFile(os.fspath(file), file.name, -1, -1)
    return SourceFile(os.fspath(file), file.name, state.st_size, state.st_mtime_ns)


def _list(path: str, name: str, depth: int) -> Folder:
    try:
        with os.scandir(path) as listing:
            found = sorted(listing, key=lambda entry: os.fsencode(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        found = []
    except OSError as error:
        raise MetadataError(f"{path}: {error.strerror}") from error
    entries: list[SourceFile | Folder] = []
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if depth > 0:
                entries.append(_list(entry.path, entry.name, depth - 1))
        elif entry.name.endswith(_YAML) or entry.name.lower().endswith(".json"):
            entries.append(look_at(entry))
    return Folder(path, name, tuple(entries))
