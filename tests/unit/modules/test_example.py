"""The reference module works, and shows every way to extend once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.application import Application
from core.exceptions import Error
from core.module_manager import load_class
from core.testing import Installation

EXAMPLE = Path(__file__).parents[3] / "modules" / "Example"


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    shutil.copytree(EXAMPLE, installation.modules / "Example", ignore=shutil.ignore_patterns("__pycache__"))
    with Application(installation.root, strict=True) as application:
        yield application


def run(application: Application, payload: dict[str, Any]) -> str | None:
    job = application.container.get("entityManager").get_entity("Job")
    job.set({"name": "x", "type": "ExampleJob", "payload": payload})
    handler = application.container.get("metadata").get("app.jobTypes.ExampleJob.handler")
    application.container.build(load_class(handler)).run(job)
    message: str | None = job.get("message")
    return message


def test_the_job_greets_through_service_translation_and_listener(application: Application) -> None:
    assert run(application, {"name": "Ada"}) == "Hello, Ada!"
    assert run(application, {}) == "Hello, World!"


def test_the_job_fails_with_a_sentence(application: Application) -> None:
    with pytest.raises(Error, match="The name in the payload is 5"):
        run(application, {"name": 5})


def test_the_command_greets(application: Application, capsys: pytest.CaptureFixture[str]) -> None:
    assert application.run(["example", "greet", "Ada"]) == 0
    assert capsys.readouterr().out == "Hello, Ada!\n"


def test_it_greets_in_german(installation: Installation) -> None:
    shutil.copytree(EXAMPLE, installation.modules / "Example")
    installation.write_config(language="de_DE")
    with installation.application() as application:
        assert run(application, {"name": "Ada"}) == "Hallo, Ada!"


def test_its_page_names_every_file(application: Application) -> None:
    page = (EXAMPLE / "docs" / "index.md").read_text().replace("<locale>", "en_US")
    files = [
        path for path in EXAMPLE.rglob("*") if path.suffix in {".py", ".json", ".yaml"} and "de_DE" not in path.parts
    ]

    assert [path for path in files if f"`{path.relative_to(EXAMPLE)}`" not in page] == []
