"""How much memory processes hold for themselves, by what the kernel says of them (proc(5))."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

MIB = 1 << 20
# Not RssFile: pages of files are taken back by the kernel when it needs them.
_HELD = re.compile(rb"^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB$", re.MULTILINE)
_PRIVATE = re.compile(rb"^(?:Private_Dirty|Private_Hugetlb|SwapPss):\s+(\d+) kB$", re.MULTILINE)


def held_bytes(pid: int) -> int | None:
    """What a process has in memory and in swap, files apart; None where there is no such process.

    Pages that it shares with the process that forked it count: they are part of it from its beginning, and stay so.
    """
    return _sum(f"/proc/{pid}/status", _HELD)


def private_bytes(pid: int) -> int:
    """What a process shares with no other one; the kernel looks at each of its pages to find that out."""
    private = _sum(f"/proc/{pid}/smaps_rollup", _PRIVATE)
    # Another user's process does not say it: what it holds is not shared with ours, as it was executed.
    return held_bytes(pid) or 0 if private is None else private


def descendants(pid: int) -> set[int]:
    """The children of a process, and theirs; they may come and go meanwhile."""
    found: set[int] = set()
    unseen = [pid]
    while unseen:
        new = [child for child in _children(unseen.pop()) if child not in found]
        found.update(new)
        unseen += new
    return found


def _children(pid: int) -> list[int]:
    # Not from psutil: to find children it reads what the kernel says of all processes of the machine.
    children: list[int] = []
    with suppress(OSError):  # it has ended meanwhile
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names are enough
            with suppress(OSError):
                children += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_bytes().split())
    return children


def _sum(path: str, fields: re.Pattern[bytes]) -> int | None:
    try:
        text = Path(path).read_bytes()
    except OSError:
        return None
    return sum(map(int, fields.findall(text))) * 1024 if text else None
