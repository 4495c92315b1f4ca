"""How much memory a run has taken: in its process, and in those that it has started."""

from __future__ import annotations

from core.job_manager.memory_use import descendants, held_bytes, private_bytes


class RunMemory:
    """What a process and its descendants have taken since now, that is, since this object was made.

    What they held before is not counted: modules, and what earlier jobs left behind.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._held_before = held_bytes(pid) or 0
        self._running_before = self._seen = descendants(pid)

    def taken_bytes(self, enough: int) -> int:
        """How much that is now; where it is surely not over `enough`, no more than it may be.

        A descendant counts with what it shares with nobody, so that nothing is counted twice, and from the second look
        on. To find out what it shares takes time, and is not done where all that they hold is not over `enough`.
        """
        own = max(0, (held_bytes(self._pid) or 0) - self._held_before)
        started = self._started()
        at_most = own + sum(held_bytes(each) or 0 for each in started)
        if not started or at_most <= enough:
            return at_most
        return own + sum(private_bytes(each) for each in started)

    def _started(self) -> set[int]:
        # Until it has executed a program, a child of vfork(2) has all memory of its parent, and seems to share none.
        found = descendants(self._pid) - self._running_before
        started, self._seen = found & self._seen, found
        return started
