"""`exchange rates show <currency>`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.Console import AbstractConsole
from core.exceptions import NotFound, did_you_mean
from core.terminal import output
from core.terminal.table import write_table
from core.terminal.values import to_count

if TYPE_CHECKING:  # it loads SQLAlchemy, and the list of commands loads this file
    from ExchangeRates.Repositories.ExchangeRate import ExchangeRate as ExchangeRateRepository

_DEFAULT_LIMIT = 10


class ShowRates(AbstractConsole):
    """Shows what one euro cost in a currency on the last days, the newest first."""

    @staticmethod
    def get_description() -> str:
        return "Show the last exchange rates of a currency."

    def run(self, params: dict[str, Any]) -> int:
        limit = to_count("--limit", params["limit"]) if params["limit"] else _DEFAULT_LIMIT
        currency = params["currency"].upper()
        repository = self.get_entity_manager().get_repository("ExchangeRate")
        rates = repository.latest(currency, limit)
        if not rates:
            raise NotFound(_why_nothing(currency, repository))
        rows = [{"currency": currency, "date": str(rate.get("date")), "rate": rate.get("rate")} for rate in rates]
        if params["json"]:
            output.write_json(rows)
        else:
            write_table([[row["date"], row["rate"]] for row in rows], ["date", f"{currency} for 1 EUR"])
        return 0


def _why_nothing(currency: str, repository: ExchangeRateRepository) -> str:
    known = repository.currencies()
    if not known:
        return 'No exchange rates are stored yet: "python console.py exchange rates import" imports them.'
    near = did_you_mean(currency, known) or f" There are {', '.join(known)}."
    return f"There are no exchange rates of '{currency}'.{near}"
