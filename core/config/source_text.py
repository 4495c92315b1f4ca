"""Where in a Python source its nodes and tokens stand, as indexes into the text."""

from __future__ import annotations

import ast
import io
import tokenize
from functools import cached_property
from typing import NamedTuple

LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


class Token(NamedTuple):
    text: str
    start: int
    end: int


class SourceText:
    """A source with its syntax tree; SyntaxError where it has none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where a node begins and ends; parentheses around it are not part of it."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._from_bytes(node.lineno, node.col_offset), self._from_bytes(node.end_lineno, node.end_col_offset)

    def indent_at(self, index: int) -> str:
        """The white space at the beginning of a line, whichever of its characters the index is."""
        line = self.text[self.text.rfind("\n", 0, index) + 1 :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def token_before(self, index: int) -> Token:
        """The last token that ends at or before the index; comments do not count."""
        return max((token for token in self._tokens if token.end <= index), key=lambda token: token.end)

    def end_of_entry(self, index: int) -> int:
        """The end of an entry whose value ends at the index, with the parentheses and the comma behind it."""
        for token in self._tokens:
            if token.start < index:
                continue
            if token.text not in (")", ","):
                break
            index = token.end
            if token.text == ",":
                break
        return index

    @cached_property
    def _tokens(self) -> list[Token]:
        read = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [
            Token(
                token.string,
                self._starts[token.start[0] - 1] + token.start[1],
                self._starts[token.end[0] - 1] + token.end[1],
            )
            for token in read
            if token.type not in LAYOUT
        ]

    def _from_bytes(self, line: int, offset: int) -> int:
        # A syntax tree counts the bytes of UTF-8, a token its characters.
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:offset].decode())
