"""The name under which this machine's runs stand in the database."""

from __future__ import annotations

import socket
from pathlib import Path

from core.config import Config
from core.job_queue.announcement import installation_id


def node_name(config: Config, root: Path) -> str:
    """The name of this machine and installation among those that share the database.

    On SQLite all processes are this machine's: a changed host name must not strand their rows.
    """
    if config.is_on_sqlite:
        return "local"
    return f"{config.get('nodeName') or socket.gethostname()}:{installation_id(root)}"
