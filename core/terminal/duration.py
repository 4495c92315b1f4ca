"""Lengths of time for people."""

from __future__ import annotations

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def in_words(seconds: float) -> str:
    """The two largest units, rounded down: `45 s`, `5 min`, `2 h 5 min`, `3 d 4 h`."""
    left = max(0, int(seconds))
    for position, (size, unit) in enumerate(_UNITS):
        if left >= size:
            whole, rest = divmod(left, size)
            smaller = _UNITS[position + 1 : position + 2]
            part = rest // smaller[0][0] if smaller else 0
            return f"{whole} {unit}" + (f" {part} {smaller[0][1]}" if part else "")
    return f"{left} s"
