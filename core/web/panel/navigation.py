"""What stands in the side bar: the sections of `app/adminPanel.json`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.metadata import Metadata

#: Where metadata give none.
_ICON = "file"
_LAST = 1000.0


@dataclass(frozen=True)
class Item:
    """A page that the side bar leads to; `scope` is the entity that it is about, if it is about one."""

    address: str
    label: str
    icon: str
    scope: str | None
    description: str = ""


@dataclass(frozen=True)
class Section:
    """Items below a heading."""

    name: str
    label: str
    items: tuple[Item, ...]


def read_sections(metadata: Metadata, may_see: Callable[[str | None], bool]) -> list[Section]:
    """The sections by their `order`, without what `may_see(scope)` refuses, and without empty ones.

    Entities with `tab` in their scope, which no section has, follow in one of their own.
    """
    panel = _object(metadata.get(["app", "adminPanel"]))
    entries = sorted(
        ((name, entry) for name, entry in panel.items() if isinstance(entry, Mapping)),
        key=lambda each: (_order(each[1]), each[0]),
    )
    sections = [Section(name, str(entry.get("label") or name), tuple(_items(entry))) for name, entry in entries]
    named = {item.scope for section in sections for item in section.items}
    sections.append(Section("entities", "Entities", tuple(_entities(metadata, named))))
    seen = (
        Section(each.name, each.label, tuple(item for item in each.items if may_see(item.scope))) for each in sections
    )
    return [each for each in seen if each.items]


def _items(entry: Mapping[str, Any]) -> Iterator[Item]:
    items = entry.get("itemList")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping) and (address := _address(item)):
            scope = str(item["scope"]) if item.get("scope") else None
            label = str(item.get("label") or scope or address)
            yield Item(address, label, _icon(item.get("icon")), scope, str(item.get("description") or ""))


def _entities(metadata: Metadata, named: set[str | None]) -> Iterator[Item]:
    for scope, entry in _object(metadata.get(["scopes"])).items():
        is_shown = isinstance(entry, Mapping) and entry.get("entity") and entry.get("tab")
        if is_shown and scope not in named:
            icon = metadata.get(["clientDefs", scope, "iconClass"]) or "ph ph-table"
            yield Item(f"/{scope}", scope, _icon(icon), scope)


def _address(item: Mapping[str, Any]) -> str | None:
    """AtroCore's `#Job` is `/Job` here; an address of another machine is none."""
    url = str(item.get("url") or "")
    if url.startswith("#"):
        return f"/{url[1:].lstrip('/')}"
    return url if url.startswith("/") and not url.startswith("//") else None


def _icon(name: Any) -> str:
    """`clock` for AtroCore's `ph ph-clock`."""
    words = str(name or "").split()
    return words[-1].removeprefix("ph-") if words else _ICON


def _order(entry: Mapping[str, Any]) -> float:
    order = entry.get("order")
    return float(order) if isinstance(order, int | float) else _LAST


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
