"""Workers that are kept free for urgent jobs."""

from __future__ import annotations

from core.job_manager.reserved_workers import Reservation, Slots

TWO_OF_SIX = [Reservation(200, 2)]


def taken(slots: Slots, *priorities: object) -> list[bool]:
    return [slots.take(priority) for priority in priorities]


def test_a_slow_crowd_leaves_the_reserved_workers_free() -> None:
    assert taken(Slots(6, TWO_OF_SIX, []), *[100] * 6) == [True] * 4 + [False] * 2


def test_urgent_jobs_take_them_and_any_other_one() -> None:
    assert taken(Slots(6, TWO_OF_SIX, [100] * 4), 200, 500) == [True, True]


def test_what_urgent_jobs_use_is_not_reserved_once_more() -> None:
    assert taken(Slots(6, TWO_OF_SIX, [300, 300]), *[100] * 4) == [True] * 4


def test_reservations_of_several_priorities_do_not_add_up() -> None:
    slots = Slots(6, [Reservation(200, 2), Reservation(500, 1)], [])

    assert taken(slots, *[100] * 5, 200, 200, 500) == [True] * 4 + [False, True, False, True]


def test_the_least_priority_that_may_start_is_told() -> None:
    slots = Slots(4, [Reservation(200, 2), Reservation(500, 1)], [100])
    assert slots.least_priority is None
    slots.take(100)
    assert slots.least_priority == 200
    slots.take(200)
    assert slots.least_priority == 500


def test_a_priority_that_is_no_number_counts_as_0() -> None:
    assert taken(Slots(6, TWO_OF_SIX, [100] * 4), "high", None) == [False, False]
