"""What jobs, listeners and commands extend, in a whole application."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from core.application import Application
from core.config import Config
from core.Console import AbstractConsole
from core.Entities import Job
from core.events import EventManager
from core.Jobs import AbstractJob, JobInterface
from core.language import Language
from core.Listeners import AbstractListener
from core.memory_storage import MemoryStorage
from core.metadata import Metadata
from core.module_manager import ModuleManager
from core.orm import Database, EntityManager
from core.Services import ServiceFactory
from core.templating import Twig
from core.testing import Installation

NOTIFICATION = {
    "Resources/metadata/scopes/Notification.json": {"entity": True, "type": "Base"},
    "Resources/metadata/entityDefs/Notification.json": {
        "fields": {name: {"type": "varchar"} for name in ("type", "relatedType", "relatedId", "message", "userId")}
    },
}


class Handler(AbstractJob, JobInterface):
    def run(self, job: Job) -> None: ...


class Command(AbstractConsole):
    @staticmethod
    def get_description() -> str:
        return "Do it."

    def run(self, params: dict[str, Any]) -> None: ...


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    with installation.application() as application:
        yield application


def make_job(application: Application, owner_id: str | None) -> Job:
    job = application.container.get("entityManager").get_entity("Job")
    job.set({"name": "x", "type": "x", "ownerUserId": owner_id})
    return job


@pytest.mark.parametrize(
    ("getter", "service"),
    [
        ("get_container", "container"),
        ("get_entity_manager", "entityManager"),
        ("get_metadata", "metadata"),
        ("get_event_manager", "eventManager"),
        ("get_service_factory", "serviceFactory"),
        ("get_config", "config"),
        ("get_language", "language"),
        ("get_memory_storage", "memoryStorage"),
        ("twig", "twig"),
        ("get_connection", "connection"),
        ("get_twig", "twig"),
    ],
)
def test_a_getter_answers_the_container_s_service(application: Application, getter: str, service: str) -> None:
    bases = [base for base in (Handler, AbstractListener, Command) if hasattr(base, getter)]

    assert bases
    for base in bases:
        assert getattr(application.container.build(base), getter)() is application.container.get(service)


@pytest.mark.parametrize(
    ("cls", "service"),
    [
        (Config, "config"),
        (Database, "connection"),
        (EntityManager, "entityManager"),
        (EventManager, "eventManager"),
        (Language, "language"),
        (MemoryStorage, "memoryStorage"),
        (Metadata, "metadata"),
        (ModuleManager, "moduleManager"),
        (ServiceFactory, "serviceFactory"),
        (Twig, "twig"),
    ],
)
def test_a_service_can_be_had_by_its_class(application: Application, cls: type[Any], service: str) -> None:
    assert application.container.get(cls) is application.container.get(service)


@pytest.mark.parametrize("base", [Handler, AbstractListener, Command])
def test_the_user_is_the_system_user(application: Application, base: type[Any]) -> None:
    assert application.container.build(base).get_user().id == "system"


def test_a_job_translates(application: Application) -> None:
    job = application.container.build(Handler)

    assert job.translate("no such label") == "no such label"
    assert job.translate("status", "fields", "Job") == application.container.get("language").translate(
        "status", "fields", "Job"
    )


def test_a_job_without_run_cannot_be_made(application: Application) -> None:
    class Idle(AbstractJob, JobInterface):  # type: ignore[abstract] # the case
        pass

    with pytest.raises(TypeError, match="abstract method"):
        application.container.build(Idle)


def test_a_notification_goes_to_the_owner_of_the_job(installation: Installation) -> None:
    installation.add_module("Notes", NOTIFICATION)
    with installation.application() as application:
        job = make_job(application, "ada")
        application.container.build(Handler).create_notification(job, "Done.")

        [stored] = application.container.get("entityManager").get_repository("Notification").find()

    assert (stored.get("type"), stored.get("message"), stored.get("userId")) == ("Message", "Done.", "ada")
    assert (stored.get("relatedType"), stored.get("relatedId")) == ("Job", job.id)


@pytest.mark.parametrize(("owner_id", "lines"), [("ada", ["For user ada: Done."]), ("system", []), (None, [])])
def test_without_the_entity_a_notification_is_logged_and_the_system_user_gets_none(
    application: Application, caplog: pytest.LogCaptureFixture, owner_id: str | None, lines: list[str]
) -> None:
    job = make_job(application, owner_id)

    with caplog.at_level(logging.INFO, "atro"):
        application.container.build(Handler).create_notification(job, "Done.")

    assert caplog.messages == lines
