"""Whether the job manager gets something done: said in its lock file, and looked after where it does not."""

from __future__ import annotations

import faulthandler
from contextlib import suppress
from pathlib import Path
from typing import IO

from core import clock
from core.exceptions import DatabaseBusy, DatabaseUnavailable
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.flags import HANG_FILE
from core.log import logger

#: A round takes milliseconds. `cron` kills one that has been at it for as long, and a service manager needs no `cron`.
SILENT_SECONDS = 60.0
# Each time a thread ends, and another one begins.
_WIND_UP_SECONDS = 10.0
# Connections that are broken in a way that nobody noticed, and tables that are not what they were.
_FRESH_CONNECTIONS_SECONDS = 10.0
_START_ANEW_SECONDS = 60.0


class Watchdog:
    """Ends a process whose round never ends, and says when rounds that fail call for more than another try.

    A round is what happens within a second. The next start logs where the former one hung.
    """

    def __init__(self, root: Path, lock: DaemonLock) -> None:
        self._path = root / HANG_FILE
        self._lock = lock
        self._file: IO[bytes] | None = None
        self._failing_since: float | None = None
        #: What failed last, in a sentence.
        self.trouble = ""
        self._is_for_a_person = False
        self._had_success = False
        self._had_failure = False
        self._fresh_connections_at = 0.0
        self._wind_up_at = 0.0

    def begin(self) -> None:
        """From here on rounds are made, and none may take longer than a minute."""
        with suppress(OSError):  # without it a hang is only not explained
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._say_where_the_former_one_hung()
            self._file = self._path.open("wb")
        self._wind_up()

    def end(self) -> None:
        """No more rounds are made."""
        faulthandler.cancel_dump_traceback_later()
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)

    def note_round(self) -> None:
        """A round begins."""
        if self._lock.pulse() and clock.monotonic() >= self._wind_up_at:
            self._wind_up()

    def note_success(self) -> None:
        """The database did what was asked of it."""
        self._had_success = True

    def note_failure(self, doing: str, error: Exception) -> None:
        """The database did not."""
        self._had_failure = True
        self._is_for_a_person = isinstance(error, DatabaseBusy | DatabaseUnavailable)
        if self._failing_since is None:
            self._failing_since = clock.monotonic()
            self._fresh_connections_at = self._failing_since + _FRESH_CONNECTIONS_SECONDS
        self.trouble = f"The database failed while {doing}: {error}"
        self._lock.tell(failing_since=self._failing_since, trouble=self.trouble)

    def look_back(self) -> None:
        """Judge the rounds since the last call: one in which anything failed was none."""
        if self._had_success and not self._had_failure and self._failing_since is not None:
            seconds = clock.monotonic() - self._failing_since
            logger.warning("The job manager gets its work done again, after %.0f s.", seconds)
            self._failing_since = None
            self._lock.tell(failing_since=0, trouble="")
        self._had_success = self._had_failure = False

    def wants_fresh_connections(self) -> bool:
        """Whether it has failed for so long that other connections should be tried; true once in a while."""
        now = clock.monotonic()
        if self._failing_since is None or now < self._fresh_connections_at:
            return False
        self._fresh_connections_at = now + _FRESH_CONNECTIONS_SECONDS
        return True

    def wants_new_start(self) -> bool:
        """Whether nothing helped that this process can do, and the database is neither away nor full nor locked."""
        if self._failing_since is None or self._is_for_a_person:
            return False
        return clock.monotonic() - self._failing_since >= _START_ANEW_SECONDS

    def _wind_up(self) -> None:
        self._wind_up_at = clock.monotonic() + _WIND_UP_SECONDS
        # A thread of the interpreter's own, which needs no lock of Python's: it ends code in C that hangs as well.
        if self._file is not None:
            faulthandler.dump_traceback_later(SILENT_SECONDS, exit=True, file=self._file)
        else:
            faulthandler.dump_traceback_later(SILENT_SECONDS, exit=True)

    def _say_where_the_former_one_hung(self) -> None:
        with suppress(FileNotFoundError):
            text = self._path.read_text(errors="replace").strip()
            if text:
                logger.error(
                    "The former job manager ended itself, as a round took over %g s:\n%s", SILENT_SECONDS, text
                )
