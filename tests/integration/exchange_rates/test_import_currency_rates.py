"""Storing the rates of one currency."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from core.application import Application
from core.job_manager.handlers import load_handler
from core.testing import Installation
from tests.integration.exchange_rates.rates import add_job, import_currency, stored, write_rates

# Inserts, as another import would, the rate that is about to be saved.
FASTER_IMPORT = """\
import sqlite3
from contextlib import closing

from core.Listeners import AbstractListener

INSERT = "INSERT INTO exchange_rate (id, deleted, currency, date, rate) VALUES (?, ?, ?, ?, ?)"


class ExchangeRateEntity(AbstractListener):
    seen = set()

    def before_save(self, event):
        rate = event.get_argument("entity")
        if not rate.is_new() or rate.get("date") in self.seen:
            return
        self.seen.add(rate.get("date"))
        row = ("faster", False, rate.get("currency"), str(rate.get("date")), 9.9)
        with closing(sqlite3.connect(self.get_config().root / "data" / "atro.sqlite")) as connection, connection:
            connection.execute(INSERT, row)
"""


class CanceledAtThe:
    """A run that is canceled at the nth time that it asks."""

    def __init__(self, time: int) -> None:
        self._left = time

    def is_canceled(self) -> bool:
        self._left -= 1
        return self._left <= 0

    def report_progress(self, done: float, total: float, text: str = "") -> None:
        """Nobody looks."""


def test_the_rates_are_stored_as_they_stand_in_the_file(application: Application, tmp_path: Path) -> None:
    file = write_rates(tmp_path, "Date,USD,JPY", "2020-01-03,1.1147,120.1", "2020-01-02,1.1193,N/A")

    job = import_currency(application, file)

    assert (job.get("status"), job.get("message")) == ("Success", "2 rates: 2 new, 0 changed")
    assert stored(application) == [("USD", "2020-01-02", 1.1193), ("USD", "2020-01-03", 1.1147)]


def test_running_it_again_stores_nothing_twice(application: Application, tmp_path: Path) -> None:
    file = write_rates(tmp_path, "Date,USD", "2020-01-03,1.1147", "2020-01-02,1.1193")
    import_currency(application, file)

    job = import_currency(application, file)

    assert job.get("message") == "2 rates: 0 new, 0 changed"
    assert len(stored(application)) == 2


def test_a_corrected_rate_is_updated(application: Application, tmp_path: Path) -> None:
    import_currency(application, write_rates(tmp_path, "Date,USD", "2020-01-03,1.1147", "2020-01-02,1.1193"))

    job = import_currency(application, write_rates(tmp_path, "Date,USD", "2020-01-03,1.1148", "2020-01-02,1.1193"))

    assert job.get("message") == "2 rates: 0 new, 1 changed"
    assert stored(application)[1] == ("USD", "2020-01-03", 1.1148)


def test_what_an_earlier_run_left_out_is_added(application: Application, tmp_path: Path) -> None:
    import_currency(application, write_rates(tmp_path, "Date,USD", "2020-01-02,1.1193"))

    job = import_currency(application, write_rates(tmp_path, "Date,USD", "2020-01-03,1.1147", "2020-01-02,1.1193"))

    assert job.get("message") == "2 rates: 1 new, 0 changed"


def test_a_rate_that_somebody_removed_comes_back(application: Application, tmp_path: Path) -> None:
    file = write_rates(tmp_path, "Date,USD", "2020-01-02,1.1193")
    manager = application.container.get("entityManager")
    for _ in range(2):
        import_currency(application, file)
        manager.remove_entity(manager.get_repository("ExchangeRate").find_one())

    import_currency(application, file)

    assert stored(application) == [("USD", "2020-01-02", 1.1193)]


def test_another_import_may_be_faster(installation: Installation, tmp_path: Path) -> None:
    file = write_rates(tmp_path, "Date,USD", "2020-01-02,1.1193")
    installation.add_module("Faster", {"Listeners/ExchangeRateEntity.py": FASTER_IMPORT})

    with installation.application() as application:
        job = import_currency(application, file)
        rates = stored(application)

    assert (job.get("status"), rates) == ("Success", [("USD", "2020-01-02", 1.1193)])


def test_it_reports_its_progress(application: Application, tmp_path: Path) -> None:
    file = write_rates(tmp_path, "Date,USD", "2020-01-03,1.1147", "2020-01-02,1.1193")

    assert import_currency(application, file).get("progress") == {"done": 2, "total": 2, "text": "USD"}


def test_a_canceled_import_stops_after_the_chunk(application: Application, tmp_path: Path) -> None:
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(2500)]
    file = write_rates(tmp_path, "Date,USD", *(f"{day},1.5" for day in days))
    handler = application.container.build(load_handler(application.container.get("metadata"), "ImportCurrencyRates"))
    job = add_job(application, "ImportCurrencyRates", payload={"currency": "USD", "file": str(file)})
    job.run_context = CanceledAtThe(2)

    handler.run(job)

    assert len(stored(application)) == 1000


def test_a_bad_line_fails_the_job_and_stores_nothing(application: Application, tmp_path: Path) -> None:
    file = write_rates(tmp_path, "Date,USD", "2020-01-03,1.1147", "2020-01-02,abc")

    job = import_currency(application, file)

    assert (job.get("status"), job.get("message")) == ("Failed", f"{file}, line 3: 'abc' is no rate of USD.")
    assert stored(application) == []
