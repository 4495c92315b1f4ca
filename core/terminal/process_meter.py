"""What processes take, for somebody who asks again and again. Loads psutil."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import psutil

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied)
_MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class ProcessUse:
    """A process and its children together: resident memory, and percent of one core since the question before."""

    pid: int
    memory_bytes: int
    cpu_percent: float
    children: int


class ProcessMeter:
    """Waits for nothing: what a process does is compared with the last time that somebody asked."""

    def __init__(self) -> None:
        self._known: dict[psutil.Process, psutil.Process] = {}
        self._lock = threading.Lock()

    def use(self, pid: int) -> ProcessUse | None:
        """What it takes; None where it is gone. The first answer about a process has no processor time."""
        try:
            process = psutil.Process(pid)
            all_of_them = [process, *process.children(recursive=True)]
        except _GONE:
            return None
        measured = [found for each in all_of_them if (found := self._measure(each)) is not None]
        if not measured:
            return None
        memory, processor = (sum(values) for values in zip(*measured, strict=True))
        return ProcessUse(pid, int(memory), round(processor, 1), len(measured) - 1)

    def _measure(self, process: psutil.Process) -> tuple[float, float] | None:
        with self._lock:  # a Process remembers its last question, and is not made for two threads
            if len(self._known) > _MOST_REMEMBERED:
                self._known.clear()
            known = self._known.setdefault(process, process)  # equal by pid and start time
            try:
                return float(known.memory_info().rss), float(known.cpu_percent())
            except _GONE:
                self._known.pop(process, None)
                return None
