"""`exchange rates import` and `exchange rates show`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.testing import Installation
from tests.integration.exchange_rates.rates import import_currency, write_rates


@pytest.fixture
def filled(installation: Installation, tmp_path: Path) -> Installation:
    file = write_rates(tmp_path, "Date,USD,JPY", "2020-01-03,1.1147,120", "2020-01-02,1.1193,121.75")
    with installation.application() as application:
        import_currency(application, file, "USD")
        import_currency(application, file, "JPY")
    return installation


def test_import_adds_a_job_and_prints_its_id(installation: Installation) -> None:
    finished = installation.console("exchange", "rates", "import", "--source=file")

    job = installation.job(finished.stdout.strip())
    assert finished.returncode == 0
    assert (job["type"], job["status"], job["payload"]) == ("ImportExchangeRates", "Pending", '{"source":"file"}')


def test_import_refuses_an_unknown_source(installation: Installation) -> None:
    finished = installation.console("exchange", "rates", "import", "--source=ftp")

    assert finished.returncode == 1
    assert "'ftp' is not one of ['auto', 'file', 'download']" in finished.stderr


def test_import_prints_the_job_as_json(installation: Installation) -> None:
    job = json.loads(installation.console("exchange", "rates", "import", "--json").stdout)

    assert (job["type"], job["status"]) == ("ImportExchangeRates", "Pending")


def test_show_prints_the_newest_rates_first(filled: Installation) -> None:
    finished = filled.console("exchange", "rates", "show", "usd")

    assert [line.split() for line in finished.stdout.splitlines()[1:]] == [
        ["2020-01-03", "1.1147"],
        ["2020-01-02", "1.1193"],
    ]


def test_show_prints_json(filled: Installation) -> None:
    finished = filled.console("exchange", "rates", "show", "USD", "--limit=1", "--json")

    assert json.loads(finished.stdout) == [{"currency": "USD", "date": "2020-01-03", "rate": 1.1147}]


def test_show_suggests_the_near_currency(filled: Installation) -> None:
    finished = filled.console("exchange", "rates", "show", "UDS")

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == "There are no exchange rates of 'UDS'. Did you mean 'USD'?\n"


def test_show_lists_the_currencies_where_none_is_near(filled: Installation) -> None:
    finished = filled.console("exchange", "rates", "show", "XXX")

    assert finished.stderr == "There are no exchange rates of 'XXX'. There are JPY, USD.\n"


def test_show_says_what_to_do_where_nothing_is_stored(installation: Installation) -> None:
    finished = installation.console("exchange", "rates", "show", "USD")

    assert finished.returncode == 1
    assert '"python console.py exchange rates import" imports them' in finished.stderr


def test_show_refuses_a_limit_that_is_no_number(filled: Installation) -> None:
    finished = filled.console("exchange", "rates", "show", "USD", "--limit=many")

    assert (finished.returncode, finished.stderr) == (1, "--limit needs a whole number, 1 or more, not 'many'.\n")


def test_the_name_of_the_job_is_in_the_language_of_the_installation(installation: Installation) -> None:
    installation.write_config(language="de_DE")

    job = json.loads(installation.console("exchange", "rates", "import", "--json").stdout)

    assert job["name"] == "Wechselkurse importieren"
