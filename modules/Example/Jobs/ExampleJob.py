"""The job type `ExampleJob`."""

from __future__ import annotations

from core.Entities import Job
from core.exceptions import Error
from core.Jobs import AbstractJob, JobInterface


class ExampleJob(AbstractJob, JobInterface):
    """Greets whom the payload names, or the world. Payload: `{"name": "Ada"}`."""

    def run(self, job: Job) -> None:
        # The payload is what the job was given
        name = job.get_payload().get("name", "World")
        if not isinstance(name, str):
            # A job fails by raising; the text becomes its message
            raise Error(f"The name in the payload is {name!r}, not a text.")

        # Services are at hand through the getters of AbstractJob
        greeting = self.get_service_factory().create("ExampleGreeter").greet(name)

        # What is set here is kept with the job
        job.set("message", greeting)

        # This stands in the job's own log
        self.get_container().get("log").debug("ExampleJob: Processing completed")
