"""A module that was loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.module_manager.abstract_module import AbstractModule
from core.module_manager.manifest import Manifest


@dataclass(frozen=True)
class Module:
    """A module in its place in the load order; `package` is what its Python files are imported from."""

    id: str
    package: str
    path: Path
    manifest: Manifest
    load_order: int
    instance: AbstractModule

    @property
    def name(self) -> str:
        """The name for people; the id where the manifest has none."""
        return self.manifest.name or self.id

    @property
    def version(self) -> str | None:
        """The version, if the manifest has one."""
        return self.manifest.version

    @property
    def description(self) -> str | None:
        """A sentence, if the manifest has one."""
        return self.manifest.description

    @property
    def requires(self) -> tuple[str, ...]:
        """Ids of the modules that load before this one."""
        return self.manifest.requires
