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
FORGETS_ITS_CLAIM = """
from core.job_queue.queue import JobQueue

rightly = JobQueue._started

def forgetfully(self, connection, *more):
    started = rightly(self, connection, *more)
    for run, _ in started:
        if run.attempt == 1:
            self.take_back(connection, run)
    return started

JobQueue._started = forgetfully
"""
WRITES_NO_END = """
from core.job_queue.queue import JobQueue

JobQueue._send_ends = lambda self, batch, outcomes, now: []
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


@pytest.mark.parametrize(
    ("sabotage", "number"),
    [
        pytest.param(TRIES_AGAIN, "started too often", marks=pytest.mark.proof, id="too-often"),
        pytest.param(FORGETS_WHAT_IT_SAVED, "lost", marks=pytest.mark.proof, id="lost"),
        pytest.param(WRITES_NO_END, "stuck", marks=pytest.mark.proof, id="stuck"),
        pytest.param(FORGETS_ITS_CLAIM, "started twice at one time", marks=pytest.mark.proof, id="twice"),
    ],
)
@pytest.mark.timeout(400)
def test_chaos_fails_where_a_guard_is_missing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sabotage: str,
    number: str,
) -> None:
    module = shutil.copytree(run.MODULE, tmp_path / "Chaos")
    with (module / "Module.py").open("a") as file:
        file.write(sabotage)
    monkeypatch.setattr(run, "MODULE", module)
    monkeypatch.setattr(run, "DRAINING_SECONDS", 40)  # nothing that is not over by then comes to an end

    status = run.main(["--minutes", "0.05", "--seed", "3", "--folder", str(tmp_path)])

    said = capsys.readouterr().out
    assert status == 1, said
    (count,) = re.findall(rf"^{number} +([\d,]+)$", said, re.MULTILINE)
    assert count != "0", said
