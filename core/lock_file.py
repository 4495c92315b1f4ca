"""Files that exist to be locked."""

from __future__ import annotations

import os
from pathlib import Path


def open_lock_file(path: Path) -> int:
    """A descriptor of the lock file that no program started from here inherits; the file is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
