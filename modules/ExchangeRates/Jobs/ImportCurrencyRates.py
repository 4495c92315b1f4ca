"""The job that does the work, for one currency."""

from __future__ import annotations

from pathlib import Path

from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface
from ExchangeRates.rates_file import RatesFile

#: Rates in one transaction: few enough that nobody who wants to write waits for long.
CHUNK = 1000


class ImportCurrencyRates(AbstractJob, JobInterface):
    """Stores all rates of one currency. Running it again changes nothing but what has changed in the file.

    Payload: `currency`, and `file`, the path of the file of rates.
    """

    def run(self, job: Job) -> None:
        payload = job.get_payload()
        currency = payload["currency"]
        rates = RatesFile(Path(payload["file"])).rates(currency)
        repository = self.get_entity_manager().get_repository("ExchangeRate")
        inserted = updated = 0
        for start in range(0, len(rates), CHUNK):
            if job.is_canceled():
                return
            new, changed = repository.store(currency, rates[start : start + CHUNK])
            inserted, updated = inserted + new, updated + changed
            job.report_progress(min(start + CHUNK, len(rates)), len(rates), currency)
        self.get_container().get("log").debug("%s: %d rates inserted, %d updated", currency, inserted, updated)
        message = self.translate("stored", "messages", "ExchangeRate")
        job.set("message", message.format(total=len(rates), inserted=inserted, updated=updated))
