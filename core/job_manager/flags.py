"""AtroCore's flag files, relative to the root of the installation."""

from __future__ import annotations

from pathlib import Path

#: While it exists no job is started.
PAUSE_FILE = Path("data/job-manager-pause.txt")
#: Its time of change is when `cron` came last.
CRON_FILE = Path("data/cron-seen")
#: It stops the daemon; running jobs go on. The next `cron` removes it.
KILL_FILE = Path("data/process-kill.txt")
#: Where the job manager stood when a round never ended; empty while all is well.
HANG_FILE = Path("data/logs/job-manager-hang.log")
