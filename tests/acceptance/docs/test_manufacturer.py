"""docs/manufacturer.md: the module that it builds, built from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from core.application import Application
from core.exceptions import BadRequest, Conflict
from core.testing import Installation

PAGE = (Path(__file__).parents[3] / "docs/manufacturer.md").read_text()
FILE = re.compile(r"^`((?:modules|data)/[^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def piece(with_text: str) -> str:
    """The block of the page that has this text."""
    return next(
        found for found in re.findall(r"^```\w*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if with_text in found
    )


@pytest.fixture
def catalog(installation: Installation) -> Installation:
    """The installation as the page builds it."""
    for path, content in FILE.findall(PAGE):
        file = installation.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return installation


def fill(application: Application) -> Any:
    job = application.container.get("entityManager").get_entity("Job")
    job.set({"name": "Fill", "type": "FillCatalog"})
    from Catalog.Jobs.FillCatalog import FillCatalog  # type: ignore[import-not-found]  # the module of the page

    FillCatalog(application.container).run(job)
    return job


def test_check_finds_nothing_wrong(catalog: Installation) -> None:
    checked = catalog.console("check")

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.proof
def test_the_job_fills_the_catalog(catalog: Installation) -> None:
    catalog.start_job_manager()
    job_id = catalog.console("job", "add", "FillCatalog").stdout.strip()

    assert catalog.console("job", "wait", job_id).returncode == 0
    assert catalog.job(job_id)["message"] == "1 products of Acme."


def test_the_questions_have_the_answers_of_the_page(catalog: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    questions = piece("german = ")
    with catalog.application() as application:
        fill(application)
        exec(questions, {"entities": application.container.get("entityManager")})

    printed = capsys.readouterr().out.splitlines()
    told = re.findall(r"^ *print\(.*?\)(?:  # (.*))?$", questions, re.MULTILINE)
    assert len(printed) == len(told)
    assert [line for line, answer in zip(printed, told, strict=True) if answer] == [each for each in told if each]


def test_all_that_is_wrong_is_told_at_once(catalog: Installation) -> None:
    with catalog.application() as application:
        with pytest.raises(BadRequest) as told:
            exec(piece('"toolongforacode"'), {"entities": application.container.get("entityManager")})
        count = application.container.get("entityManager").get_repository("Manufacturer").count()

    assert str(told.value).splitlines() == piece("name = None is required").splitlines()
    assert count == 0


def test_rules_of_the_module_hold(catalog: Installation) -> None:
    with catalog.application() as application:
        fill(application)
        entities = application.container.get("entityManager")
        manufacturers, products = (entities.get_repository(name) for name in ("Manufacturer", "CatalogProduct"))
        acme = manufacturers.where({"code": "ACME"}).find_one()
        assert [each.id for each in manufacturers.with_cheap_products(500).find()] == [acme.id]
        assert manufacturers.with_cheap_products(499).count() == 0
        with pytest.raises(BadRequest, match="Acme still has products"):
            entities.remove_entity(acme)
        bike = products.find_one()
        bike.set("isActive", False)
        entities.save_entity(bike)
        with pytest.raises(BadRequest, match="Bike is not active, and comes into no category"):
            products.relate(bike, "categories", entities.get_repository("CatalogCategory").find_one())


def test_two_people_who_change_the_same_are_told(catalog: Installation) -> None:
    with catalog.application() as application:
        fill(application)
        entities = application.container.get("entityManager")
        acme, same = (entities.get_repository("Manufacturer").find_one() for _ in range(2))
        same.set("name", "Acme & Sons")
        entities.save_entity(same)
        acme.set("country", "FR")
        with pytest.raises(Conflict):
            exec(piece("check_version"), {"entities": entities, "acme": acme})
        entities.save_entity(acme)

        saved = entities.get_entity("Manufacturer", acme.id)
        assert (saved.get("name"), saved.get("country")) == ("Acme & Sons", "FR")


def test_a_schedule_of_core_has_the_link_of_the_module(catalog: Installation) -> None:
    with catalog.application() as application:
        fill(application)
        entities = application.container.get("entityManager")
        schedule = entities.get_entity("ScheduledJob")
        acme = entities.get_repository("Manufacturer").find_one()
        schedule.set({"name": "Nightly", "type": "FillCatalog", "scheduling": "0 2 * * *", "manufacturerId": acme.id})
        entities.save_entity(schedule)

        found = entities.get_repository("ScheduledJob").where({"manufacturer.name": "Acme"}).find()
        assert [each.get("manufacturerName") for each in found] == ["Acme"]


def test_reference_data_are_read_from_the_file(catalog: Installation) -> None:
    with catalog.application() as application:
        currencies = application.container.get("entityManager").get_repository("CatalogCurrency")

        assert [each.get("name") for each in currencies.order("code").find()] == ["Euro", "Złoty"]
