"""An exception in the words of a job's message."""

from __future__ import annotations

import os
import signal

import pytest

from core.exceptions import Error
from core.job_manager.exit_cause import cause_of_exit
from core.job_manager.job_runner import clean, describe


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


class Leaving(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Error("no such rate"), "no such rate"),
        (Error(), "The operation failed."),
        (ValueError(), "ValueError"),
        (KeyError("EUR"), "KeyError: 'EUR'"),
        (Unspeakable(), "Unspeakable"),
        (Leaving(), "Leaving"),
        (SystemExit(), "The job called sys.exit()."),
        (SystemExit("over"), "The job called sys.exit('over')."),
        (SystemExit(Unspeakable()), "The job called sys.exit(<Unspeakable>)."),
        (KeyboardInterrupt(), "The job raised KeyboardInterrupt."),
    ],
)
def test_an_exception_is_described(error: BaseException, text: str) -> None:
    assert describe(error) == text


def test_a_message_can_be_stored_by_every_database() -> None:
    assert clean("a\0b\ud800") == "a\\x00b\\ud800"


def test_an_endless_message_is_cut() -> None:
    assert len(clean("x" * 1_000_000)) < 70_000


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (signal.SIGSEGV, "killed by signal 11 (SIGSEGV)"),
        (signal.SIGKILL, "killed by signal 9 (SIGKILL: by hand, or by the kernel for lack of memory)"),
        (signal.SIGRTMIN + 1, "(a real-time signal)"),
    ],
)
def test_a_signal_is_named(code: int, text: str) -> None:
    assert text in cause_of_exit(int(code))


def test_an_exit_status_is_named() -> None:
    assert "exit status 3" in cause_of_exit(3 << 8)
    assert os.waitstatus_to_exitcode(3 << 8) == 3
