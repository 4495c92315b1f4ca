"""Layers of metadata on disk, old enough to be cached."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.events import EventManager
from core.metadata import CORE, OWN, Layer, Metadata

OLD_SECONDS = 60.0


def date_back(path: Path, seconds: float = OLD_SECONDS) -> None:
    """Gives a file the age in which the cache trusts it."""
    moment = clock.now().timestamp() - seconds
    os.utime(path, (moment, moment))


class Layers:
    """Directories of `core`, modules `A`, `B`, ... and `data/metadata`, in the order in which they are given."""

    def __init__(self, root: Path, owners: Sequence[str]) -> None:
        self.root = root
        self.layers = [Layer(owner, root / owner) for owner in owners]
        self.cache = root / "cache"

    def write(self, owner: str, path: str, content: Any) -> Path:
        """A file of a layer: text as it is, everything else as JSON."""
        file = self.root / owner / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        date_back(file)
        return file

    def register(self, owner: str, **job_types: Any) -> Path:
        """The layer's `app/jobTypes.json`."""
        return self.write(owner, "app/jobTypes.json", job_types)

    def load(self, event_manager: EventManager | None = None, cache_key_files: Sequence[Path] = ()) -> Metadata:
        """The metadata as a new process would see them."""
        return Metadata(self.layers, self.cache, event_manager, cache_key_files)


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path, [CORE, "A", "B", OWN])
