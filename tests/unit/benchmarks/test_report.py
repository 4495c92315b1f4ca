"""The document that a benchmark prints for scripts."""

from pathlib import Path

import pytest

from benchmarks.options import Options
from benchmarks.report import Figure, Report, Target, document, print_report

OF_RAW = Target(0.1, "x raw", is_least=True, of_ratio=True)
OPTIONS = Options(jobs=100, workers=4, runs=3, seconds=1, synchronous="FULL", folder=Path())


def test_the_document_is_about_the_first_figure() -> None:
    report = Report("drain", [Figure("drain", "jobs/s", [900.0, 1000.0, 3000.0], target=OF_RAW).against(5000)])

    assert document(report, OPTIONS) == {
        "benchmark": "drain",
        "db": "sqlite",
        "synchronous": "FULL",
        "jobs": 100,
        "workers": 4,
        "median": 1000.0,
        "unit": "jobs/s",
        "runs": [900.0, 1000.0, 3000.0],
        "raw_limit": 5000,
        "ratio": 0.2,
        "target": ">= 0.1 x raw",
        "reached": True,
        "more": [],
    }


def test_a_figure_without_a_raw_limit_has_no_ratio() -> None:
    first = document(Report("idle", [Figure("daemon", "%", [0.1])]), OPTIONS)

    assert (first["raw_limit"], first["ratio"]) == (None, None)


@pytest.mark.parametrize(
    ("runs", "target", "is_reached"),
    [
        ([1.7, 1.8, 9.0], Target(1.8, "ms"), True),
        ([1.7, 1.9, 1.9], Target(1.8, "ms"), False),
        ([160, 149, 155], Target(150, "jobs/s", is_least=True), True),
        ([1000], Target(0.1, "x raw", is_least=True, of_ratio=True), None),  # there is no raw limit
        ([1], "< 2 s", None),
    ],
)
def test_a_figure_is_held_against_its_target(runs: list[float], target: Target | str, is_reached: bool | None) -> None:
    assert Figure("it", "", runs, target=target).is_reached is is_reached


def test_the_table_has_a_line_for_each_figure(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(Report("latency", [Figure("p50", "ms", [1.5], target=Target(4, "ms")), Figure("p99", "ms", [3.25])]))

    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[2:4]] == [
        ["p50", "1.5", "ms", "1.5", "<=", "4", "ms", "yes"],
        ["p99", "3.25", "ms", "3.25"],
    ]
