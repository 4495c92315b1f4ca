"""Roots with modules, and managers that are closed when the test ends."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from core.module_manager import ModuleManager

AddModule = Callable[..., Path]
Load = Callable[..., ModuleManager]


@pytest.fixture
def add_module(tmp_path: Path) -> AddModule:
    """Writes `modules/<id>/`; `files` maps paths to texts, `manifest` is what `module.yaml` says, as JSON."""

    def add(module_id: str, files: dict[str, str] | None = None, root: Path = tmp_path, **manifest: Any) -> Path:
        folder = root / "modules" / module_id
        texts = {**(files or {}), **({"module.yaml": json.dumps(manifest)} if manifest else {})}
        folder.mkdir(parents=True)
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(text))
        return folder

    return add


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Makes the module manager of a root, `tmp_path` if no other is given."""
    with ExitStack() as managers:

        def load(root: Path = tmp_path, **options: Any) -> ModuleManager:
            manager = ModuleManager(root, **options)
            managers.callback(manager.close)
            return manager

        yield load
