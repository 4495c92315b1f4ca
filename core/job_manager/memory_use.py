"""How much memory processes hold for themselves, by what the kernel says of them (proc(5))."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MIB = 1 << 20
# Not RssFile: pages of files are taken back by the kernel when it needs them.
_HELD = re.compile(rb"^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB$", re.MULTILINE)
_PRIVATE = re.compile(rb"^(?:Private_Dirty|Private_Hugetlb|SwapPss):\s+(\d+) kB$", re.MULTILINE)
_PARENT = 1  # which field after the name in brackets


def held_bytes(pid: int) -> int | None:
    """What a process has in memory and in swap, files apart; None where there is no such process.

    Pages that it shares with the process that forked it count: they are part of it from its beginning, and stay so.
    """
    return _sum(f"/proc/{pid}/status", _HELD)


def tree_bytes(pid: int, descendants: dict[int, list[int]], enough: int) -> int | None:
    """What a process and its descendants hold together; None where the process is gone.

    A descendant counts with what it shares with nobody, so that nothing is counted twice. To find that out, the kernel
    has to look at each of its pages: where all of what they hold is not over `enough`, that is the answer.
    """
    own = held_bytes(pid)
    if own is None:
        return None
    children = list(_below(pid, descendants))
    at_most = own + sum(held_bytes(child) or 0 for child in children)
    if not children or at_most <= enough:
        return at_most
    return own + sum(_private_bytes(child) for child in children)


def children_of_all() -> dict[int, list[int]]:
    """The pids of the children by the pid of their parent, for all processes there are."""
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                stat = (entry / "stat").read_bytes()
                children[int(stat[stat.rindex(b")") + 2 :].split(maxsplit=2)[_PARENT])].append(int(entry.name))
    return children


def _below(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    for child in children.get(pid, ()):
        yield child
        yield from _below(child, children)


def _private_bytes(pid: int) -> int:
    private = _sum(f"/proc/{pid}/smaps_rollup", _PRIVATE)
    # Another user's process does not say it: what it holds is not shared with ours, as it was executed.
    return held_bytes(pid) or 0 if private is None else private


def _sum(path: str, fields: re.Pattern[bytes]) -> int | None:
    try:
        text = Path(path).read_bytes()
    except OSError:
        return None
    return sum(map(int, fields.findall(text))) * 1024 if text else None
