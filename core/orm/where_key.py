"""The keys of the `where` language, taken apart."""

from __future__ import annotations

from dataclasses import dataclass

#: In the order in which they are looked for at the end of a key.
OPERATORS = ("!=s", "=s", "!=", "!*", "*", ">=", "<=", ">", "<", "=")
GROUPS = ("AND", "OR", "NOT")
_COLUMN = ":"


@dataclass(frozen=True, slots=True)
class Key:
    """`LOWER:name!=`: a term and an operator. `compares_terms` says that the value is the name of another term."""

    term: str
    operator: str
    compares_terms: bool

    def __str__(self) -> str:
        return f"{self.term}{self.operator}{_COLUMN if self.compares_terms else ''}"


def read_key(text: str) -> Key:
    """The key that a text means; without an operator it is `=`.

    A `:` at the end, or between term and operator, says that the value is another term: `executeTime>:` is AtroCore's
    form, `executeTime:>` the same.
    """
    rest = text.removesuffix(_COLUMN)
    operator = next((each for each in OPERATORS if rest.endswith(each)), "")
    term = rest.removesuffix(operator)
    compares = rest != text or term.endswith(_COLUMN)
    return Key(term.removesuffix(_COLUMN), operator or "=", compares)
