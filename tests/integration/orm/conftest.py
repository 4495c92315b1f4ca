"""The data layer on a database file of its own, with metadata and modules that a test writes."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import core
from core.config import Config
from core.config.database_url import dialect_of, with_driver
from core.container import Container
from core.events import EventManager
from core.job_queue.announcement import AnnouncementListener, Announcer
from core.job_queue.queue import JobQueue
from core.metadata import Layer, Metadata
from core.orm import ClassFinder, Database, EntityManager, Schema
from tests.database_kinds import parametrize_kinds
from tests.databases import Servers

CORE = Path(core.__file__).parent


class DataLayer:
    """Define entities and modules first, then use `entities`, the EntityManager."""

    def __init__(self, root: Path, url: str | None = None) -> None:
        self.root = root
        self.url = with_driver(url or f"sqlite:///{root}/atro.sqlite")
        self.database = Database(self.url)
        self._announcer = Announcer(root)
        self._modules: list[str] = []

    def define(
        self, entity: str, fields: dict[str, Any], scope: dict[str, Any] | None = None, **definition: Any
    ) -> None:
        """An entity by JSON alone, as `data/metadata` has it."""
        self.write(f"metadata/entityDefs/{entity}.json", {"fields": fields, **definition})
        self.write(f"metadata/scopes/{entity}.json", {"entity": True, **(scope or {})})

    def define_job_type(self, name: str, **settings: Any) -> None:
        self.write("metadata/app/jobTypes.json", {name: {"handler": "nowhere.Nothing", **settings}})

    def add_module(self, name: str, files: dict[str, str]) -> None:
        """A package with `Listeners/`, `Entities/`, `Repositories/`."""
        for path, source in files.items():
            self.write(f"modules/{name}/{path}", textwrap.dedent(source))
        self._modules.append(name)

    def write(self, path: str, content: Any) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))

    @cached_property
    def schema(self) -> Schema:
        layers = [Layer("core", CORE / "Resources" / "metadata"), Layer("data/metadata", self.root / "metadata")]
        self.metadata = Metadata(layers, self.root / "cache")
        schema = Schema(self.metadata, dialect=dialect_of(self.url))
        self.database.on_first_use(schema.is_current, schema.ensure)
        return schema

    @cached_property
    def entities(self) -> EntityManager:
        container = Container()
        queue = JobQueue(self.database, self.schema, self._announcer, self.metadata, node="here")
        container.set_service("jobQueue", queue)
        container.set_service("metadata", self.metadata)
        container.set_service("config", Config(self.root))
        events = EventManager(container.build, strict=True)
        packages = [("core", CORE)]
        for name in self._modules:
            path = self.root / "modules" / name
            events.add_directory(name, path / "Listeners", f"{name}.Listeners")
            packages.append((name, path))
        entities = EntityManager(self.database, self.schema, events, ClassFinder(packages), container)
        container.set_service("entityManager", entities)
        return entities

    def new_job(self, **values: Any) -> Any:
        job = self.entities.get_entity("Job")
        job.set({"name": "Work", "type": "ClearEntities", **values})
        return job

    def saved_job(self, **values: Any) -> Any:
        job = self.new_job(**values)
        self.entities.save_entity(job)
        return job

    def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows as the driver gives them, read past the data layer."""
        with self.database.snapshot() as connection:
            return [
                dict(row) for row in connection.exec_driver_sql(*self._with_marks(statement, parameters)).mappings()
            ]

    def execute(self, statement: str, *parameters: Any) -> None:
        """A write past the data layer."""
        with self.database.write() as connection:
            connection.exec_driver_sql(*self._with_marks(statement, parameters))

    def _with_marks(self, statement: str, parameters: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        """A parameter is `?`, whatever the driver says."""
        if self.url.startswith("sqlite") or not parameters:
            return statement, parameters
        return statement.replace("%", "%%").replace("?", "%s"), parameters

    def close(self) -> None:
        self.database.close()
        self._announcer.close()
        for name in [each for each in sys.modules if each.split(".")[0] in self._modules]:
            del sys.modules[name]
        for name in [each for each in sys.modules if each.split(".")[0] in self._modules]:
            del sys.modules[name]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    parametrize_kinds(metafunc, "data_kind")


@pytest.fixture
def data(data_kind: str, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataLayer]:
    monkeypatch.syspath_prepend(tmp_path / "modules")
    with servers.new_database(data_kind, tmp_path) as url:
        layer = DataLayer(tmp_path, url)
        yield layer
        layer.close()


@pytest.fixture
def announcements(data: DataLayer) -> Iterator[AnnouncementListener]:
    """What the job manager of this installation would hear."""
    listener = AnnouncementListener(data.root)
    yield listener
    listener.close()
