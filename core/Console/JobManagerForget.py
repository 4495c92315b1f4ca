"""`job manager forget <node>`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output
from core.terminal.table import write_table

if TYPE_CHECKING:  # both load the database's library
    from core.job_manager.gone_machine import LeftRun
    from core.job_manager.machines import Machine


class JobManagerForget(AbstractConsole):
    """Shows what a machine that is gone for good has left behind; with --run closes its jobs, or tries them again."""

    @staticmethod
    def get_description() -> str:
        return "Show the jobs of a machine that is gone for good, or close or retry them."

    def run(self, params: dict[str, Any]) -> int:
        manager, name = self.get_container().get("jobManager"), params["node"]
        machine, left = manager.look_at_gone(name)
        if params["run"]:
            left = manager.forget(name)
        if params["json"]:
            jobs = [each.to_dict() for each in left]
            output.write_json({"machine": machine.to_dict(), "jobs": jobs, "isForgotten": params["run"]})
            return 0
        _show(machine, left)
        if params["run"]:
            output.success(f"The machine {name} is forgotten.")
        else:
            output.warning(
                "Nothing has been changed. What still runs on that machine would run a second time: is it switched "
                f'off, and will not come back? Then "python console.py job manager forget {name} --run".'
            )
        return 0


def _show(machine: Machine, left: list[LeftRun]) -> None:
    output.info(
        f"{machine.name} was seen last: {machine.seen}. It holds {len(left) or 'no'} job{'s'[len(left) == 1 :]}."
    )
    if left:
        rows = [
            (each.outcome.run.job_id, each.outcome.run.type, each.outcome.run.attempt, each.becomes) for each in left
        ]
        write_table(rows, ("job", "type", "attempt", "becomes"))
