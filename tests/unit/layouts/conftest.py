"""`layouts`: a LayoutManager of core and the modules A and B in temporary folders, over two small entities."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.events import EventManager
from core.layouts import LayoutLayer, LayoutManager
from core.metadata import Layer, Metadata

Change = Callable[[str, str, Any], Any]

ENTITIES: dict[str, dict[str, Any]] = {
    "Article": {
        "fields": {
            "name": {"type": "varchar"},
            "price": {"type": "float"},
            "text": {"type": "wysiwyg"},
            "code": {"type": "varchar"},
            "brand": {"type": "link"},
            "tags": {"type": "linkMultiple"},
            "hidden": {"type": "varchar", "layoutDetailDisabled": True},
            "gone": None,
        },
        "links": {
            "brand": {"type": "belongsTo", "entity": "Brand"},
            "tags": {"type": "hasMany", "entity": "Tag", "foreign": "articles"},
        },
    },
    "ArticleTag": {
        "fields": {
            "note": {"type": "text"},
            "article": {"type": "link"},
            "tag": {"type": "link"},
            "secret": {"type": "varchar", "layoutListDisabled": True},
            "weight": {"type": "int"},
            "size": {"type": "int"},
        }
    },
    "Colour": {"fields": {"rgb": {"type": "varchar"}, "code": {"type": "varchar"}, "name": {"type": "varchar"}}},
}
SCOPES: dict[str, dict[str, Any]] = {
    "Article": {"entity": True, "type": "Base", "hasOwner": True},
    "ArticleTag": {"entity": True, "type": "Relation"},
    "Colour": {"entity": True, "type": "ReferenceData"},
    "Dashboard": {"entity": False},
}


@dataclass
class Layouts:
    """Writes layout files and hooks, and makes the manager that reads them."""

    root: Path
    changes: dict[str, Change] = field(default_factory=dict)
    owners: tuple[str, ...] = ("core", "A", "B")

    @property
    def manager(self) -> LayoutManager:
        layers = [LayoutLayer(owner, self.root / owner, self.changes.get(owner)) for owner in self.owners]
        events = EventManager(lambda cls: cls())
        events.add_directory("A", self.root / "listeners", f"listeners_of_{self.root.name}")
        metadata = Metadata([Layer("core", self.root / "metadata")], self.root / "cache")
        return LayoutManager(layers, self.root / "own", metadata, events)

    def write(self, owner: str, place: str, layout: Any) -> Path:
        file = self.root / owner / f"{place}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(layout if isinstance(layout, str) else json.dumps(layout))
        return file


@pytest.fixture
def layouts(tmp_path: Path) -> Layouts:
    layouts = Layouts(tmp_path)
    for section, entries in (("entityDefs", ENTITIES), ("scopes", SCOPES)):
        for name, entry in entries.items():
            layouts.write("metadata", f"{section}/{name}", entry)
    return layouts
