"""When `cron` came last, so that a person is told where it does not come."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core import clock
from core.job_manager.daemon_lock import Holder
from core.job_manager.flags import CRON_FILE
from core.sentence import Sentence
from core.terminal.duration import in_words

# The crontab line says every minute; a machine that is busy or boots may miss a few.
_LATE_SECONDS = 300.0

#: What to do where it does not come.
CRONTAB = Sentence(
    'The crontab of the user to whom the files belong needs the line that docs/jobs.md has: "crontab -l" shows it.'
)


def note_cron(root: Path) -> None:
    """Remember that `cron` is here now."""
    file = root / CRON_FILE
    with suppress(OSError):  # this is for people to look at; the lock file says what is wrong with the folder
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def cron_seen_at(root: Path) -> datetime | None:
    """When `cron` came last; None where it never came."""
    try:
        return datetime.fromtimestamp((root / CRON_FILE).stat().st_mtime, UTC)
    except OSError:
        return None


def why_not_kept(root: Path, holder: Holder | None) -> Sentence | None:
    """Why nobody would start the job manager of this machine again, in a sentence; None where somebody would.

    One that was started in the foreground has a service manager, or a person, who cares for it.
    """
    if holder is not None and not holder.is_from_cron:
        return None
    seen_at = cron_seen_at(root)
    if seen_at is None:
        return Sentence("cron has never come to this installation.")
    seconds = (clock.now() - seen_at).total_seconds()
    if seconds <= _LATE_SECONDS:
        return None
    moment = clock.to_iso(seen_at.replace(microsecond=0))
    return Sentence("cron came last {time} ago, at {moment}.", time=in_words(seconds), moment=moment)
