"""Handing events to all who listen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

import pytest

from core.exceptions import TooManyRequests
from core.web.live import hub as hub_module
from core.web.live.bundle import Bundle
from core.web.live.hub import Found, Hub, Listener, LiveEvent


class Looks:
    """What the looks find, one after the other; then nothing."""

    def __init__(self, *found: list[Found]) -> None:
        self._found = iter(found)
        self.watched: list[Collection[str]] = []

    def __call__(self, watched: Collection[str]) -> list[Found]:
        self.watched.append(watched)
        return next(self._found, [])


def job(name: str, owner: str | None = None) -> Found:
    return ("job", {"id": name}, owner)


def listener(
    *watched: str, may_see: Callable[[LiveEvent], bool] = lambda _: True, lost: list[str] | None = None
) -> Listener:
    return Listener(watched, may_see, lambda: (lost if lost is not None else []).append("lost"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The looks follow each other at once."""
    monkeypatch.setattr(hub_module, "_LOOK_SECONDS", 0.0)


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())


async def names(listening: Listener, count: int) -> list[str]:
    events = [await listening.next(10) for _ in range(count)]
    return [each.data.decode() for each in events if each is not None]


def test_everybody_is_told_what_comes_after_the_first_look() -> None:
    async def main() -> None:
        looks = Looks([job("before")], [job("a")], [job("b")])
        hub, first, second = Hub(looks), listener("x"), listener("y", "x")
        with hub.listening(first, None) as has_all, hub.listening(second, None):
            assert has_all is False
            await hub.ready()
            for each in (first, second):
                assert await names(each, 2) == ['{"id":"a"}', '{"id":"b"}']
        assert looks.watched[0] == ["x", "y"]

    run(main)


def test_who_comes_back_is_told_what_she_missed() -> None:
    async def main() -> None:
        hub, first, back, late = Hub(Looks([], [job("a"), job("b")])), listener(), listener(), listener()
        with hub.listening(first, None):
            await names(first, 2)
            with hub.listening(back, 1) as has_all:
                assert has_all
                assert await names(back, 1) == ['{"id":"b"}']
            with hub.listening(late, 7) as has_all:  # of another process, whose numbers were other ones
                assert not has_all

    run(main)


def test_who_missed_more_than_is_kept_begins_anew() -> None:
    async def main() -> None:
        hub, first, back = Hub(Looks([], [job(str(number)) for number in range(400)])), listener(), listener()
        with hub.listening(first, None):
            await names(first, 400)
            with hub.listening(back, 1) as has_all:
                assert not has_all

    run(main)


def test_who_does_not_read_is_let_go_and_the_others_are_not() -> None:
    async def main() -> None:
        lost: list[str] = []
        hub, slow, other = (
            Hub(Looks([], *[[job(str(number))] for number in range(600)])),
            listener(lost=lost),
            listener(),
        )
        with hub.listening(slow, None), hub.listening(other, None):
            assert len(await names(other, 600)) == 600
        assert lost

    run(main)


def test_nobody_is_told_what_she_may_not_see() -> None:
    async def main() -> None:
        hub, mine = (
            Hub(Looks([], [job("a", "ben"), job("b", "anna")])),
            listener(may_see=lambda e: e.owner_id == "anna"),
        )
        with hub.listening(mine, None):
            assert await names(mine, 1) == ['{"id":"b"}']

    run(main)


def test_a_bundle_is_told_once_a_look_and_only_what_it_is_about() -> None:
    async def main() -> None:
        many = [job(str(number)) for number in range(600)]  # more than may wait for one who is told each
        hub, lost = Hub(Looks([], [*many, ("many", {}, None)], [("status", {}, None)])), []
        bundle = Bundle(["7", "x"], lambda event: event.job_id != "9", lambda: lost.append("lost"))
        with hub.listening(bundle, None):
            assert await names(bundle, 2) == ['{"about":["7","job"]}', '{"about":["status"]}']
            bundle.note("log")
            assert await names(bundle, 1) == ['{"about":["log"]}']
        assert lost == []

    run(main)


def test_who_has_logged_out_hears_nothing_more_and_all_are_asked_for_at_once() -> None:
    async def main() -> None:
        asked: list[set[str]] = []

        def still_good(token_ids: Collection[str]) -> set[str]:
            asked.append(set(token_ids))
            return {"in"}

        hub = Hub(Looks(), still_good)
        out, stays = (Listener([], lambda _: True, lambda: None, token) for token in ("out", "in"))
        with hub.listening(out, None), hub.listening(stays, None):
            assert await out.next(10) is None
        assert (asked[0], out.is_over, stays.is_over) == ({"out", "in"}, True, False)

    run(main)


def test_nobody_looks_while_nobody_listens() -> None:
    async def main() -> None:
        looks = Looks()
        hub = Hub(looks)
        with hub.listening(listener(), None):
            await hub.ready()
        await asyncio.sleep(0)
        while not hub.is_idle:
            await asyncio.sleep(0)
        count = len(looks.watched)
        with hub.listening(listener(), None):
            await hub.ready()
        assert len(looks.watched) > count

    run(main)


def test_there_is_an_end_to_how_many_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_MOST_LISTENERS", 1)

    async def main() -> None:
        hub = Hub(Looks())
        with hub.listening(listener(), None), pytest.raises(TooManyRequests), hub.listening(listener(), None):
            pass

    run(main)
