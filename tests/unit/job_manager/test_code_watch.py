"""Which changes of files a job manager notices, and when it says so."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.job_manager import code_watch
from core.job_manager.code_watch import CodeWatch
from core.job_manager.release import Release
from tests.conformance.simulated_clock import SimulatedClock

SECONDS = timedelta(seconds=1)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> SimulatedClock:
    simulated = SimulatedClock(datetime.now(UTC))
    simulated.rule(monkeypatch)
    # How long the next look is put off for what this one has cost says something of the machine only.
    monkeypatch.setattr(code_watch.time, "thread_time", lambda: 0.0)
    return simulated


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with the module `Shop`, a linked module, and an environment with one package."""
    for name in (
        "modules/Shop/Jobs/Sync.py",
        "modules/Shop/Resources/metadata/app/jobTypes.json",
        "modules/Old/Module.py",
        "data/metadata/scopes/Job.json",
        "elsewhere/Linked/Module.py",
        "site-packages/thing-1.0.dist-info/METADATA",
    ):
        _write(tmp_path / name)
    (tmp_path / "modules" / "Linked").symlink_to(tmp_path / "elsewhere" / "Linked")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site-packages")])
    monkeypatch.setattr(code_watch, "_CORE", tmp_path / "core")  # somebody may be at work on ours
    return tmp_path


def _write(path: Path, text: str = "1") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _upgrade(root: Path) -> None:
    (root / "site-packages" / "thing-1.0.dist-info").rename(root / "site-packages" / "thing-1.1.dist-info")


def _replace_keeping_its_time(root: Path) -> None:
    file = root / "modules" / "Shop" / "Jobs" / "Sync.py"
    shutil.copy2(file, root / "draft")
    os.replace(root / "draft", file)  # noqa: PTH105 - as rsync does it


CHANGES: dict[str, Callable[[Path], None]] = {
    "modules/Shop/Jobs/Sync.py": lambda root: _write(root / "modules/Shop/Jobs/Sync.py", "22"),
    "modules/Shop/Resources/metadata/app/jobTypes.json": lambda root: _write(
        root / "modules/Shop/Resources/metadata/app/jobTypes.json", "{}"
    ),
    "modules/New/Module.py": lambda root: _write(root / "modules/New/Module.py"),
    "modules/Old/Module.py": lambda root: shutil.rmtree(root / "modules/Old"),
    "modules/Linked/Module.py": lambda root: _write(root / "elsewhere/Linked/Module.py", "22"),
    "data/modules.json": lambda root: _write(root / "data/modules.json", "[]"),
    "data/metadata/scopes/Job.json": lambda root: _write(root / "data/metadata/scopes/Job.json", "22"),
    "data/i18n/en_US/Job.json": lambda root: _write(root / "data/i18n/en_US/Job.json"),
    "site-packages/thing-1.1.dist-info": _upgrade,
}


def _let_it_look(watch: CodeWatch, time: SimulatedClock) -> list[str]:
    time.let_pass(10 * SECONDS)
    return watch.changes()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_at_the_second_look(root: Path, time: SimulatedClock, name: str) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())
    assert _let_it_look(watch, time) == []

    CHANGES[name](root)

    assert _let_it_look(watch, time) == []
    assert name in _let_it_look(watch, time)


def test_a_file_that_is_put_in_the_place_of_another_one_with_its_time_is_seen(root: Path, time: SimulatedClock) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())

    _replace_keeping_its_time(root)

    assert [_let_it_look(watch, time) for _ in range(2)] == [[], ["modules/Shop/Jobs/Sync.py"]]


@pytest.mark.parametrize("name", ["Jobs/__pycache__/Sync.pyc", "Jobs/.Sync.py.swp", "node_modules/x/x.json", "log.txt"])
def test_what_is_neither_code_nor_metadata_is_no_change(root: Path, time: SimulatedClock, name: str) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())

    _write(root / "modules" / "Shop" / name)

    assert [_let_it_look(watch, time) for _ in range(3)] == [[], [], []]


def test_while_files_are_being_copied_there_is_no_change_yet(root: Path, time: SimulatedClock) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())

    for number in range(5):
        _write(root / "modules" / "Shop" / f"part{number}.py")
        assert _let_it_look(watch, time) == []

    assert len(_let_it_look(watch, time)) == 5


def test_files_of_modules_are_looked_at_as_often_as_ever_however_long_a_look_at_core_takes(
    root: Path, time: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, spent, look = CodeWatch(Release(root, root), [], clock.monotonic()), [0.0], code_watch._files

    def files(folder: Path, *, follows_links: bool = False) -> Any:
        spent[0] += folder == root / "core"
        return look(folder, follows_links=follows_links)

    monkeypatch.setattr(code_watch.time, "thread_time", lambda: spent[0])
    monkeypatch.setattr(code_watch, "_files", files)
    assert _let_it_look(watch, time) == []  # that took a second, and is not to be repeated for a thousand

    _write(root / "modules/Shop/Jobs/Sync.py", "22")

    assert [_let_it_look(watch, time) for _ in range(2)] == [[], ["modules/Shop/Jobs/Sync.py"]]


def test_a_change_is_not_told_while_another_part_changes(root: Path, time: SimulatedClock) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())
    _write(root / "modules" / "Shop" / "a.py")
    assert _let_it_look(watch, time) == []

    _write(root / "core" / "b.py")

    assert [_let_it_look(watch, time) for _ in range(2)] == [[], ["core/b.py", "modules/Shop/a.py"]]


def test_what_is_as_it_was_loaded_is_no_change(root: Path, time: SimulatedClock) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())
    file = root / "modules" / "New.py"

    _write(file)
    _let_it_look(watch, time)
    file.unlink()

    assert [_let_it_look(watch, time) for _ in range(3)] == [[], [], []]


def test_a_file_that_was_written_while_it_was_loaded_is_a_change(root: Path, time: SimulatedClock) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic() - 60)

    assert _let_it_look(watch, time) == ["a file that was written while it was loaded"]


def test_a_change_that_was_refused_is_none_for_a_minute_unless_files_change_again(
    root: Path, time: SimulatedClock
) -> None:
    watch = CodeWatch(Release(root, root), [], clock.monotonic())
    _write(root / "modules" / "Shop" / "a.py")
    _let_it_look(watch, time)
    assert _let_it_look(watch, time)

    watch.refuse()

    assert _let_it_look(watch, time) == []
    time.let_pass(60 * SECONDS)
    assert _let_it_look(watch, time) == ["modules/Shop/a.py"]
    watch.refuse()
    _write(root / "modules" / "Shop" / "b.py")
    assert [_let_it_look(watch, time) for _ in range(2)] == [[], ["modules/Shop/a.py", "modules/Shop/b.py"]]


def test_a_module_that_lies_elsewhere_is_watched_as_well(root: Path, tmp_path: Path, time: SimulatedClock) -> None:
    watch = CodeWatch(Release(root, root), [tmp_path / "package"], clock.monotonic())

    _write(tmp_path / "package" / "Jobs" / "A.py")

    assert [_let_it_look(watch, time) for _ in range(2)] == [[], ["package/Jobs/A.py"]]


def test_a_link_that_leads_in_a_circle_is_no_trap(root: Path, time: SimulatedClock) -> None:
    (root / "modules" / "Shop" / "loop").symlink_to(root / "modules")

    assert _let_it_look(CodeWatch(Release(root, root), [], clock.monotonic()), time) == []


def test_a_link_that_leads_to_another_folder_with_the_same_data_is_a_change(root: Path, time: SimulatedClock) -> None:
    current, other = root.parent / "current", root.parent / "other"
    current.symlink_to(root)
    other.mkdir()
    watch = CodeWatch(Release(root, current), [], clock.monotonic())

    _lead(current, other)
    assert [_let_it_look(watch, time) for _ in range(2)] == [[], []]  # another installation

    (other / "data").symlink_to(root / "data")
    assert [_let_it_look(watch, time) for _ in range(2)] == [[], [str(current)]]

    _lead(current, root)
    assert [_let_it_look(watch, time) for _ in range(2)] == [[], []]


def _lead(link: Path, target: Path) -> None:
    link.unlink()
    link.symlink_to(target)


def test_a_link_is_followed_though_the_folder_that_it_led_to_was_taken_away(
    tmp_path: Path, time: SimulatedClock
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data").symlink_to(tmp_path / "data")
    current = tmp_path / "current"
    current.symlink_to(tmp_path / "first")
    release = Release(tmp_path / "first", current)
    watch = CodeWatch(release, [], clock.monotonic())

    _lead(current, tmp_path / "second")
    shutil.rmtree(tmp_path / "first")

    assert [_let_it_look(watch, time) for _ in range(2)] == [[], [str(current)]]
    assert release.latest().root == tmp_path / "second"
