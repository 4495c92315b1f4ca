"""The table of what is to be reached."""

from pathlib import Path

import pytest

from benchmarks import speed
from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target
from benchmarks.speed import Task

OPTIONS = Options(jobs=100, workers=4, runs=3, seconds=1, synchronous="FULL", folder=Path())
MS = Target(5, "ms")


def lost_a_job(_: Options) -> Report:
    raise RuntimeError("one was lost")


def test_there_is_a_line_for_each_figure_with_a_target_and_for_each_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.speed.answering_server", lambda kind: None)
    good = Report(
        "latency", [Figure("p50", "ms", [4], target=MS), Figure("p99", "ms", [6], target=MS), Figure("x", "", [1])]
    )
    todo = [
        Task("latency", "sqlite", lambda options: good),
        Task("drain", "sqlite", lost_a_job),
        Task("drain", "mariadb", lambda options: good),
    ]

    results = speed.run(todo, OPTIONS)
    capsys.readouterr()
    speed.print_results(results)

    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [" ".join(line) for line in lines[1:]] == [
        "latency, SQLite: p50 4 ms <= 5 ms yes",
        "latency, SQLite: p99 6 ms <= 5 ms NO",
        "drain, SQLite NO FIGURE: one was lost",
        "drain, MariaDB NOT MEASURED: no MariaDB answers",
    ]


def test_each_task_is_measured_on_its_own_database() -> None:
    asked = []

    def note(options: Options) -> Report:
        asked.append(options.db)
        return Report("x", [])

    speed.run([Task("a", "sqlite", note), Task("b", None, note)], OPTIONS)

    assert asked == ["sqlite", "sqlite"]
    names = {(task.name, task.db) for task in speed.tasks(Path)}
    assert {("drain", "postgres"), ("rows", "mariadb"), ("peers", None), ("idle", "sqlite")} <= names
