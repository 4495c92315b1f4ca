"""Chaos sees it: each time one guard of the job manager is taken out, and the run has to fail by the right number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from benchmarks.chaos import run

#: Appended to the module that all processes of the installation load.
TRIES_AGAIN = """
from core.job_queue.run import Outcome

rightly = Outcome.status.fget
once_more = lambda o: rightly(o) == "Failed" and o.run.attempt == o.run.attempt_limit
Outcome.status = property(lambda o: "Pending" if once_more(o) else rightly(o))
"""
TAKES_ALL_FOR_DEAD = """
import core.job_manager.dead_jobs
import core.job_manager.foreign_runs
import core.job_manager.run_by_hand

core.job_manager.run_by_hand.is_living = lambda process: False
for file in (core.job_manager.dead_jobs, core.job_manager.foreign_runs):
    file.death_of = lambda held: "It is said to be gone."
    file.end_group_of = lambda process, root: None
"""
WRITES_NO_END = """
from core.job_queue.queue import JobQueue

JobQueue.finish = lambda self, connection, outcomes: []
"""
FORGETS_WHAT_IT_SAVED = """
import itertools
import sys

from sqlalchemy.engine.default import DefaultDialect

commits = itertools.count()
rightly = DefaultDialect.do_commit

def forgetfully(self, connection):
    connection.rollback() if next(commits) % 3 == 2 else rightly(self, connection)

if "enqueuer" in sys.argv[0]:
    DefaultDialect.do_commit = forgetfully
"""


#: Jobs take so long that some always run when something is killed.
SLOWLY = ('time.sleep(payload["seconds"])', 'time.sleep(60 * payload["seconds"])')


@pytest.mark.parametrize(
    ("sabotage", "seconds", "number"),
    [
        pytest.param(TRIES_AGAIN, 3, "started too often", id="too-often"),
        pytest.param(FORGETS_WHAT_IT_SAVED, 3, "lost", marks=pytest.mark.proof, id="lost"),
        pytest.param(WRITES_NO_END, 3, "stuck", marks=pytest.mark.proof, id="stuck"),
        pytest.param(TAKES_ALL_FOR_DEAD, 40, "started twice at one time", marks=pytest.mark.proof, id="twice"),
    ],
)
@pytest.mark.timeout(400)
def test_chaos_fails_where_a_guard_is_missing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sabotage: str,
    seconds: int,
    number: str,
) -> None:
    module = shutil.copytree(run.MODULE, tmp_path / "Chaos")
    with (module / "Module.py").open("a") as file:
        file.write(sabotage)
    if sabotage is TAKES_ALL_FOR_DEAD:
        job = module / "Jobs" / "Marked.py"
        job.write_text(job.read_text().replace(*SLOWLY))
        monkeypatch.setattr(run, "MOST_WAITING", 10)
    monkeypatch.setattr(run, "MODULE", module)
    monkeypatch.setattr(run, "DRAINING_SECONDS", 10 if sabotage is WRITES_NO_END else run.DRAINING_SECONDS)

    status = run.main(["--minutes", str(seconds / 60), "--seed", "3", "--folder", str(tmp_path)])

    said = capsys.readouterr().out
    assert status == 1, said
    (count,) = re.findall(rf"^{number} +([\d,]+)$", said, re.MULTILINE)
    assert count != "0", said
