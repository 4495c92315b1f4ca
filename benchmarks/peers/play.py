"""`python -m benchmarks.peers.play <module of the system> prepare | gates N | ticks N | work N | clear`.

It runs in the peers' virtual environment. A system is a module with `enqueue(kind, numbers)`, after which a job of each
number is in the queue (kind is `gate` or `tick`), and `work(workers)`, which runs so many jobs at a time until it is
killed. Where it needs them it has `prepare()`, called first, `has_ended()`, whether nothing waits or runs, and
`clear()`, which takes away from the server what was put there.
"""

from __future__ import annotations

import importlib
import sys


def main(name: str, word: str, count: str = "0") -> int:
    """Does one thing with a system; 1 if it was `has_ended` and it has not."""
    system = importlib.import_module(name)
    if word in ("gates", "ticks"):
        system.enqueue(word.removesuffix("s"), range(int(count)))
    elif word == "work":
        system.work(int(count))
    elif hasattr(system, word):
        return 1 if getattr(system, word)() is False else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
