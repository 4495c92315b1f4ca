"""Reading and storing exchange rates."""

from __future__ import annotations

from collections.abc import Sequence

from core.exceptions import NotUnique
from core.orm import Entity, Repository
from ExchangeRates.rates_file import Rate

#: How often a chunk is begun anew because another import was faster.
TRIES = 5


class ExchangeRate(Repository):
    """The stored rates; there is one for each currency and day."""

    def currencies(self) -> list[str]:
        """The codes of all currencies with rates, in alphabetical order."""
        found: list[str] = []
        query = self.where({}).select(["currency"]).order("currency", "ASC")
        # From one currency to the next on the index: a quarter of a million rows need not be read for 42 names.
        while rate := query.where({"currency>": found[-1] if found else ""}).find_one():
            found.append(rate.get("currency"))
        return found

    def latest(self, currency: str, limit: int) -> list[Entity]:
        """The newest rates of a currency, the newest first."""
        return self.where({"currency": currency}).order("date", "DESC").limit(limit).find()

    def store(self, currency: str, rates: Sequence[Rate]) -> tuple[int, int]:
        """Inserts the rates that are missing and updates those that differ; answers how many of each.

        `rates` are in the order of their days. One short transaction, and none at all where nothing is to be changed.
        """
        for _ in range(TRIES):
            inserted, updated = self._compare(currency, rates)
            try:
                self.save_all([*inserted, *updated])
            except NotUnique as error:
                lost = error  # another import has inserted some meanwhile: the unique index decides, and we look again
                continue
            return len(inserted), len(updated)
        raise lost

    def _compare(self, currency: str, rates: Sequence[Rate]) -> tuple[list[Entity], list[Entity]]:
        """What is new, and what is stored with another value."""
        stored = {rate.get("date"): rate for rate in self._between(currency, rates)}
        inserted, updated = [], []
        for day, value in rates:
            rate = stored.get(day)
            if rate is None:
                rate = self.make()
                rate.set({"currency": currency, "date": day, "rate": value})
                inserted.append(rate)
            elif rate.get("rate") != value:
                rate.set("rate", value)
                updated.append(rate)
        return inserted, updated

    def _between(self, currency: str, rates: Sequence[Rate]) -> list[Entity]:
        return self.where({"currency": currency, "date>=": rates[0].day, "date<=": rates[-1].day}).find()
