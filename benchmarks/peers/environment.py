"""The virtual environment of the other job systems: made at first use, never part of ours."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements.txt"


class NoEnvironment(Exception):
    """The other job systems could not be installed."""


def python_of_peers(folder: Path) -> Path:
    """The Python of an environment below `folder` that has what REQUIREMENTS lists; raises NoEnvironment."""
    place = folder / f"benchmark-peers-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    if not (place / "is-whole").exists():
        print(f"Installing the other job systems in {place}, once...", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(place))
        _run(str(place / "bin" / "pip"), "install", "--quiet", "--requirement", str(REQUIREMENTS))
        (place / "is-whole").touch()
    return place / "bin" / "python"


def _run(*command: str) -> None:
    finished = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if finished.returncode:
        raise NoEnvironment(f"{' '.join(command)} ended with {finished.returncode}: {finished.stderr.strip()[-500:]}")
