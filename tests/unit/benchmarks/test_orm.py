"""How the ORM benchmark compares what it measured."""

from benchmarks.orm import Round, comparisons, figures
from benchmarks.orm_task import Scale, Task

SCALE = Scale(base=10, times=(1, 10))


def a_round(**microseconds: float) -> Round:
    """Each contender takes the same for everything."""
    ways = [way for comparison in comparisons(SCALE) for way in comparison.ways]
    return {way: [microseconds[way.contender]] * 3 for way in ways}


def test_a_ratio_is_how_many_times_as_long_as_ours_the_other_takes() -> None:
    ours, orm, core, *_ = figures([a_round(ours=100, orm=250, core=80)], SCALE)

    assert (ours.median, ours.ratio) == (100, None)
    assert (orm.ratio, orm.target) == (2.5, ">= 1.00")
    assert (core.ratio, core.target) == (0.8, "")


def test_what_slows_a_whole_round_does_not_count() -> None:
    rounds = [
        a_round(ours=100, orm=200, core=1),
        a_round(ours=100, orm=200, core=1),
        a_round(ours=900, orm=1800, core=9),
    ]

    assert figures(rounds, SCALE)[1].ratio == 2


def test_a_stall_within_a_sample_does_not_count() -> None:
    stalled = a_round(ours=100, orm=200, core=1)
    orm = comparisons(SCALE)[0].ways[1]
    stalled[orm] = [200, 50_000, 200]

    assert [figure.median for figure in figures([stalled], SCALE)[:2]] == [100, 200]
    assert figures([stalled], SCALE)[1].ratio == 2


def test_the_last_line_compares_the_largest_table_with_the_smallest() -> None:
    found = a_round(ours=100, orm=1, core=1)
    for way in found:
        if way.contender == "ours" and way.piece == "find_by_code_100":
            found[way] = [110] * 3

    assert figures([found], SCALE)[-1].median == 1.1


def test_a_task_reaches_another_process_whole() -> None:
    task = Task("/somewhere", "sqlite:///file", "FULL", SCALE)

    assert Task.from_json(task.to_json()).scale.sizes == [10, 100]
