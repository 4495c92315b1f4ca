"""The module's door: what it brings beyond what its folders say."""

from __future__ import annotations

from core.module_manager import AbstractModule


class Module(AbstractModule):
    """Exchange rates: two job types, the entity ExchangeRate, and two commands."""

    def get_console_commands(self) -> dict[str, str]:
        return {
            "exchange rates import [--source=auto|file|download] [--json]": "ExchangeRates.Console.ImportRates",
            "exchange rates show <currency> [--limit=N] [--json]": "ExchangeRates.Console.ShowRates",
        }
