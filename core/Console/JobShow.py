"""`job show <id>`"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.terminal import output
from core.terminal.table import flat, write_table

_OF_AN_ATTEMPT = ("attempt", "status", "startedAt", "endedAt", "node", "pid", "error")


class JobShow(AbstractJobConsole):
    """Shows all fields of a job, its attempts, and of a running one what its process takes at the moment."""

    @staticmethod
    def get_description() -> str:
        return "Show a job, its attempts, and what its process takes."

    def run(self, params: dict[str, Any]) -> int:
        job = self.find_job(params["id"])
        document = job.to_dict()
        attempts = self._attempts(job.id)
        process = self._process(document)
        if params["json"]:
            output.write_json({**document, "attempts": attempts, "process": process})
            return 0
        write_table([[name, self._text(value)] for name, value in document.items()], colour=output.GREEN)
        if attempts:
            output.write()
            write_table([[each[name] for name in _OF_AN_ATTEMPT] for each in attempts], _OF_AN_ATTEMPT)
        if process:
            output.write()
            write_table([self._row(process), *map(self._row, process["children"])], ("pid", "CPU", "memory", "command"))
        elif document["status"] == "Running":
            output.warning("Its process is not on this machine, or is gone.")
        return 0

    def _attempts(self, job_id: str) -> list[dict[str, Any]]:
        found = self.get_entity_manager().get_repository("JobAttempt").where("jobId", job_id).order("attempt").find()
        return [{name: each.to_dict()[name] for name in (*_OF_AN_ATTEMPT, "traceback")} for each in found]

    @staticmethod
    def _process(document: Mapping[str, Any]) -> dict[str, Any] | None:
        if document["status"] != "Running":
            return None
        # Neither is needed for a job that does not run; the second loads psutil, which costs more than the command.
        from core.job_queue.process_identity import ProcessIdentity
        from core.terminal.process_usage import process_usage

        try:
            identity = ProcessIdentity.parse(document["runProcess"] or "")
        except ValueError:
            return None
        # The pid alone may belong to another process by now.
        if not identity.is_alive():
            return None
        return process_usage(identity.pid)

    @staticmethod
    def _row(process: dict[str, Any]) -> list[str]:
        memory = f"{process['memoryBytes'] / 1024**2:.1f} MiB"
        return [str(process["pid"]), f"{process['cpuPercent']:.0f} %", memory, process["command"]]

    @staticmethod
    def _text(value: Any) -> str:
        return flat(value) if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
