"""`job list`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.exceptions import did_you_mean
from core.job_queue.states import STATUSES
from core.terminal import output
from core.terminal.table import write_table
from core.terminal.values import one_of, to_count

_DEFAULT_LIMIT = 20
_COLUMNS = ("id", "status", "type", "priority", "executeTime", "pid", "name")


class JobList(AbstractJobConsole):
    """Shows the newest jobs first, in the order of their ids: these grow with the time of creation."""

    @staticmethod
    def get_description() -> str:
        return "Show jobs, the newest first."

    def run(self, params: dict[str, Any]) -> int:
        limit = to_count("--limit", params["limit"]) if params["limit"] else _DEFAULT_LIMIT
        jobs = [job.to_dict() for job in self._query(params).order("id", "DESC").limit(limit).find()]
        if params["json"]:
            output.write_json(jobs)
        else:
            write_table([[job.get(name) for name in _COLUMNS] for job in jobs], _COLUMNS)
        self._explain_emptiness(jobs, params["type"])
        return 0

    def _query(self, params: dict[str, Any]) -> Any:
        where = {}
        if params["status"]:
            where["status"] = one_of("--status", params["status"], STATUSES)
        if params["type"]:
            where["type"] = params["type"]
        return self.job_repository.where(where)

    def _explain_emptiness(self, jobs: list[dict[str, Any]], job_type: str | None) -> None:
        # Jobs may outlive their type, so an unknown one is no error.
        known = self.job_types
        if not jobs and job_type and job_type not in known:
            output.warning(f"There is no job type '{job_type}'.{did_you_mean(job_type, known)}")
