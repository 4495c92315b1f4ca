"""What programs print for terminals, as pages show it."""

from __future__ import annotations

import re

#: What colours the text on a terminal, or moves its cursor (ECMA-48, 5.4).
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def plain(text: str) -> str:
    """The text without colours."""
    return _CONTROL.sub("", text)
