"""AtroCore's `where` language, compiled to SQLAlchemy expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, false, func, literal, not_, or_, true

from core.exceptions import BadRequest, did_you_mean
from core.orm.entity_type import Attribute, EntityType

#: In the order in which they are looked for at the end of a key.
OPERATORS = ("!=s", "=s", "!=", "!*", "*", ">=", "<=", ">", "<", "=")
_GROUPS = ("AND", "OR", "NOT")
_LISTS = (list, tuple, set, frozenset)


class Where:
    """Compiles conditions on one table; `names_deleted` says whether one of them was on `deleted`.

    A key is an attribute with an operator at its end (`executeTime<=`; none means `=`), or a group: `AND`, `OR` and
    `NOT` take a mapping, or a list of mappings. As in SQL a NULL column meets no condition but `=` None. Raises
    BadRequest for an unknown name or operator, and for a value that the attribute cannot have.
    """

    def __init__(self, entity_type: EntityType, table: Table) -> None:
        self._type = entity_type
        self._table = table
        self.names_deleted = False

    def all_of(self, conditions: Any) -> ColumnElement[bool]:
        """All of the conditions, given as a mapping or a list of mappings; none is always true."""
        return and_(true(), *self._each(conditions))

    def _each(self, conditions: Any) -> list[ColumnElement[bool]]:
        if isinstance(conditions, Mapping):
            return [self._condition(key, value) for key, value in conditions.items()]
        if isinstance(conditions, list | tuple):
            return [self.all_of(each) for each in conditions]
        raise BadRequest(f"{self._type.name}: a condition is a mapping or a list of them, not {conditions!r}.")

    def _condition(self, key: Any, value: Any) -> ColumnElement[bool]:
        if isinstance(key, int) or key == "AND":  # a PHP array without keys has numbers for keys
            return self.all_of(value)
        if key == "OR":
            return or_(false(), *self._each(value))
        if key == "NOT":
            return not_(self.all_of(value))
        name, operator = self._split(key)
        self.names_deleted |= name == "deleted"
        attribute, column = self._type.attributes[name], self._table.c[self._type.columns[name]]
        return _Comparison(self._type, attribute, operator, column).with_value(value)

    def _split(self, key: Any) -> tuple[str, str]:
        if not isinstance(key, str):
            raise BadRequest(f"{self._type.name}: {key!r} is no key of a condition.")
        operator = next((each for each in OPERATORS if key.endswith(each)), "")
        name = key[: len(key) - len(operator)]
        if name not in self._type.columns:
            near = did_you_mean(name, [*self._type.columns, *_GROUPS])
            raise BadRequest(f"{self._type.name}: '{key}' names no stored attribute.{near}")
        if operator in ("=s", "!=s"):
            raise BadRequest(f"{self._type.name}: '{key}': there are no subselects; give a list.")
        return name, operator or "="


class _Comparison:
    def __init__(self, entity_type: EntityType, attribute: Attribute, operator: str, column: Column[Any]) -> None:
        self._type = entity_type
        self._attribute = attribute
        self._operator = operator
        self._column = column

    def with_value(self, value: Any) -> ColumnElement[bool]:
        if self._operator in ("*", "!*"):
            return self._like(value)
        if isinstance(value, _LISTS) and not self._attribute.type.is_mutable:
            return self._in(value)
        bound = None if value is None else self._bound(value)
        if bound is None:
            return self._null(value)
        # Typed, as SQLAlchemy writes a plain True or False into the statement, and compares it with = only.
        return _COMPARE[self._operator](self._column, literal(bound, self._column.type))

    def _in(self, values: Any) -> ColumnElement[bool]:
        if self._operator not in ("=", "!="):
            raise self._wrong(values, "takes no list")
        has_null = None in values
        among = self._column.in_([self._bound(each) for each in values if each is not None])
        found = or_(among, self._column.is_(None)) if has_null else among
        if self._operator == "=":
            return found
        return and_(not_(among), self._column.is_not(None)) if has_null else not_(among)

    def _null(self, value: Any) -> ColumnElement[bool]:
        if self._operator == "=":
            return self._column.is_(None)
        if self._operator == "!=":
            return self._column.is_not(None)
        raise self._wrong(value, "cannot be compared with null; it takes = or !=")

    def _like(self, pattern: Any) -> ColumnElement[bool]:
        if not isinstance(pattern, str):
            raise self._wrong(pattern, "takes a text with % and _")
        # AtroCore's rule: with a % in it capitals and small letters are the same.
        ignores_case = "%" in pattern
        column = func.lower(self._column) if ignores_case else self._column
        found = column.like(func.lower(pattern) if ignores_case else pattern)
        return found if self._operator == "*" else not_(found)

    def _bound(self, value: Any) -> Any:
        try:
            return self._attribute.to_column(self._attribute.type.normalise(value))
        except (TypeError, ValueError) as error:
            raise self._wrong(value, str(error)) from error

    def _wrong(self, value: Any, why: str) -> BadRequest:
        return BadRequest(f"{self._type.name}: '{self._attribute.name}{self._operator}' {value!r}: {why}.")


_COMPARE: dict[str, Callable[[Column[Any], Any], ColumnElement[bool]]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
}
