"""Percentiles of buckets."""

from __future__ import annotations

from core.job_queue.run_times import RunTimes


def test_a_percentile_is_interpolated_within_its_bucket() -> None:
    times = RunTimes((0, 0, 0, 10, 10, 30, 30, 30, 30, 40))  # ten of 1 to 5 s, twenty of 15 to 60 s, ten over an hour

    assert times.percentile(12.5) == 3.0
    assert times.percentile(50) == 15 + 45 * 10 / 20
    assert times.percentile(99) == 3600.0, "beyond the last bound is the last bound"
    assert RunTimes().percentile(50) is None


def test_a_percentile_is_no_more_than_the_runs_took_in_all() -> None:
    one = RunTimes((0, 0, 0, 0, 0, 0, 0, 1, 1, 1))  # one of 5 to 30 min

    assert (one.percentile(50, 301.5), one.percentile(95, 301.5)) == (301.5, 301.5)
    assert (one + one).percentile(50, 640.0) == 320.0, "both took as long, or one of them less"


def test_run_times_are_added_and_taken_away() -> None:
    one, other = RunTimes((1,) * 9 + (2,)), RunTimes((0,) * 9 + (3,))

    assert (one + other).count == 5
    assert (one + other) - other == one
