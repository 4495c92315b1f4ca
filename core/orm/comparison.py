"""One operator with its value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from core.exceptions import BadRequest
from core.orm.entity_type import short
from core.orm.field_types import FieldType, to_text
from core.orm.functions import Family, family_of
from core.orm.text_match import Bind, matches, regular_expression

LISTS = (list, tuple, set, frozenset)
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
        is_json = family_of(field_type) is Family.JSON
        self._is_list = isinstance(value, LISTS) and not is_json
        if operator in _LIKE:
            self._values: list[Any] = [self._pattern(value)]
        elif operator in _SORTING:
            self._values = [self._sorted_by(value, is_json)]
        else:
            values: Iterable[Any] = value if self._is_list else (value,)
            self._values = list(dict.fromkeys(map(self._bound, values)))
        #: Whether NULL is one of the values.
        self.names_null = None in self._values
        if self.names_null:
            self._values.remove(None)

    @property
    def accepts_null(self) -> bool:
        """Whether NULL meets the condition."""
        return self._operator == "=" and self.names_null

    @property
    def is_never(self) -> bool:
        """Whether nothing meets the condition."""
        return self._operator == "=" and not self._values and not self.names_null

    @property
    def names_all(self) -> bool:
        """Whether what meets the condition has one of the values, and is not NULL."""
        return self._operator == "=" and not self.names_null

    @property
    def is_one_value(self) -> bool:
        """Whether what meets the condition has one and the same value, which is not NULL."""
        return self.names_all and not self._is_list

    @property
    def count(self) -> int:
        """How many values it has."""
        return len(self._values)

    @property
    def shape(self) -> Hashable:
        """What of the values is seen in the SQL."""
        return self.names_null, self._is_list, bool(self._values)

    @property
    def value(self) -> Any:
        """The value of its parameter."""
        return self._values if self._is_list else next(iter(self._values), None)

    def on(self, expression: ColumnElement[Any], name: str, bind: Bind) -> ColumnElement[bool]:
        """The condition; its value is that of the parameter `name`, which `bind` makes."""
        if self._operator in _LIKE:
            found = matches(expression, name, bind)
            return found if self._operator == "*" else not_(found)
        is_equal = self._operator == "="
        if not self._values and not self.names_null:
            return false() if is_equal else true()
        if not self._values:
            return expression.is_(None) if is_equal else expression.is_not(None)
        found = self._compared(expression, name, bind)
        if not self.names_null:
            return found
        return or_(found, expression.is_(None)) if is_equal else and_(found, expression.is_not(None))

    def _compared(self, expression: ColumnElement[Any], name: str, bind: Bind) -> ColumnElement[bool]:
        # Typed, as SQLAlchemy writes a plain True or False into the statement, and compares it with = only.
        if not self._is_list:
            return OPERATORS[self._operator](expression, bind(name, type_=expression.type))
        values = bind(name, type_=expression.type, expanding=True)
        return expression.in_(values) if self._operator == "=" else expression.not_in(values)

    def _pattern(self, value: Any) -> str:
        if family_of(self._type) not in (Family.TEXT, Family.JSON):
            raise self._wrong("only a text fits a pattern")
        if not isinstance(value, str):
            raise self._wrong("takes a text with % and _")
        try:
            return regular_expression(to_text(value))
        except ValueError as error:
            raise self._wrong(str(error)) from error

    def _sorted_by(self, value: Any, is_json: bool) -> Any:
        if is_json:
            raise self._wrong("JSON is not sorted; it takes =, !=, * and !*")
        if self._is_list:
            raise self._wrong("takes no list")
        bound = self._bound(value)
        if bound is None:
            raise self._wrong("cannot be compared with null; it takes = or !=")
        return bound

    def _bound(self, value: Any) -> Any:
        if value is None:
            return None
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
