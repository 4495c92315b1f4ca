"""What the message of a schedule says that was switched off, as it failed too often."""

from __future__ import annotations

import re

from core.sentence import Sentence

#: How each of them begins.
BEGINNING = "Switched off, as it failed "
_TIMES = re.compile(rf"{BEGINNING}(\d+) times")


def switched_off(times: int) -> Sentence:
    """That it failed so many times in a row."""
    if times == 1:
        return Sentence("Switched off, as it failed once (maxFailures). The logs of its jobs say why.")
    return Sentence(
        "Switched off, as it failed {count} times in a row (maxFailures). The logs of its jobs say why.", count=times
    )


def as_sentence(message: str) -> str:
    """The Sentence of which this message was made, or the message itself where it is another one."""
    found = _TIMES.match(message)
    made = switched_off(int(found[1]) if found else 1)
    return made if made == message else message
