"""Ways into a tree of metadata: `app.jobTypes.Rebuild`, or `["app", "jobTypes", "Rebuild"]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

KeyPath = str | Sequence[str]


def as_keys(path: KeyPath) -> list[str]:
    """The steps of a path; names with a dot in them need the list form."""
    return path.split(".") if isinstance(path, str) else [*map(str, path)]


def value_at(tree: Any, keys: Sequence[str]) -> Any:
    """What stands there, None where nothing does; a scalar on the way there is the answer (AtroCore's way)."""
    for key in keys:
        if isinstance(tree, dict):
            tree = tree.get(key)
        elif isinstance(tree, list):
            tree = tree[int(key)] if key.isdecimal() and int(key) < len(tree) else None
        if tree is None:
            return None
    return tree


def remove_at(tree: Any, keys: Sequence[str]) -> None:
    """Takes a key out of the tree, where it is there."""
    *way, last = keys
    for key in way:
        if not isinstance(tree, dict):
            return
        tree = tree.get(key)
    if isinstance(tree, dict):
        tree.pop(last, None)


def prune_at(tree: Any, keys: Sequence[str]) -> None:
    """Takes a key out of the tree, and the objects on the way to it that are empty then."""
    first, *rest = keys
    if not isinstance(tree, dict) or first not in tree:
        return
    if rest:
        prune_at(tree[first], rest)
    if not rest or tree[first] == {}:
        del tree[first]
