"""The job that makes the jobs."""

from __future__ import annotations

from pathlib import Path

from core import clock
from core.Entities import Job
from core.Jobs import AbstractJob, JobInterface
from ExchangeRates.rates_file import RatesFile
from ExchangeRates.rates_source import ECB_URL, obtain

CHILD_TYPE = "ImportCurrencyRates"


class ImportExchangeRates(AbstractJob, JobInterface):
    """Gets the file of rates and makes one job for each currency, so that the pool works on many of them at once.

    Payload: `source`, else the setting `exchangeRates.source`: `"auto"` (default), `"file"` or `"download"`.
    """

    def run(self, job: Job) -> None:
        file = self._obtain_file(job)
        currencies = RatesFile(file).currencies()
        self._cancel_leftover_children(job)
        children = [self._make_child(job, file, number, currencies) for number in range(len(currencies))]
        # Nobody takes a job that is Awaiting. All of them are there before the first may start, so that whoever counts
        # the children of a creator, or waits for them, never takes a part for the whole.
        self.get_entity_manager().save_entities(children)
        if job.is_canceled():
            self._cancel_leftover_children(job)
            return
        self._release(children)
        job.set("message", self._text("split", total=len(children), file=file))

    def _obtain_file(self, job: Job) -> Path:
        config = self.get_config()
        return obtain(
            job.get_payload().get("source") or config.get("exchangeRates.source", "auto"),
            config.root / "data" / "exchange-rates" / "eurofxref-hist.zip",
            url=config.get("exchangeRates.url", ECB_URL),
            timeout_seconds=config.get("exchangeRates.timeout", 30),
        )

    def _cancel_leftover_children(self, job: Job) -> None:
        """A run before this one may have died between making and releasing; what it left would wait for ever."""
        awaiting = (
            self.get_entity_manager().get_repository("Job").where({"type": CHILD_TYPE, "status": "Awaiting"}).find()
        )
        leftover = [child for child in awaiting if child.get_payload().get("creatorId") == job.id]
        for child in leftover:
            child.set("status", "Canceled")
        self.get_entity_manager().save_entities(leftover)

    def _make_child(self, job: Job, file: Path, index: int, currencies: list[str]) -> Job:
        child = self.get_entity_manager().get_entity("Job")
        currency = currencies[index]
        child.set(
            {
                "name": self._text("childName", currency=currency, number=index + 1, total=len(currencies)),
                "type": CHILD_TYPE,
                "status": "Awaiting",
                "priority": job.get("priority"),
                "ownerUserId": job.get("ownerUserId"),
                "scheduledJobId": job.get("scheduledJobId"),
                "payload": {"creatorId": job.id, "currency": currency, "file": str(file)},
            }
        )
        return child

    def _release(self, children: list[Job]) -> None:
        now = clock.now()
        for child in children:
            child.set({"status": "Pending", "executeTime": now})
        self.get_entity_manager().save_entities(children)

    def _text(self, message: str, **values: object) -> str:
        return self.translate(message, "messages", "ExchangeRate").format(**values)
