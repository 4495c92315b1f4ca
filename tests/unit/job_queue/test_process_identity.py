"""Telling processes apart for all time."""

from __future__ import annotations

import dataclasses
import os
import subprocess

import pytest

from core.job_queue.process_identity import ProcessIdentity


def test_the_own_process_is_alive() -> None:
    assert ProcessIdentity.current().is_alive()
    assert ProcessIdentity.current().pid == os.getpid()


def test_an_identity_survives_being_text() -> None:
    identity = ProcessIdentity.current()

    assert ProcessIdentity.parse(str(identity)) == identity


@pytest.mark.parametrize("text", ["", "1:2:3", "boot:x:1:2", "boot:1:2:3:4"])
def test_a_text_that_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ProcessIdentity.parse(text)


@pytest.mark.parametrize("change", [{"start_ticks": 1}, {"boot_id": "another"}, {"namespace": 1}])
def test_the_same_pid_at_another_time_is_another_process(change: dict[str, object]) -> None:
    assert not dataclasses.replace(ProcessIdentity.current(), **change).is_alive()  # type: ignore[arg-type]  # as parametrized


def test_a_process_that_ended_is_not_alive_even_before_it_is_waited_for() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        identity = ProcessIdentity.of(process.pid)
        assert identity is not None
        assert identity.is_alive()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not identity.is_alive()


def test_there_is_no_process_with_a_pid_that_nobody_has() -> None:
    assert ProcessIdentity.of(2**22 + 1) is None


def test_the_age_of_a_process_grows_from_its_beginning() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        identity = ProcessIdentity.of(process.pid)
        assert identity is not None
        assert 0 <= identity.age_seconds < ProcessIdentity.current().age_seconds
        process.kill()
