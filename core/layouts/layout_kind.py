"""Kinds of layouts: what they are made of, and what in them names a field or a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.layouts.scope_fields import ScopeFields

Layout = list[Any]


@dataclass(frozen=True)
class LayoutKind:
    """`schema` judges a layout. `names` are those in it that have to be known, `keep` leaves these out.

    `known` are the names that a scope has for it.
    """

    schema: str
    known: Callable[[ScopeFields], Mapping[str, Any]]
    names: Callable[[Layout], Iterator[str]]
    keep: Callable[[Layout, Callable[[str], bool]], Layout]


def kind_of(view_type: str) -> LayoutKind | None:
    """The kind of `list`, `listSmall`, `detail`, `relationships` and their like; None for a module's own."""
    if view_type in KINDS:
        return KINDS[view_type]
    return next((kind for beginning, kind in BEGINNINGS.items() if view_type.startswith(beginning)), None)


def _name(item: Any) -> str:
    """The name of a column, cell or panel, which may be a text by itself."""
    return str(item["name"]) if isinstance(item, Mapping) else str(item)


def _names_of_columns(layout: Layout) -> Iterator[str]:
    # A view draws what it likes: it need not be that of a field.
    return (_name(column) for column in layout if "view" not in column)


def _keep_columns(layout: Layout, is_known: Callable[[str], bool]) -> Layout:
    return [column for column in layout if "view" in column or is_known(_name(column))]


def _names_of_panels(layout: Layout) -> Iterator[str]:
    cells = (cell for panel in layout for row in panel["rows"] for cell in row if cell)
    return (_name(cell) for cell in cells if "view" not in cell)


def _keep_panels(layout: Layout, is_known: Callable[[str], bool]) -> Layout:
    """A cell that goes leaves its place free; rows without a cell go, and panels without a row."""

    def keep_row(row: list[Any]) -> list[Any]:
        return [cell if cell and ("view" in cell or is_known(_name(cell))) else False for cell in row]

    panels = [{**panel, "rows": [row for row in map(keep_row, panel["rows"]) if any(row)]} for panel in layout]
    return [panel for panel in panels if panel["rows"]]


def _names_of_items(layout: Layout) -> Iterator[str]:
    return map(_name, layout)


def _keep_items(layout: Layout, is_known: Callable[[str], bool]) -> Layout:
    return [item for item in layout if is_known(_name(item))]


_COLUMNS = LayoutKind("layoutColumns", lambda scope: scope.fields, _names_of_columns, _keep_columns)
_PANELS = LayoutKind("layoutPanels", lambda scope: scope.fields, _names_of_panels, _keep_panels)
_FIELDS = LayoutKind("layoutNames", lambda scope: scope.fields, _names_of_items, _keep_items)
_LINKS = LayoutKind("layoutNames", lambda scope: scope.links, _names_of_items, _keep_items)

KINDS = {"relationships": _LINKS, "filters": _FIELDS, "massUpdate": _FIELDS}
BEGINNINGS = {"list": _COLUMNS, "detail": _PANELS}
