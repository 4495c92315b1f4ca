"""Asking why a job does not run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.job_manager.daemon_lock import Holder
from core.job_manager.why import explain
from core.job_queue.process_identity import ProcessIdentity
from tests.integration.job_manager.manager import Manager


def why(manager: Manager, job_id: str) -> tuple[str, str, str]:
    """Reason, text and remedy."""
    answer = manager.container.get("jobManager").why(job_id)
    return answer.reason, answer.text, answer.remedy or ""


def why_at_work(manager: Manager, job_id: str, workers: int = 4, silent_seconds: float = 0.1) -> tuple[str, str, str]:
    """The same where a job manager is at work that has not come to the job yet: none runs."""
    holder = Holder(ProcessIdentity.current(), silent_seconds, workers)
    status = replace(manager.container.get("jobManager").status(), is_running=True, holder=holder, not_kept=None)
    answer = explain(manager.container, job_id, status)
    return answer.reason, answer.text, answer.remedy or ""


def write(manager: Manager, job_id: str, **columns: Any) -> None:
    """Bare SQL."""
    changes = ", ".join(f"{name} = ?" for name in columns)
    manager.execute(f"UPDATE job SET {changes} WHERE id = ?", *columns.values(), job_id)
