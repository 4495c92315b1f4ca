"""What pages tell of what should worry a person."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import Config
from core.job_manager.finding import Finding
from core.job_manager.status import Status
from core.sentence import Sentence


def worries(status: Status, config: Config) -> Sequence[Finding]:
    """What the status has found, and before it a configuration that cannot be read: `doctor` has that of `check`."""
    config.reload_if_changed()
    if config.problem is None:
        return status.findings
    remedy = Sentence('Mend data/config.py on the machine: "python console.py check" says when it can be read.')
    return [Finding("configuration", config.problem, remedy, is_error=True), *status.findings]
