"""`exchange rates import`"""

from __future__ import annotations

from typing import Any

from core.Console import AbstractConsole
from core.terminal import output


class ImportRates(AbstractConsole):
    """Puts the import into the queue and prints the job's id."""

    @staticmethod
    def get_description() -> str:
        return "Import the European Central Bank's exchange rates in the background."

    def run(self, params: dict[str, Any]) -> int:
        job = self.get_entity_manager().get_entity("Job")
        job.set(
            {
                "name": self.get_language().translate("jobName", "messages", "ExchangeRate"),
                "type": "ImportExchangeRates",
                "payload": {"source": params["source"]} if params["source"] else {},
            }
        )
        self.get_entity_manager().save_entity(job)
        if params["json"]:
            output.write_json(job.to_dict())
        else:
            output.write(job.id)
        return 0
