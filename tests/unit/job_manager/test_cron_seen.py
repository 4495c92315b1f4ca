"""Whether somebody would start the job manager again."""

from __future__ import annotations

import os
from pathlib import Path

from core import clock
from core.job_manager.cron_seen import note_cron, why_not_kept
from core.job_manager.daemon_lock import Holder
from core.job_queue.process_identity import ProcessIdentity


def test_cron_that_comes_keeps_it(tmp_path: Path) -> None:
    note_cron(tmp_path)

    assert why_not_kept(tmp_path, None) is None


def test_cron_that_never_came_does_not(tmp_path: Path) -> None:
    assert why_not_kept(tmp_path, None) == "cron has never come to this installation."


def test_cron_may_miss_a_few_minutes(tmp_path: Path) -> None:
    note_cron(tmp_path)
    now = clock.now().timestamp()

    os.utime(tmp_path / "data/cron-seen", (now, now - 290))
    assert why_not_kept(tmp_path, None) is None
    os.utime(tmp_path / "data/cron-seen", (now, now - 310))
    assert (why_not_kept(tmp_path, None) or "").startswith("cron came last 5 min ago, at ")


def test_one_in_the_foreground_needs_no_cron(tmp_path: Path) -> None:
    process = ProcessIdentity.current()

    assert why_not_kept(tmp_path, Holder(process, 0.0, is_from_cron=False)) is None
    assert why_not_kept(tmp_path, Holder(process, 0.0, is_from_cron=True)) is not None
