"""Twig's tokens that Jinja's lexer does not know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2 import Environment
from jinja2.lexer import TOKEN_BLOCK_BEGIN, TOKEN_NAME, TOKEN_OPERATOR, TOKEN_STRING, Lexer, Token, _Rule

#: The type of tokens that stand for an operator of Twig.
TWIG = "twig"
_OPERATOR = re.compile(r"\?\?|\?:|\?|=>|<=>|\.\.|===|!==")

#: Tags by Twig's name and Jinja's.
_TAGS = {"elseif": "elif", "apply": "filter", "endapply": "endfilter"}

_INTERPOLATION = re.compile(r"(?<!\\)#\{([^{}]*)\}")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "b": "\b"}
_PLAIN = "\\'\"#/"

Raw = tuple[int, str, str]


class TwigLexer(Lexer):
    """Jinja's lexer with Twig's operators, tags, escapes, and `#{...}` in texts between double quotes."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        for rules in self.rules.values():
            for index, rule in enumerate(rules):
                if rule.tokens == TOKEN_OPERATOR:
                    rules.insert(index, _Rule(_OPERATOR, TWIG, None))
                    break

    def wrap(self, stream: Iterable[Raw], name: str | None = None, filename: str | None = None) -> Iterator[Token]:
        """The tokens that the parser gets."""
        before = ""
        for raw in stream:
            line, kind, text = raw
            if kind == TOKEN_STRING:
                yield from self._string(line, text, name, filename)
            elif kind == TOKEN_NAME and before == TOKEN_BLOCK_BEGIN:
                yield Token(line, TOKEN_NAME, _TAGS.get(text, text))
            else:
                yield from super().wrap([raw], name, filename)
            before = before if kind == "whitespace" else kind

    def _string(self, line: int, text: str, name: str | None, filename: str | None) -> Iterator[Token]:
        """A text; `"a #{b} c"` becomes the tokens of `("a " ~ (b) ~ " c")`."""
        parts = _INTERPOLATION.split(text[1:-1]) if text[0] == '"' else [text[1:-1]]
        if len(parts) == 1:
            yield Token(line, TOKEN_STRING, _unescaped(parts[0]))
            return
        yield Token(line, "lparen", "(")
        for index, part in enumerate(parts):
            if index:
                yield Token(line, "tilde", "~")
            if index % 2 == 0:
                yield Token(line, TOKEN_STRING, _unescaped(part))
                continue
            yield Token(line, "lparen", "(")
            inner = self.tokeniter(part, name, filename, state="variable")
            yield from self.wrap(inner, name, filename)
            yield Token(line, "rparen", ")")
        yield Token(line, "rparen", ")")


def _unescaped(text: str) -> str:
    """A backslash before a letter that means nothing stays, so that `'/^\\d+$/'` may be written with one as well."""
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1]
    if code in _PLAIN:
        return code
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8)) if code.isdigit() else _ESCAPED.get(code, match[0])
