"""How one layer of JSON comes on top of another: AtroCore's two merges, quirks included.

Both leave what they are given unchanged; what they answer shares parts with it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from core.exceptions import MetadataError

#: A list with this item is added to the one beneath instead of replacing it.
APPEND = "__APPEND__"

_INTEGER_KEY = re.compile(r"0|-?[1-9][0-9]*")

#: An array as the original's language has it: a list is one whose keys count from 0.
_PhpArray = dict[int | str, Any]


@dataclass(frozen=True)
class Conflict:
    """A value that cannot be merged onto what lies beneath it, and where."""

    path: tuple[str, ...]
    base_type: str
    overlay_type: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.overlay_type} cannot be merged onto {self.base_type}"


def merge(base: Any, overlay: Any) -> Any:
    """The metadata merge (`DataUtil::merge`): objects key by key, lists replaced or appended, scalars overwritten.

    Raises MetadataError that names path and types where the two do not fit.
    """
    conflicts: list[Conflict] = []
    merged = merge_and_collect(base, overlay, conflicts)
    if conflicts:
        raise MetadataError("\n".join(map(str, conflicts)))
    return merged


def merge_and_collect(base: Any, overlay: Any, conflicts: list[Conflict], path: tuple[str, ...] = ()) -> Any:
    """As `merge`, but conflicts go into the list, and there the base stays as it is."""
    if is_empty(base) and is_empty(overlay):
        return [] if isinstance(base, list) or isinstance(overlay, list) else overlay
    if isinstance(overlay, dict):
        return _merge_object(base, overlay, conflicts, path)
    if isinstance(overlay, list):
        return _merge_list(base, overlay, conflicts, path)
    return overlay


def _merge_object(base: Any, overlay: dict[str, Any], conflicts: list[Conflict], path: tuple[str, ...]) -> Any:
    if is_empty(base):
        base = {}
    if not isinstance(base, dict):
        if overlay:
            conflicts.append(Conflict(path, type_name(base), type_name(overlay)))
        return base
    merged = dict(base)
    for key, value in overlay.items():
        if merged.get(key) is None:
            merged[key] = _without_marker(value)
        else:
            merged[key] = merge_and_collect(merged[key], value, conflicts, (*path, key))
    return merged


def _merge_list(base: Any, overlay: list[Any], conflicts: list[Conflict], path: tuple[str, ...]) -> Any:
    # The original searches the marker with a loose comparison, which `true` passes: lists with a true are appended.
    if not any(item is True or item == APPEND for item in overlay):
        return overlay
    added = [item for item in overlay if item != APPEND]
    if is_empty(base):
        return added
    if isinstance(base, list):
        return base + added
    if isinstance(base, dict):
        return _appended_to_object(base, added)
    if added:
        conflicts.append(Conflict(path, type_name(base), type_name(overlay)))
    return base


def _appended_to_object(base: dict[str, Any], items: list[Any]) -> Any:
    """The items get the next integer keys; an object whose keys then count from 0 becomes a list."""
    array = _with_integers(base)
    first = max((key + 1 for key in array if isinstance(key, int) and key >= 0), default=0)
    array |= dict(enumerate(items, start=first))
    if list(array) == list(range(len(array))):
        return list(array.values())
    return {str(key): value for key, value in array.items()}


def _without_marker(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_marker(item) for item in value if item != APPEND]
    if isinstance(value, dict):
        return {key: _without_marker(item) for key, item in value.items() if item != APPEND}
    return value


def is_empty(value: Any) -> bool:
    """What the original takes for nothing: null, false, 0, "", "0" and the empty list; an object never is."""
    return value in (None, 0, "", "0", [])


def type_name(value: Any) -> str:
    """The type of a JSON value with its article, for messages: `an object`, `a list`, `a string`."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a bool", int: "an int", float: "a float"}
    return names.get(type(value), "null")


def merge_arrays(base: Any, *overlays: Any) -> Any:
    """The merge of translations and of own settings (`Util::merge`), which never fails.

    To it a list is an object with the keys 0, 1, 2: an object with just these keys comes back as a list.
    """
    merged = _to_php(base)
    for overlay in overlays:
        merged = _merge_php(merged, _to_php(overlay))
    return _from_php(merged)


def _merge_php(base: Any, overlay: Any) -> Any:
    if not _is_array(base) or not _is_array(overlay):
        return next((value for value in (base, overlay) if _is_array(value)), {})
    if not overlay:
        return base
    merged = dict(base)
    for key, value in overlay.items():
        current = merged.get(key)
        if current is None:
            merged[key] = _without_marker_php(value)
        elif _is_array(current) and _is_array(value):
            merged[key] = _merge_array(current, value)
        else:
            merged[key] = value
    return merged


def _merge_array(current: _PhpArray, overlay: _PhpArray) -> Any:
    if overlay and APPEND in overlay.values():
        return _concatenated(current, [(key, value) for key, value in overlay.items() if value != APPEND])
    if _is_list_like(current) and _is_list_like(overlay):
        return overlay
    return _merge_php(current, overlay)


def _concatenated(array: _PhpArray, items: list[tuple[int | str, Any]]) -> _PhpArray:
    """Integer keys are numbered anew, string keys overwrite."""
    numbers = itertools.count()
    merged: _PhpArray = {}
    for key, value in [*dict(array).items(), *items]:
        merged[key if isinstance(key, str) else next(numbers)] = value
    return merged


def _without_marker_php(value: Any) -> Any:
    if not value or not _is_array(value):
        return value
    kept: _PhpArray = {key: _without_marker_php(item) for key, item in value.items() if item != APPEND}
    # The original numbers what is left anew, and so loses the string keys.
    return kept if len(kept) == len(value) else dict(enumerate(kept.values()))


def _is_array(value: Any) -> bool:
    return isinstance(value, dict | list)


def _is_list_like(array: _PhpArray) -> bool:
    return all(isinstance(key, int) for key in array)


def _to_php(value: Any) -> Any:
    """Only the empty list stays a list, so that it comes back as one."""
    if value and isinstance(value, list):
        return {index: _to_php(item) for index, item in enumerate(value)}
    if isinstance(value, dict):
        return {key: _to_php(item) for key, item in _with_integers(value).items()}
    return value


def _from_php(value: Any) -> Any:
    if not value or not isinstance(value, dict):
        return value
    if list(value) == list(range(len(value))):
        return [_from_php(item) for item in value.values()]
    return {str(key): _from_php(item) for key, item in value.items()}


def _with_integers(value: dict[str, Any]) -> _PhpArray:
    return {int(key) if _INTEGER_KEY.fullmatch(key) else key: item for key, item in value.items()}
