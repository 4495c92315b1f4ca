"""Tabs of the panel without a browser."""

from __future__ import annotations

from benchmarks.tabs import parts_of


def test_live_parts_are_found_with_what_they_follow_and_how_often_they_are_asked_for() -> None:
    page = """<main><p id="still">x</p>
        <section class="card" id="charts" hx-get="/charts?period=hour&amp;seen=1" data-follows="status" data-rest="30">
        <div id="now" hx-get="/now?seen=2" data-follows="job status">"""

    found = parts_of(page)

    assert list(found) == ["charts", "now"]
    assert (found["charts"].address, found["charts"].rest) == ("/charts?period=hour&seen=1", 30)
    assert (found["now"].follows, found["now"].rest, found["now"].seldom) == ({"job", "status"}, 2, 15)
    found["now"].asked_at -= 5
    assert not found["now"].is_due
    found["now"].is_stale = True
    assert found["now"].is_due
