"""One datagram wakes the job manager of this installation."""

from __future__ import annotations

import select
from pathlib import Path

import pytest

from core.job_queue.announcement import AnnouncementListener, Announcer, installation_id


def has_news(listener: AnnouncementListener) -> bool:
    return bool(select.select([listener], [], [], 0)[0])


def announce(root: Path) -> None:
    announcer = Announcer(root)
    announcer.announce()
    announcer.close()


def test_an_announcement_arrives_and_is_taken(tmp_path: Path) -> None:
    listener = AnnouncementListener(tmp_path)
    announce(tmp_path)

    assert has_news(listener)
    listener.drain()
    assert not has_news(listener)
    listener.close()


def test_nobody_has_to_listen(tmp_path: Path) -> None:
    announce(tmp_path)


def test_a_full_queue_is_no_error(tmp_path: Path) -> None:
    listener = AnnouncementListener(tmp_path)
    announcer = Announcer(tmp_path)
    for _ in range(5_000):
        announcer.announce()
    announcer.close()

    assert has_news(listener)
    listener.close()


def test_two_installations_do_not_hear_each_other(tmp_path: Path) -> None:
    listener = AnnouncementListener(tmp_path / "one")
    announce(tmp_path / "two")

    assert not has_news(listener)
    assert installation_id(tmp_path / "one") != installation_id(tmp_path / "two")
    listener.close()


def test_only_one_listens(tmp_path: Path) -> None:
    listener = AnnouncementListener(tmp_path)
    with pytest.raises(OSError, match="in use"):
        AnnouncementListener(tmp_path)
    listener.close()
