"""A file `<Scope>/<layout>.json` with a layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.exceptions import MetadataError
from core.layouts.layout_kind import kind_of
from core.metadata.json_reader import load_json
from core.metadata.judge import judge


def read_layout(directory: Path, scope: str, view_type: str) -> list[Any] | None:
    """The layout of a file, or None where there is no such file.

    Raises MetadataError that names the file and all that is wrong with it.
    """
    file = directory / scope / f"{view_type}.json"
    if not file.is_file():
        return None
    layout = load_json(file)
    if not isinstance(layout, list):
        raise MetadataError(f"{file}: a layout is a list, and this is none.")
    kind = kind_of(view_type)
    if kind is not None and (problems := judge(layout, kind.schema, file)):
        raise MetadataError("\n".join(problems))
    return layout


def layouts_in(directory: Path) -> Iterator[tuple[str, str]]:
    """Scope and layout of each file of a folder."""
    for file in sorted(directory.glob("*/*.json")):
        yield file.parent.name, file.stem
