"""One operator with its value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, not_, or_, true

from core.exceptions import BadRequest
from core.orm.entity_type import short
from core.orm.field_types import FieldType, to_text
from core.orm.functions import Family, family_of
from core.orm.text_match import is_like, regular_expression

_LISTS = (list, tuple, set, frozenset)
_LIKE = ("*", "!*")
_SORTING = (">", "<", ">=", "<=")
Operator = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]


class Comparison:
    """An operator and a value, judged by the type of what they are for; `on` makes the condition on an expression.

    As in SQL NULL meets no condition but `=` None. Raises BadRequest for a value that the type cannot have.
    """

    def __init__(self, place: str, field_type: FieldType, operator: str, value: Any) -> None:
        self._place = place
        self._type = field_type
        self._operator = operator
        self._given = value
        self._is_json = family_of(field_type) is Family.JSON
        self._is_list = isinstance(value, _LISTS) and not self._is_json
        if operator in _LIKE:
            self._values: list[Any] = [self._pattern(value)]
            return
        if self._is_json and operator in _SORTING:
            raise self._wrong("JSON is not sorted; it takes =, !=, * and !*")
        if self._is_list and operator in _SORTING:
            raise self._wrong("takes no list")
        values: Iterable[Any] = value if self._is_list else (value,)
        self._values = list(dict.fromkeys(None if each is None else self._bound(each) for each in values))
        if operator in _SORTING and self.names_null:
            raise self._wrong("cannot be compared with null; it takes = or !=")

    @property
    def names_null(self) -> bool:
        """Whether NULL is one of the values."""
        return None in self._values

    @property
    def accepts_null(self) -> bool:
        """Whether NULL meets the condition."""
        return self._operator == "=" and self.names_null

    @property
    def is_never(self) -> bool:
        """Whether nothing meets the condition."""
        return self._operator == "=" and not self._values

    @property
    def count(self) -> int:
        """How many values it has."""
        return len(self._values)

    def on(self, expression: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition."""
        if self._operator in _LIKE:
            found = is_like(expression, self._values[0])
            return found if self._operator == "*" else not_(found)
        if self._operator in ("=", "!="):
            return self._among(expression)
        return OPERATORS[self._operator](expression, self._literal(expression, self._values[0]))

    def _among(self, expression: ColumnElement[Any]) -> ColumnElement[bool]:
        is_equal = self._operator == "="
        values = [each for each in self._values if each is not None]
        if not self._values:
            return false() if is_equal else true()
        if not values:
            return expression.is_(None) if is_equal else expression.is_not(None)
        if len(values) == 1:
            found = OPERATORS[self._operator](expression, self._literal(expression, values[0]))
        else:
            found = expression.in_(values) if is_equal else expression.not_in(values)
        if not self.names_null:
            return found
        return or_(found, expression.is_(None)) if is_equal else and_(found, expression.is_not(None))

    @staticmethod
    def _literal(expression: ColumnElement[Any], value: Any) -> ColumnElement[Any]:
        # Typed, as SQLAlchemy writes a plain True or False into the statement, and compares it with = only.
        return literal(value, expression.type)

    def _pattern(self, value: Any) -> str:
        if family_of(self._type) not in (Family.TEXT, Family.JSON):
            raise self._wrong("only a text fits a pattern")
        if not isinstance(value, str):
            raise self._wrong("takes a text with % and _")
        try:
            regular_expression(to_text(value))
        except ValueError as error:
            raise self._wrong(str(error)) from error
        return value

    def _bound(self, value: Any) -> Any:
        try:
            normalised = self._type.normalise(value)
            convert = self._type.to_column
            return normalised if convert is None or normalised is None else convert(normalised)
        except (TypeError, ValueError) as error:
            raise self._wrong(str(error)) from error

    def _wrong(self, why: str) -> BadRequest:
        return BadRequest(f"{self._place} {short(self._given)}: {why}.")


OPERATORS: Mapping[str, Operator] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}
