"""AtroCore's flag file that pauses the job manager, and what a person is told of each pause: who, since when, why."""

from __future__ import annotations

import json
import os
import pwd
from datetime import UTC, datetime
from pathlib import Path

from core import clock
from core.job_manager.finding import Finding
from core.job_manager.flags import PAUSE_FILE
from core.job_queue.pause import EVERYTHING, Pause
from core.sentence import Sentence
from core.terminal.table import flat

_MOST_SHOWN = 1000
_TOPIC = "job manager"


def read_pause(root: Path) -> Pause | None:
    """What pauses the job manager of this machine; None where nothing does.

    Any file of that name does. In one that a person made, the text is the reason, and its owner the one who paused.
    """
    path = root / PAUSE_FILE
    try:
        status = path.stat()
    except OSError:
        return None
    said = _said(path)
    made_at = datetime.fromtimestamp(status.st_mtime, UTC).replace(microsecond=0)
    return Pause(
        flat(said.get("by")) or user_name(status.st_uid),
        _moment(said.get("since")) or made_at,
        flat(said.get("reason"))[:_MOST_SHOWN] or None,
    )


def write_pause(root: Path, pause: Pause) -> Pause:
    """Pause this machine."""
    path = root / PAUSE_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(pause.to_dict(), ensure_ascii=False))
        draft.replace(path)
    except OSError:  # a full disk does not keep it from pausing: it only forgets the reason
        draft.unlink(missing_ok=True)
        path.touch()
    return pause


def new_pause(reason: str | None, by: str | None = None) -> Pause:
    """A pause that begins now, in the name of `by`, else of who runs this process, also by sudo."""
    name = flat(by)[:_MOST_SHOWN] or os.environ.get("SUDO_USER") or user_name(os.geteuid())
    return Pause(name, clock.now().replace(microsecond=0), flat(reason)[:_MOST_SHOWN] or None)


def end_pause(root: Path) -> bool:
    """Let the job manager go on; says whether it was paused."""
    try:
        (root / PAUSE_FILE).unlink()
    except FileNotFoundError:
        return False
    return True


def finding_of_machine(pause: Pause) -> Finding:
    """That this machine is paused."""
    text = Sentence("The job manager is paused {pause}.", pause=pause.sentence)
    return Finding(_TOPIC, text, Sentence('"python console.py job manager resume" lets it go on.'))


def finding_of_type(job_type: str, pause: Pause) -> Finding:
    """That a type is paused, or with `EVERYTHING` all machines."""
    if job_type == EVERYTHING:
        text = Sentence("The job managers of all machines are paused {pause}.", pause=pause.sentence)
        return Finding(_TOPIC, text, _resume("--everywhere"))
    text = Sentence("Jobs of the type '{type}' are paused {pause}.", type=job_type, pause=pause.sentence)
    return Finding(_TOPIC, text, _resume(f"--type={job_type}"))


def _resume(option: str) -> Sentence:
    return Sentence('"python console.py job manager resume {option}" lets them go on.', option=option)


def user_name(number: int) -> str:
    """The name of a user of this machine, or the number where it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _said(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(errors="replace").strip()
    except OSError:  # it is another user's, or a folder: paused all the same
        return {}
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return {"reason": text}
    return {name: value for name, value in document.items() if isinstance(value, str)}


def _moment(text: str | None) -> datetime | None:
    try:
        return clock.from_text(text) if text else None
    except ValueError:
        return None
