"""`job list`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.exceptions import did_you_mean
from core.job_queue.states import STATUSES
from core.terminal import output
from core.terminal.table import write_table
from core.terminal.values import one_of, to_count

if TYPE_CHECKING:  # loads the database's library, which the command's help does without
    from core.orm import Query, Repository

_DEFAULT_LIMIT = 20
_COLUMNS = ("id", "status", "type", "priority", "executeTime", "pid", "name")


class JobList(AbstractJobConsole):
    """Shows the newest jobs first: those that were made last; of one status, those whose time was last."""

    @staticmethod
    def get_description() -> str:
        return "Show jobs, the newest first."

    def run(self, params: dict[str, Any]) -> int:
        limit = to_count("--limit", params["limit"]) if params["limit"] else _DEFAULT_LIMIT
        jobs = [job.to_dict() for job in newest_jobs(self.job_repository, self._where(params)).limit(limit).find()]
        if params["json"]:
            output.write_json(jobs)
        else:
            write_table([[job.get(name) for name in _COLUMNS] for job in jobs], _COLUMNS)
        self._explain_emptiness(jobs, params["type"])
        return 0

    @staticmethod
    def _where(params: dict[str, Any]) -> dict[str, str]:
        where = {}
        if params["status"]:
            where["status"] = one_of("--status", params["status"], STATUSES)
        if params["type"]:
            where["type"] = params["type"]
        return where

    def _explain_emptiness(self, jobs: list[dict[str, Any]], job_type: str | None) -> None:
        # Jobs may outlive their type, so an unknown one is no error.
        known = self.job_types
        if not jobs and job_type and job_type not in known:
            output.warning(f"There is no job type '{job_type}'.{did_you_mean(job_type, known)}")


def newest_jobs(repository: Repository, where: dict[str, str]) -> Query:
    """The jobs that meet the conditions, in an order that an index has, however many jobs there are.

    Ids grow with the time of creation. Of a status there may be millions, and it changes too often for one more index.
    """
    key = "executeTime" if "status" in where else "id"
    query: Query = repository.where(where).order(key, "DESC")
    return query
