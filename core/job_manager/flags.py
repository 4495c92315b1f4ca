"""AtroCore's flag files, relative to the root of the installation."""

from __future__ import annotations

from os import F_OK, access
from pathlib import Path

#: While it exists no job is started.
PAUSE_FILE = Path("data/job-manager-pause.txt")
#: Its time of change is when `cron` came last.
CRON_FILE = Path("data/cron-seen")
#: It stops the daemon; running jobs go on. The next `cron` removes it.
KILL_FILE = Path("data/process-kill.txt")
#: Where the job manager stood when a round never ended; empty while all is well.
HANG_FILE = Path("data/logs/job-manager-hang.log")


class FlagFiles:
    """The files by which a person steers the job manager, asked for in each round: half the time of Path.exists."""

    def __init__(self, root: Path) -> None:
        self._pause_file, self._kill_file = str(root / PAUSE_FILE), str(root / KILL_FILE)

    def say_pause(self) -> bool:
        """Whether no job is to start."""
        return access(self._pause_file, F_OK)

    def say_stop(self) -> bool:
        """Whether the daemon is to go."""
        return access(self._kill_file, F_OK)
