"""One look for all who ask at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core import clock
from core.web.live.shared_status import SharedStatus


def test_within_a_second_one_looks_for_all_unless_something_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    looks: Iterator[Any] = iter(("first", "second", "third"))
    shared = SharedStatus(lambda: next(looks))

    assert [shared.read(), shared.read()] == ["first", "first"]
    now[0] += 1.0
    assert shared.read() == "second"
    shared.forget()
    assert shared.read() == "third"
