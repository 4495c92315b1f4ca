"""Threads that a job left, and those that are just ending."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.job_manager.clean_slate import CleanSlate


@pytest.fixture
def slate(tmp_path: Path) -> Iterator[CleanSlate]:
    directory = Path.cwd()
    yield CleanSlate(tmp_path)
    os.chdir(directory)


def test_a_thread_that_goes_on_is_left_over(slate: CleanSlate) -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()

    is_left = slate.what_stays()
    end.set()
    thread.join()

    assert is_left == "a thread was left over"


def test_a_thread_that_was_joined_is_not_left_over(slate: CleanSlate) -> None:
    found = []
    for _ in range(50):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        found.append(slate.what_stays())

    assert not any(found)
