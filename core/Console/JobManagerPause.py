"""`job manager pause`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError, did_you_mean
from core.terminal import output

_RESUME = '"python console.py job manager resume'


class JobManagerPause(AbstractConsole):
    """Lets no job start any more, on this machine, of one type, or anywhere; remembers who wanted it and why.

    Running jobs go on. A pause that there is stays as it is, and is no error.
    """

    @staticmethod
    def get_description() -> str:
        return "Pause the job manager, or jobs of one type: running jobs go on, and no other starts."

    def run(self, params: dict[str, Any]) -> int:
        reason, job_type = params["reason"] or None, params["type"]
        if job_type is not None and params["everywhere"]:
            raise ConsoleError("--type pauses one type, --everywhere all of them: give one of the two.")
        manager = self.get_container().get("jobManager")
        if job_type is not None:
            self._judge(job_type)
            pause, is_new = manager.pause_type(job_type, reason)
            done = f"Jobs of the type '{job_type}' are paused, on all machines. {_RESUME} --type={job_type}\""
            former = f"Jobs of the type '{job_type}' are paused already"
        elif params["everywhere"]:
            pause, is_new = manager.pause_everywhere(reason)
            done = f'The job managers of all machines are paused. {_RESUME} --everywhere"'
            former = "The job managers of all machines are paused already"
        else:
            pause, is_new = manager.pause(reason)
            done, former = f'The job manager is paused. {_RESUME}"', "The job manager is paused already"
        if params["json"]:
            output.write_json(pause.to_dict())
        elif is_new:
            output.success(f"{done} lets {'them' if job_type is not None or params['everywhere'] else 'it'} go on.")
        else:
            output.info(f"{former}, {pause}.")
        return 0

    def _judge(self, job_type: str) -> None:
        known = self.get_metadata().get(["app", "jobTypes"], {})
        if job_type not in known:
            raise ConsoleError(f"There is no job type '{job_type}'.{did_you_mean(job_type, known)}")
