"""`job manager resume`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError
from core.terminal import output


class JobManagerResume(AbstractConsole):
    """Ends a pause, whoever made it; where there is none, that is said, and is no error."""

    @staticmethod
    def get_description() -> str:
        return "Let a paused job manager, or jobs of a paused type, go on."

    def run(self, params: dict[str, Any]) -> int:
        job_type = params["type"]
        if job_type is not None and params["everywhere"]:
            raise ConsoleError("--type resumes one type, --everywhere what was paused so: give one of the two.")
        manager = self.get_container().get("jobManager")
        if job_type is not None:
            was_paused = manager.resume_type(job_type)
            done, idle = f"Jobs of the type '{job_type}' start again.", f"The type '{job_type}' is not paused."
        elif params["everywhere"]:
            was_paused = manager.resume_everywhere()
            done, idle = "The job managers of all machines start jobs again.", "There is no pause of all machines."
        else:
            was_paused = manager.resume()
            done, idle = "The job manager starts jobs again.", "The job manager is not paused."
        if was_paused:
            output.success(done)
        else:
            output.info(idle)
        return 0
