"""How often somebody may try to log in."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from threading import Lock

from core import clock
from core.exceptions import TooManyRequests
from core.sentence import Sentence

_WINDOW_SECONDS = 15 * 60.0
_OF_NAME_AND_ADDRESS, _OF_ADDRESS, _OF_NAME = 5, 30, 100
#: A crowd that tries many names does not fill the memory; the oldest is forgotten first.
_MOST_KEYS = 100_000
#: Whoever guesses, from however many addresses, does not fill the audit.
_MOST_ROWS = 30

Key = tuple[str, str | None]


class LoginLimit:
    """Counts failures in the memory of this process: 5 of a name from an address, 30 from one, 100 of a name.

    The narrow limit comes first, so that a stranger elsewhere does not keep the right person out.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[Key, deque[float]] = OrderedDict()
        self._rows: deque[float] = deque(maxlen=_MOST_ROWS)
        self._lock = Lock()

    def check(self, name: str, address: str) -> None:
        """Raise TooManyRequests where there were too many failures within 15 minutes."""
        now = clock.monotonic()
        with self._lock:
            waits = [self._wait(key, most, now) for key, most in _limits(name, address)]
        if any(waits):
            seconds = max(waits)
            text = Sentence("Too many failed logins. Try again in {count} min.", count=math.ceil(seconds / 60))
            raise TooManyRequests(text, seconds)

    def note_failure(self, name: str, address: str) -> int:
        """Somebody did not know the password.

        Answers how many failures of the name from there there were, where this one is worth a row of the audit, else 0:
        the first one within 15 minutes, and the one that closes the limit; of all names and addresses 30 at most.
        """
        now = clock.monotonic()
        with self._lock:
            for key, most in _limits(name, address):
                self._failures.setdefault(key, deque(maxlen=most)).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > _MOST_KEYS:
                self._failures.popitem(last=False)
            return self._told(sum(at > now - _WINDOW_SECONDS for at in self._failures[name, address]), now)

    def note_success(self, name: str, address: str) -> None:
        """The person of this name knows it: what she mistyped is forgotten; what others try from there is not."""
        with self._lock:
            self._failures.pop((name, address), None)

    def _told(self, failures: int, now: float) -> int:
        is_full = len(self._rows) == _MOST_ROWS and self._rows[0] > now - _WINDOW_SECONDS
        if failures not in (1, _OF_NAME_AND_ADDRESS) or is_full:
            return 0
        self._rows.append(now)
        return failures

    def _wait(self, key: Key, most: int, now: float) -> float:
        failures = self._failures.get(key)
        if failures is None or len(failures) < most:
            return 0.0
        return max(0.0, failures[0] + _WINDOW_SECONDS - now)


def _limits(name: str, address: str) -> list[tuple[Key, int]]:
    return [((name, address), _OF_NAME_AND_ADDRESS), (("", address), _OF_ADDRESS), ((name, None), _OF_NAME)]
