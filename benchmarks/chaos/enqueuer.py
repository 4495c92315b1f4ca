"""`python -m benchmarks.chaos.enqueuer <installation> <seed>`: saves, cancels and retries jobs until it is killed.

It writes into its journal what it is about to do, does it, and writes that it is done.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from core.application import Application
from core.exceptions import AtroError
from core.orm.database import DATABASE_ERRORS
from core.orm.ids import new_id

#: While this file is there, enough jobs wait.
ENOUGH = "data/enough"
JOB_TYPES = ("Marked", "Marked", "MarkedOnce", "MarkedLater", "MarkedAlone")
DEEDS = ("", "", "", "fail", "report", "store")


class Enqueuer:
    """One process that makes jobs."""

    def __init__(self, application: Application, root: Path, seed: str) -> None:
        self._root = root
        self._chance = random.Random(seed)
        self._entity_manager = application.container.get("entityManager")
        path = root / "data" / "journal" / f"enqueuer-{os.getpid()}"
        self._journal = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._saved: list[str] = []

    def serve(self) -> None:
        """Go on until it is killed."""
        while True:
            time.sleep(self._chance.random() / 20)
            if not (self._root / ENOUGH).exists():
                try:
                    self._act()
                except (AtroError, *DATABASE_ERRORS) as error:  # refused, or the database is away: nothing is promised
                    print(error, file=sys.stderr)

    def _act(self) -> None:
        deed = self._chance.random()
        if deed < 0.6 or not self._saved:
            self._save(self._new())
        elif deed < 0.8:
            self._save(*(self._new() for _ in range(self._chance.randrange(2, 12))))
        elif deed < 0.9:
            self._set_status("cancel", "Canceled")
        else:
            self._set_status("retry", "Pending")

    def _new(self) -> Any:
        job = self._entity_manager.get_entity("Job")
        payload = {"seconds": self._chance.random() / 15, "does": self._chance.choice(DEEDS)}
        job_type, priority = self._chance.choice(JOB_TYPES), self._chance.randrange(3)
        job.set({"id": new_id(), "name": "chaos", "type": job_type, "priority": priority, "payload": payload})
        return job

    def _save(self, *jobs: Any) -> None:
        self._say("saving", *(job.id for job in jobs))
        if len(jobs) == 1:
            self._entity_manager.save_entity(jobs[0])
        else:
            self._entity_manager.save_entities(jobs)
        self._say("saved", *(job.id for job in jobs))
        self._saved += [job.id for job in jobs]

    def _set_status(self, word: str, status: str) -> None:
        job_id = self._chance.choice(self._saved[-100:])
        job = self._entity_manager.get_entity("Job", job_id)
        job.set("status", status)
        self._say(word, job_id)
        self._entity_manager.save_entity(job)

    def _say(self, *words: str) -> None:
        os.write(self._journal, f"{' '.join(words)}\n".encode())


if __name__ == "__main__":
    with Application(Path(sys.argv[1])) as opened:
        Enqueuer(opened, Path(sys.argv[1]), sys.argv[2]).serve()
