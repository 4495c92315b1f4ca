"""The clock of all processes of this installation can be set: `data/clock` holds by how many seconds it is wrong."""

import mmap
import struct
from datetime import timedelta
from pathlib import Path

from core import clock
from core.container import Container
from core.module_manager import AbstractModule

CLOCK = Path(__file__).parents[2] / "data" / "clock"


class Module(AbstractModule):
    def on_load(self, container: Container) -> None:
        """Let `core.clock` be wrong from now on."""
        with CLOCK.open("rb") as file:
            wrong = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
        right = clock.now
        if right.__module__ == clock.__name__:
            clock.now = lambda: right() + timedelta(seconds=struct.unpack("d", wrong)[0])
