"""All layers merged into one tree, with what was noticed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.metadata.layer import Folder, Layer
from core.metadata.lint import lint
from core.metadata.merge import Conflict, merge_and_collect
from core.metadata.overrides import JobTypeHistory, Override
from core.metadata.reader import Reading, read_layer
from core.metadata.value_path import value_at


@dataclass
class Tree:
    """The merged data, and by whom each job type was registered and overridden.

    `errors` make it unusable: contents that do not fit together. `problems` do not.
    """

    data: dict[str, Any]
    owners: dict[str, str] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def build_tree(layers: Sequence[tuple[Layer, Folder]], *, with_core: bool = False) -> Tree:
    """Reads and merges all layers, judges those on top of core (and that one `with_core`), and collects all faults."""
    readings = [read_layer(layer, folder) for layer, folder in layers]
    tree = _merge(readings)
    tree.errors[:0] = [error for reading in readings for error in reading.errors]
    tree.problems += [problem for reading in readings for problem in reading.problems]
    tree.problems += lint(readings, tree.data, with_core=with_core)
    return tree


def _merge(readings: Sequence[Reading]) -> Tree:
    data: dict[str, Any] = {}
    history = JobTypeHistory()
    errors: list[str] = []
    for position, reading in enumerate(readings):
        conflicts: list[Conflict] = []
        merged = merge_and_collect(data, reading.data, conflicts)
        errors += [_explain(conflict, reading, readings[:position]) for conflict in conflicts]
        history.add(reading, data, merged)
        data = merged
    return Tree(data, history.owners, history.overrides, errors=errors)


def _explain(conflict: Conflict, reading: Reading, earlier: Sequence[Reading]) -> str:
    beneath = [found for found in earlier if value_at(found.data, conflict.path) is not None]
    file = beneath[-1].file_of(conflict.path) if beneath else "the layers beneath"
    return f"{reading.file_of(conflict.path)}: {conflict}, which is in {file}"
