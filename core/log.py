"""The log `data/logs/atro.log`, and which job a line belongs to."""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
import os
import sys
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import quote

from core.exceptions import ConfigurationError

#: What core and modules log to; the container's `log`.
logger = logging.getLogger("atro")

#: The job that lines name which are logged from now on.
current_job: ContextVar[str | None] = ContextVar("current_job", default=None)


class LineFormatter(logging.Formatter):
    """`2026-11-23T10:20:30.123456Z WARNING [job <id>] text`, the time in UTC."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s%(job)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        job_id = current_job.get()
        record.job = f" [job {job_id}]" if job_id else ""
        return super().format(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def level_number(name: str) -> int:
    """The number of `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`; raises ConfigurationError for anything else."""
    number = logging.getLevelNamesMapping().get(str(name).upper())
    if number is None:
        raise ConfigurationError(
            f"logger.level in data/config.py is {name!r}; it is DEBUG, INFO, WARNING, ERROR or CRITICAL"
        )
    return number


def job_log_path(root: Path, job_id: str) -> Path:
    """The file with what a job printed and logged; it exists only if the job did."""
    return root / "data" / "logs" / "jobs" / f"{quote(job_id, safe='')}.log"


class _WatchedFile(logging.handlers.WatchedFileHandler):
    """Opens the file again where somebody has renamed it, and makes the folder again where somebody has removed it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            if sys.stderr is not None:
                with suppress(OSError):
                    sys.stderr.write(f"{self.format(record)}\n")

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()


class LogFile:
    """The log file of one installation, attached to `logger` until `close()`.

    Many processes append to it. One that finds it renamed opens the new one, so that a single process may rotate it for
    all. A log that cannot be written to never fails the work: the line goes to standard error instead.
    """

    def __init__(self, path: Path, level: str) -> None:
        self.path = path
        self._former_level = logger.level
        number = level_number(level)
        handler: logging.Handler
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = _WatchedFile(path, delay=True, encoding="utf-8", errors="backslashreplace")
        except OSError:
            handler = logging.StreamHandler()
        handler.setFormatter(LineFormatter())
        handler.setLevel(number)
        self._handler = handler
        logger.addHandler(handler)
        logger.setLevel(number)

    def set_level(self, level: str) -> None:
        """Obey a changed configuration; raises ConfigurationError for an unknown level."""
        number = level_number(level)
        self._handler.setLevel(number)
        logger.setLevel(number)

    def close(self) -> None:
        """Detach from `logger`."""
        logger.removeHandler(self._handler)
        logger.setLevel(self._former_level)
        self._handler.close()


def rotate(path: Path, max_bytes: int, max_files: int) -> bool:
    """Rename a log over `max_bytes` to `.1` and the older ones one further, `max_files` in all; says whether it did.

    For one process at a time; a second caller leaves it to the first.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return False
        lock = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for number in range(max_files - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            with suppress(FileNotFoundError):
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        path.replace(path.with_name(f"{path.name}.1"))
        path.with_name(f"{path.name}.{max_files}").unlink(missing_ok=True)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
