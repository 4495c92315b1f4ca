"""One layer's directory as one object, as AtroCore's unifier makes it: `<section>/<Name>.json` is `section.Name`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.exceptions import MetadataError
from core.metadata.json_reader import load_json
from core.metadata.layer import Folder, Layer, SourceFile
from core.metadata.merge import is_empty, type_name
from core.metadata.value_path import as_keys, remove_at

#: A file that takes keys out of the other files of its own directory.
UNSET = "unset"


@dataclass
class Reading:
    """What a layer says, which file says it, and what is wrong with the files.

    `problems`: files that are broken count as `{}`, as in AtroCore. `errors`: what can be read in two ways.
    """

    layer: Layer
    unset_by_scope: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    files: dict[tuple[str, ...], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def file_of(self, keys: Sequence[str]) -> str:
        """The file in which the value at these keys stands; the directory, where it is none of a file's."""
        path = tuple(keys)
        found = (self.files.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), str(self.layer.directory))


def read_layer(layer: Layer, folder: Folder, *, unset_by_scope: bool = False) -> Reading:
    """Reads what was listed; never fails for what stands in the files."""
    reading = Reading(layer, unset_by_scope)
    reading.data = _read_folder(folder, (), reading)
    return reading


def _read_folder(folder: Folder, keys: tuple[str, ...], reading: Reading) -> dict[str, Any]:
    content: dict[str, Any] = {}
    unset: list[list[str]] = []
    seen: dict[str, SourceFile] = {}
    for entry in folder.entries:
        if isinstance(entry, Folder):
            content[entry.name] = _read_folder(entry, (*keys, entry.name), reading)
        elif entry.key in seen:
            reading.errors.append(
                f"{entry.path}: {seen[entry.key].name} in the same directory is of the same name; keep one of the two"
            )
        else:
            seen[entry.key] = entry
            document = _read_file(entry, reading)
            if entry.key == UNSET:
                unset = _paths_to_unset(document, entry, reading)
            elif not is_empty(document):
                if entry.key in content:
                    _forget_files(reading, (*keys, entry.key))
                reading.files[(*keys, entry.key)] = entry.path
                content[entry.key] = document
    for path in unset:
        remove_at(content, path)
    return content


def _forget_files(reading: Reading, keys: tuple[str, ...]) -> None:
    """`app.json` beside the directory `app` replaces all that stands in it."""
    reading.files = {path: file for path, file in reading.files.items() if path[: len(keys)] != keys}


def _read_file(file: SourceFile, reading: Reading) -> Any:
    try:
        document = _load(file, reading)
    except MetadataError as error:
        reading.problems.append(f"{error} (nothing of the file is used)")
        return {}
    if document is None:
        reading.problems.append(f"{file.path}: the file is blank")
        return {}
    if file.key != UNSET and not isinstance(document, dict):
        reading.problems.append(f"{file.path}: {type_name(document)} stands here; it has to be an object")
    return document


def _load(file: SourceFile, reading: Reading) -> Any:
    if file.is_yaml:
        from core.metadata.yaml_reader import load_yaml  # loading PyYAML takes 40 ms, and most metadata is JSON

        return load_yaml(Path(file.path))
    return load_json(
        Path(file.path),
        lambda line, key: reading.problems.append(
            f"{file.path}:{line}: the key '{key}' stands here a second time; the last one counts"
        ),
    )


def _paths_to_unset(document: Any, file: SourceFile, reading: Reading) -> list[list[str]]:
    """Dotted paths or lists of keys; `{"Scope": ["labels.x"]}` is for translations only."""
    if document == {}:
        return []
    if isinstance(document, dict) and reading.unset_by_scope:
        document = [f"{scope}.{path}" for scope, paths in document.items() for path in _as_list(paths)]
    if not isinstance(document, list) or not all(path and isinstance(path, str | list) for path in document):
        reading.problems.append(f'{file.path}: it has to be a list of paths such as "Job.fields.message"')
        return []
    return [as_keys(path) for path in document]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
