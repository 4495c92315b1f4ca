"""Splitting the import into one job for each currency."""

from __future__ import annotations

from typing import Any

import pytest

from core.application import Application
from core.Entities import Job
from core.exceptions import BadRequest
from core.job_manager.handlers import load_handler
from core.testing import Installation
from tests.integration.exchange_rates.rates import add_job, run_job


class Canceled:
    """A run that somebody has canceled."""

    def is_canceled(self) -> bool:
        return True

    def report_progress(self, done: float, total: float, text: str = "") -> None:
        """Nobody looks."""


def children(application: Application, **where: Any) -> list[Job]:
    repository = application.container.get("entityManager").get_repository("Job")
    return repository.where({"type": "ImportCurrencyRates", **where}).order("id").find()


def test_there_is_one_child_for_each_currency(application: Application) -> None:
    creator = run_job(application, add_job(application, "ImportExchangeRates"))

    made = children(application)
    payloads = [child.get_payload() for child in made]
    assert creator.get("message").startswith("41 currencies from ")
    assert len({payload["currency"] for payload in payloads}) == 41
    assert {payload["creatorId"] for payload in payloads} == {creator.id}
    assert made[0].get("name") == "Import rates of USD (1 out of 41)"


def test_the_children_are_released_together(application: Application) -> None:
    run_job(application, add_job(application, "ImportExchangeRates"))

    released = {(child.get("status"), child.get("executeTime")) for child in children(application)}
    assert [status for status, _ in released] == ["Pending"]


def test_the_children_inherit_priority_owner_and_schedule(application: Application) -> None:
    manager = application.container.get("entityManager")
    anna = manager.get_entity("User")
    anna.set({"id": "anna", "name": "Anna", "userName": "anna"})
    manager.save_entity(anna)
    values = {"priority": 42, "ownerUserId": "anna", "scheduledJobId": "nightly"}

    run_job(application, add_job(application, "ImportExchangeRates", **values))

    assert {name: children(application)[-1].get(name) for name in values} == values


def test_what_a_dead_run_left_awaiting_is_canceled(application: Application) -> None:
    creator = add_job(application, "ImportExchangeRates")
    payload = {"creatorId": creator.id, "currency": "USD", "file": "rates.zip"}
    leftover = add_job(application, "ImportCurrencyRates", status="Awaiting", payload=payload)

    run_job(application, creator)

    assert [child.id for child in children(application, status="Canceled")] == [leftover.id]
    assert len(children(application, status="Pending")) == 41


def test_the_awaiting_children_of_another_creator_are_left_alone(application: Application) -> None:
    payload = {"creatorId": "another", "currency": "USD", "file": "rates.zip"}
    add_job(application, "ImportCurrencyRates", status="Awaiting", payload=payload)

    run_job(application, add_job(application, "ImportExchangeRates"))

    assert len(children(application, status="Awaiting")) == 1


def test_a_canceled_creator_releases_nothing(application: Application) -> None:
    job = add_job(application, "ImportExchangeRates")
    job.run_context = Canceled()

    handler = load_handler(application.container.get("metadata"), "ImportExchangeRates")
    application.container.build(handler).run(job)

    assert {child.get("status") for child in children(application)} == {"Canceled"}


def test_an_unknown_source_in_the_settings_is_named(installation: Installation) -> None:
    installation.write_config(exchangeRates={"source": "ftp"})

    with installation.application() as application:
        job = run_job(application, add_job(application, "ImportExchangeRates"))

    assert job.get("message") == "There is no source 'ftp' of exchange rates; it is one of auto, file, download."


@pytest.mark.parametrize("source", ["ftp", 1, None])
def test_a_payload_with_another_source_is_refused(application: Application, source: object) -> None:
    with pytest.raises(BadRequest, match=r"payload.source"):
        add_job(application, "ImportExchangeRates", payload={"source": source})
