"""What is counted and summed up over the rows of a query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select, text

from core.exceptions import BadRequest, did_you_mean
from core.orm import portable_sql as sql
from core.orm.division import Division
from core.orm.entity_type import Attribute, short
from core.orm.field_types import FIELD_TYPES, FieldType
from core.orm.functions import BIG_INT, Family
from core.orm.ordering import read_order
from core.orm.term import Term, Terms
from core.orm.where import read_where

_SORTED = (Family.TEXT, Family.NUMBER, Family.DAY, Family.MOMENT)
_FLOAT = FIELD_TYPES["float"]


@dataclass(frozen=True, slots=True)
class _Aggregate:
    """What an aggregate takes, the type of its result, and how it is written in SQL."""

    takes: tuple[Family, ...]
    gives: Callable[[FieldType], FieldType]
    build: Callable[[ColumnElement[Any]], ColumnElement[Any]]


def _sum_of(argument: FieldType) -> FieldType:
    return argument if float in argument.kinds else BIG_INT


_AGGREGATES: Mapping[str, _Aggregate] = {
    "COUNT": _Aggregate(tuple(Family), lambda _: BIG_INT, func.count),
    "SUM": _Aggregate((Family.NUMBER,), _sum_of, func.sum),
    "AVG": _Aggregate((Family.NUMBER,), lambda _: _FLOAT, lambda of: func.avg(sql.Double(of), type_=of.type)),
    "MIN": _Aggregate(_SORTED, lambda argument: argument, lambda of: func.min(of, type_=of.type)),
    "MAX": _Aggregate(_SORTED, lambda argument: argument, lambda of: func.max(of, type_=of.type)),
}


@dataclass(frozen=True, slots=True)
class _Result(Term):
    """A term that is one of the results."""

    expression: Any = None

    def _at_end(self, table: FromClause) -> ColumnElement[Any]:
        found: ColumnElement[Any] = self.expression
        return found


class Aggregates:
    """Named aggregates (`{"total": "SUM:amount"}`), of each group where `group_by` names terms.

    As `Terms` it knows its results by their names, and further aggregates. Raises BadRequest for what does not fit.
    """

    def __init__(
        self, terms: Terms, table: FromClause, values: Mapping[str, str], group_by: str | Sequence[str]
    ) -> None:
        self._terms = terms
        self._table = table
        groups = (group_by,) if isinstance(group_by, str) else group_by
        self._groups = {each: self._group(each) for each in groups}
        if not isinstance(values, Mapping):
            raise BadRequest(f'{self.name}: aggregate({short(values)}): it takes names and terms: {{"n": "COUNT:id"}}.')
        self._values: dict[str, _Result] = {}
        self._values.update((each, self._aggregate(each, of)) for each, of in values.items())
        twice = self._groups.keys() & self._values.keys()
        if twice:
            raise BadRequest(f"{self.name}: '{min(twice)}' is a group; call the aggregate otherwise.")
        if not self._results:
            raise BadRequest(f'{self.name}: an aggregate has a name and a term: {{"n": "COUNT:id"}}.')

    @property
    def name(self) -> str:
        """The entity type."""
        return self._terms.name

    def term(self, text: str) -> Term:
        """A result by its name, or a further aggregate."""
        return self._results.get(text) or self._aggregate(text, text)

    def is_indexed(self, term: Term, fixed: Collection[str]) -> bool:
        """No index has results."""
        return False

    def division(self, term: Term) -> Division | None:
        """Nor does one divide them."""
        return None

    def statement(self, having: Mapping[str, Any] | Sequence[Any], order: str | Sequence[Any]) -> Select[Any]:
        """The statement; the conditions on the rows are still to be added."""
        columns = [each.expression.label(f"c{number}") for number, each in enumerate(self._results.values())]
        statement = select(*columns).select_from(self._table)
        if self._groups:
            # By their places: PostgreSQL has to see that the group is what is selected.
            statement = statement.group_by(*(text(str(number + 1)) for number in range(len(self._groups))))
        if having and not self._groups:
            raise BadRequest(f"{self.name}: having is a condition on groups; group_by names none.")
        if having:
            statement = statement.having(read_where(self, having, "h").bound_on(self._table))
        return statement.order_by(*(each.by(each.term.value(self._table)) for each in read_order(self, order, "ASC")))

    def read(self, connection: Connection, statement: Select[Any]) -> list[dict[str, Any]]:
        """The results, by their names."""
        results = self._results
        return [
            {name: _plain(value, result.type) for (name, result), value in zip(results.items(), row, strict=True)}
            for row in connection.execute(statement)
        ]

    @property
    def _results(self) -> dict[str, _Result]:
        return {**self._groups, **self._values}

    def _group(self, name: str) -> _Result:
        term = self._terms.term(name)
        if term.family is Family.JSON:
            raise BadRequest(f"{self.name}: group by '{name}': it is JSON, and nothing is grouped by that.")
        return self._result(name, term.type, term.value(self._table))

    def _aggregate(self, name: str, of: str) -> _Result:
        function, _, rest = of.partition(":") if isinstance(of, str) else ("", "", "")
        aggregate = _AGGREGATES.get(function)
        if aggregate is None or not rest:
            near = did_you_mean(str(of), [*self._results, *(f"{each}:{rest}" for each in _AGGREGATES)])
            raise BadRequest(f"{self.name}: {short(of)} is no aggregate; there are {', '.join(_AGGREGATES)}.{near}")
        term = self._terms.term(rest)
        if term.family not in aggregate.takes:
            takes = " or ".join(aggregate.takes)
            raise BadRequest(f"{self.name}: '{of}': {function} takes {takes}, not {term.family}.")
        return self._result(name, aggregate.gives(term.type), aggregate.build(term.value(self._table)))

    def _result(self, name: str, field_type: FieldType, expression: ColumnElement[Any]) -> _Result:
        attribute = Attribute(name, field_type, {}, None, None, False, ())
        return _Result(name, self.name, (), attribute, "", (), False, expression)


def _plain(value: Any, field_type: FieldType) -> Any:
    """Numbers as entities have them: MariaDB sums up in decimals."""
    if value is None or field_type.kinds[0] not in (int, float):
        return value
    return field_type.kinds[0](value)
