"""Layouts of scopes that have no file for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.layouts.scope_fields import ScopeFields

#: How many columns a list has where there is no name to show.
_COLUMNS = 3
#: Fields that take a whole row.
_WIDE = {"text", "wysiwyg", "markdown", "array", "jsonObject", "jsonArray"}
_TO_MANY = {"linkMultiple"}
#: Columns of a list, by the type of the scope; those that it has.
_COLUMNS_BY_TYPE = {"ReferenceData": ("name", "code")}


def default_layout(view_type: str, scope: ScopeFields) -> list[Any]:
    """A list shows the name, or the first fields; a form all fields, two in a row; relationships are all links to many.

    Another layout is empty.
    """
    if view_type.startswith("list"):
        return _list(scope)
    if view_type.startswith("detail"):
        return [{"label": "Overview", "rows": list(_rows(scope))}]
    if view_type == "relationships":
        return [{"name": name} for name, link in scope.links.items() if link.get("type") == "hasMany"]
    return []


def _list(scope: ScopeFields) -> list[Any]:
    wanted = [name for name in _COLUMNS_BY_TYPE.get(scope.kind, ("name",)) if name in scope.fields]
    names = wanted or _fields(scope, "layoutListDisabled", _WIDE)[:_COLUMNS]
    return [{"name": name, **({"link": True} if index == 0 else {})} for index, name in enumerate(names)]


def _rows(scope: ScopeFields) -> Iterator[list[Any]]:
    row: list[Any] = []
    for name in _fields(scope, "layoutDetailDisabled", set()):
        is_wide = scope.fields[name].get("type") in _WIDE
        if row and is_wide:
            yield [*row, False]
            row = []
        if is_wide:
            yield [{"name": name, "fullWidth": True}]
            continue
        row.append({"name": name})
        if len(row) == 2:
            yield row
            row = []
    if row:
        yield [*row, False]


def _fields(scope: ScopeFields, disabled: str, without: set[str]) -> list[str]:
    left_out = _TO_MANY | without
    return [
        name
        for name, params in scope.fields.items()
        if name not in ("id", "deleted") and params.get("type") not in left_out and not params.get(disabled)
    ]
