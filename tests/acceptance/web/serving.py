"""A server in a process of its own, as a person starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from core.testing import Installation

PASSWORD = "correct horse battery"


@contextmanager
def serving(installation: Installation, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server in a process of its own, which is ended with the block."""
    command = [sys.executable, str(installation.root / "console.py"), "serve", "--port=0", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=installation.root, text=True, **pipes) as process:  # type: ignore[call-overload]  # the pipes are a dict
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), process.stderr.read()
            yield address, process
        finally:
            process.kill()
