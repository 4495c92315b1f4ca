"""The files in `Migrations/`."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path

from core.container import dependencies_of
from core.exceptions import ClassReferenceError, ContainerError, MigrationError, did_you_mean
from core.Migrations import AbstractMigration
from core.migrator.version import Version
from core.module_manager import load_class

_FOLDER = "Migrations"
# So much alike are a word and its misspelling.
_MISSPELT = 0.8


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One migration of a module; `place` is the module's place in the load order, core's is 0."""

    module: str
    package: str
    place: int
    version: Version
    file: Path

    def __str__(self) -> str:
        return f"{self.module} {self.version}"

    def load(self) -> type[AbstractMigration]:
        """The class; raises MigrationError, with the file, where it cannot be had or is no migration."""
        name = self.version.class_name
        try:
            cls = load_class(f"{self.package}.{_FOLDER}.{name}")
        except ClassReferenceError as error:
            raise MigrationError(f"{self.file}: the class '{name}' {error}") from error
        if not issubclass(cls, AbstractMigration):
            raise MigrationError(f"{self.file}: the class '{name}' has to extend core.Migrations.AbstractMigration.")
        if inspect.isabstract(cls):
            lacking = ", ".join(sorted(cls.__abstractmethods__))
            raise MigrationError(f"{self.file}: the class '{name}' is abstract: it lacks {lacking}.")
        try:
            dependencies_of(cls)
        except ContainerError as error:
            raise MigrationError(f"{self.file}: {error}") from error
        return cls


def find_migrations(module: str, package: str, path: Path, place: int) -> list[MigrationFile]:
    """The migrations of a module in order of version."""
    found = [
        MigrationFile(module, package, place, version, file)
        for file in _files(path)
        if (version := Version.of_file(file.stem))
    ]
    return sorted(found, key=lambda migration: migration.version)


def misnamed_files(path: Path) -> list[str]:
    """A sentence for each file of the folder whose name is none of a migration."""
    return [
        f"{file}: a migration's file is named V<major>Dot<minor>Dot<patch>.py, as V1Dot2Dot3.py."
        for file in _files(path)
        if Version.of_file(file.stem) is None
    ]


def misnamed_folders(path: Path) -> list[str]:
    """A sentence for each folder beside it that is named nearly the same: nobody looks into it."""
    folders = (each for each in sorted(path.iterdir()) if each.is_dir() and each.name != _FOLDER)
    return [
        f"{folder}: nobody looks into this folder. Did you mean '{_FOLDER}'?"
        for folder in folders
        if folder.name.lower() == _FOLDER.lower() or did_you_mean(folder.name, [_FOLDER], _MISSPELT)
    ]


def _files(path: Path) -> list[Path]:
    """Python files but for those that begin with `_`, and for the base class."""
    folder = path / _FOLDER
    files = folder.glob("*.py") if folder.is_dir() else ()
    return sorted(file for file in files if not file.name.startswith("_") and file.stem != AbstractMigration.__name__)
