"""`job <id> --run`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractJobConsole import AbstractJobConsole
from core.terminal import output


class JobRun(AbstractJobConsole):
    """Runs a job now, in this process, whatever its status; `debug_<id>` leaves its row alone."""

    @staticmethod
    def get_description() -> str:
        return "Execute job."

    def run(self, params: dict[str, Any]) -> int:
        # AtroCore's daemon put its own id before the job's: `<appId>_<jobId>`.
        *before, job_id = params["id"].split("_")
        if not job_id:
            return 1
        is_debug = before[:1] == ["debug"]
        self.warn_of_overrides()
        if self.get_container().get("jobManager").run_by_hand(job_id, debug=is_debug):
            output.success("Job has been executed successfully!")
            return 0
        output.error("Job has not been executed because of errors!")
        return 1
