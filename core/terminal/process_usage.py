"""What a process and its children take at the moment. Loads psutil."""

from __future__ import annotations

from time import sleep
from typing import Any

import psutil

# CPU time is counted in hundredths of a second: less would show nothing but 0 and 100.
_MEASURE_SECONDS = 0.2
_GONE = (psutil.NoSuchProcess, psutil.AccessDenied)


def process_usage(pid: int) -> dict[str, Any] | None:
    """CPU (percent of one core) and resident memory of a process and all its children; None if it is gone."""
    try:
        process = psutil.Process(pid)
        children = process.children(recursive=True)
        for each in (process, *children):
            _start_measuring(each)
        sleep(_MEASURE_SECONDS)
        usages = [usage for child in children if (usage := _usage(child))]
        own = _usage(process)
    except _GONE:
        return None
    return {**own, "children": usages} if own else None


def _start_measuring(process: psutil.Process) -> None:
    try:
        process.cpu_percent()
    except _GONE:
        return


def _usage(process: psutil.Process) -> dict[str, Any] | None:
    try:
        return {
            "pid": process.pid,
            "command": " ".join(process.cmdline()) or process.name(),
            "cpuPercent": process.cpu_percent(),
            "memoryBytes": process.memory_info().rss,
        }
    except _GONE:
        return None
