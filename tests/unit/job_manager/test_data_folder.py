"""What is wrong with `data/` and the disk under it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from core.job_manager.data_folder import file_system_of, judge_folder, judge_place, judge_space

MOUNTS = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 21 0:5 / /srv rw,relatime - tmpfs tmpfs rw
23 22 0:9 / /srv/with\\040space rw - nfs4 host:/export rw,vers=4.2
24 22 0:10 / /srv/twice rw - tmpfs tmpfs rw
25 22 0:11 / /srv/twice rw - fuse.sshfs host: rw
broken line
"""


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "logs" / "jobs").mkdir(parents=True)
    (tmp_path / "config.py").write_text("config = {}")
    return tmp_path


def test_a_folder_of_ones_own_is_fine(data: Path) -> None:
    (data / "nowhere").symlink_to(data / "gone")

    assert list(judge_folder(data)) == []
    assert list(judge_folder(data / "not there")) == []


def test_a_file_that_its_owner_cannot_write_is_an_error(data: Path) -> None:
    (data / "config.py").chmod(0o444)
    (data / "logs" / "jobs").chmod(0o600)

    (found,) = judge_folder(data)
    (data / "logs" / "jobs").chmod(0o700)

    assert (found.topic, found.is_error) == ("files", True)
    assert set(found.text.removesuffix(".").rpartition(": ")[2].split(", ")) == {"config.py", "jobs"}
    assert found.remedy == f"As root: chmod -R u+rwX {data}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_an_error(data: Path) -> None:
    os.chown(data / "config.py", 54321, 54321)

    (found,) = judge_folder(data)

    assert (found.text.endswith("as the folder does: config.py."), found.is_error) == (True, True)
    assert found.remedy == f"As root: chown -R 0 {data}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_command_that_the_wrong_person_runs_is_an_error(data: Path) -> None:
    for path in (data, *data.rglob("*")):
        os.chown(path, 54321, 54321)

    (found,) = judge_folder(data)

    assert "belongs to user 54321, and this command runs as " in found.text
    assert "sudo -u '#54321' python" in found.remedy


def test_many_files_are_named_in_short(data: Path) -> None:
    for number in range(8):
        (data / f"{number}.txt").touch(mode=0o400)

    (found,) = judge_folder(data)

    assert found.text.endswith(" and 3 more.")


def test_logs_that_have_grown_are_a_warning(data: Path) -> None:
    with (data / "logs" / "jobs" / "1.log").open("w") as log:
        log.truncate(1025 * 1024**2)

    (found,) = judge_folder(data)

    assert (found.topic, found.is_error) == ("logs", False)
    assert "take 1025 MiB or more" in found.text


@pytest.mark.parametrize(
    ("free", "total", "is_error"),
    [(50, 1_000, True), (99, 1_000_000, True), (900, 20_000, False)],
)
def test_a_disk_that_fills_up_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch, free: int, total: int, is_error: bool
) -> None:
    usage = Usage(total * 1024**2, 0, free * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    (found,) = judge_space(data)

    assert (found.topic, found.is_error) == ("disk", is_error)
    assert f"has {free} MiB left" in found.text


@pytest.mark.parametrize(("free", "total"), [(1_800, 20_000), (900, 10_000), (9_000, 10_000_000)])
def test_a_disk_with_room_is_fine(data: Path, monkeypatch: pytest.MonkeyPatch, free: int, total: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total * 1024**2, 0, free * 1024**2))

    assert list(judge_space(data)) == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/a", "ext4"),
        ("/srv", "tmpfs"),
        ("/srvice", "ext4"),
        ("/srv/with space/data", "nfs4"),
        ("/srv/twice/data", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


def test_a_database_on_a_network_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 0:1 / / rw - ext4 a rw\n2 1 0:2 / {tmp_path}/nfs rw - nfs a rw\n")
    monkeypatch.setattr("core.job_manager.data_folder._MOUNTS", mounts)

    (found,) = judge_place(tmp_path / "nfs" / "atro.sqlite")

    assert (found.is_error, "network file system (nfs)" in found.text) == (True, True)
    assert list(judge_place(tmp_path / "atro.sqlite")) == []
