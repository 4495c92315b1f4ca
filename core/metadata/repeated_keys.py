"""Where in a JSON text a key stands a second time: Python's reader knows that it does, but not where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(?P<colon>\s*:)?|[{}\[\]]')


def repeated_keys(text: str) -> Iterator[tuple[int, str]]:
    """The line and the path of each key that its object has already; the text is JSON that could be read."""
    ways: list[list[str]] = []  # for each object and list that is open, the keys so far; the last one is where we are
    for token in _TOKEN.finditer(text):
        if token[0] in ("{", "["):
            ways.append([])
        elif token[0] in ("}", "]"):
            ways.pop()
        elif token["colon"]:
            key = json.loads(token[0].removesuffix(token["colon"]))
            if key in ways[-1]:
                path = [*(way[-1] for way in ways[:-1] if way), key]
                yield text.count("\n", 0, token.start()) + 1, ".".join(path)
            ways[-1].append(key)
