"""What a condition, an order or an aggregate is about: an attribute, over links, in functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause

from core.exceptions import BadRequest, did_you_mean
from core.metadata.definitions import REFERENCE_DATA
from core.orm.division import Division
from core.orm.entity_type import Attribute, EntityType, has_no_null, short
from core.orm.field_types import FieldType, Params, is_storable
from core.orm.functions import FUNCTIONS, Family, Function, family_of
from core.orm.link import Link
from core.orm.relation import Relation, Types
from core.orm.where_key import GROUPS

#: Each link is a subquery in the one before.
MOST_LINKS = 5
MOST_FUNCTIONS = 3
#: Into more parts than these no table is divided to be sorted.
_MOST_SHARES = 20
_LONGEST = 300
_OF_FUNCTION, _OF_LINK = ":", "."
_Condition = Callable[[ColumnElement[Any]], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Term:
    """`LOWER:scheduledJob.createdBy.name`. `stands_for_links`: it was written as `<link>Ids` of a link to many."""

    text: str
    owner: str
    relations: tuple[Relation, ...]
    attribute: Attribute
    column: str
    functions: tuple[Function, ...] = ()
    stands_for_links: bool = False

    @property
    def type(self) -> FieldType:
        """The type of its values."""
        found = self.attribute.type
        for function in self.functions:
            found = function.result(found)
        return found

    @property
    def family(self) -> Family:
        """What its values can be compared with."""
        return family_of(self.type)

    @property
    def leads_to_many(self) -> bool:
        """Whether it may have several values."""
        return any(relation.link.leads_to_many for relation in self.relations)

    @property
    def is_column(self) -> bool:
        """Whether it is a column of the entity type itself, as it is."""
        return not self.relations and not self.functions

    @property
    def is_never_null(self) -> bool:
        """Whether each row has a value."""
        return not self.relations and (self.attribute.name == "id" or has_no_null(self.attribute.params))

    def require_one(self) -> None:
        """Raise BadRequest where it may have several values."""
        if self.leads_to_many:
            raise BadRequest(f"{self.owner}: '{self.text}' leads to many; here it has to be one value.")

    def value(self, near: FromClause) -> ColumnElement[Any]:
        """Its value in a row of `near`; raises BadRequest where there may be several."""
        self.require_one()
        return self._value(near, self.relations)

    def some(self, near: FromClause, condition: _Condition) -> ColumnElement[bool]:
        """Whether one of its values in a row of `near` meets the condition."""
        return self._some(near, self.relations, condition)

    def _value(self, near: FromClause, relations: tuple[Relation, ...]) -> ColumnElement[Any]:
        if not relations:
            return self._at_end(near)
        return relations[0].value(near, lambda far: self._value(far, relations[1:]))

    def _some(
        self,
        near: FromClause,
        relations: tuple[Relation, ...],
        condition: _Condition,
    ) -> ColumnElement[bool]:
        if not relations:
            return condition(self._at_end(near))
        return relations[0].some(near, lambda far: self._some(far, relations[1:], condition))

    def _at_end(self, table: FromClause) -> ColumnElement[Any]:
        found: ColumnElement[Any] = table.c[self.column]
        for function in self.functions:
            found = function.build(found)
        return found


class Terms(Protocol):
    """What the words in conditions and orders mean; `name` is what messages begin with."""

    @property
    def name(self) -> str:
        """The entity type."""

    def term(self, text: str) -> Term:
        """The term that a text means; raises BadRequest where it means none."""

    def is_indexed(self, term: Term, fixed: Collection[str]) -> bool:
        """Whether an index has rows in the order of the term, where these columns have one value."""

    def division(self, term: Term) -> Division | None:
        """By what an index divides rows that it has in the order of the term."""


@dataclass(frozen=True, slots=True)
class EntityTerms:
    """The terms of one entity type: its attributes, those of others over links, and functions of them."""

    types: Types
    type: EntityType

    @property
    def name(self) -> str:
        """The entity type."""
        return self.type.name

    def term(self, text: str) -> Term:
        """The term that a text means.

        Foreign fields and `<link>Name` are other words for an attribute over a link. Raises BadRequest with the near
        name for an unknown attribute, link or function, and for a function that does not fit.
        """
        if len(text) > _LONGEST:
            raise BadRequest(f"{self.name}: {short(text)} names no attribute.")
        *functions, path = text.split(_OF_FUNCTION)
        column = self.type.columns.get(path)
        if column is None:
            term = _Path(self.types, self.type, text).follow(path)
        else:
            term = Term(text, self.type.name, (), self.type.attributes[path], column)
        return _in_functions(term, functions) if functions else term

    def is_indexed(self, term: Term, fixed: Collection[str]) -> bool:
        """Whether an index has rows in the order of the term, where these columns have one value."""
        return term.is_column and any(
            term.column in columns and all(before in fixed for before in columns[: columns.index(term.column)])
            for columns in self._indexes()
        )

    def division(self, term: Term) -> Division | None:
        """By what an index divides rows that it has in the order of the term."""
        divisions = (columns[0] for columns in self._indexes() if term.is_column and columns[1:2] == [term.column])
        for column in divisions:
            params = self.type.by_column[column].params
            options = _stored_options(params) if params.get("type") == "enum" else ()
            if 0 < len(options) <= _MOST_SHARES:
                return Division(column, options, not has_no_null(params))
        return None

    def _indexes(self) -> Iterator[list[str]]:
        """The columns of each index that has all rows."""
        yield from ([column for column, _ in index.columns] for index in self.type.indexes if index.where is None)


def _stored_options(params: Params) -> tuple[str, ...]:
    """Each of what a field of type enum holds; none where its options are no texts, which `check` tells."""
    options = params.get("optionsIds") or params.get("options")
    if not isinstance(options, list) or not all(isinstance(each, str) and is_storable(each) for each in options):
        return ()
    return tuple(dict.fromkeys(options))


class _Path:
    """Goes from an entity type over links to an attribute."""

    def __init__(self, types: Types, entity_type: EntityType, text: str) -> None:
        self._types = types
        self._here = entity_type
        self._owner = entity_type.name
        self._text = text
        self._relations: list[Relation] = []

    def follow(self, path: str) -> Term:
        """The term at the end of the path."""
        steps = path.split(_OF_LINK)
        while True:
            name, *rest = self._unfold(steps)
            if not rest:
                return self._end(name)
            self._go(name)
            steps = rest

    def _unfold(self, steps: list[str]) -> list[str]:
        """A foreign field, or `<link>Name`, as the steps that it stands for."""
        name, here = steps[0], self._here
        if len(steps) > 1 or name in here.columns:
            return steps
        foreign = here.foreign_fields.get(name)
        if foreign is not None:
            return [foreign.link, foreign.field]
        link = here.links.get(name.removesuffix("Name"))
        is_name = link is not None and not link.leads_to_many and name == f"{link.name}Name"
        return [link.name, "name"] if link is not None and is_name else steps

    def _go(self, name: str) -> None:
        if name not in self._here.links:
            near = did_you_mean(name, self._here.links)
            raise self._wrong(f"{self._here.name} has no link '{name}'.{near}")
        if len(self._relations) == MOST_LINKS:
            raise self._wrong(f"goes over more than {MOST_LINKS} links.")
        link = self._here.links[name]
        if REFERENCE_DATA in (self._here.kind, self._types.entity_type(link.entity).kind):
            raise self._wrong(f"the link '{name}' leads to or from reference data in a file, where no condition looks.")
        relation = Relation(self._types, self._here, link)
        self._relations.append(relation)
        self._here = relation.far_type

    def _end(self, name: str) -> Term:
        many = next((each for each in self._here.links.values() if _is_ids(each, name)), None)
        if many is not None:
            self._go(many.name)
            return self._term("id", stands_for_links=True)
        if name not in self._here.columns:
            raise self._unknown(name)
        if name == "deleted":  # without a link it was found at once
            raise self._wrong("a link leads to nothing that is deleted.")
        return self._term(name)

    def _term(self, name: str, *, stands_for_links: bool = False) -> Term:
        attribute, column = self._here.attributes[name], self._here.columns[name]
        return Term(self._text, self._owner, tuple(self._relations), attribute, column, (), stands_for_links)

    def _unknown(self, name: str) -> BadRequest:
        here = self._here
        if name in here.links:
            return self._wrong(f"is a link; write {here.links[name].attribute}, or {name}.<attribute>.")
        near = did_you_mean(name, [*here.columns, *here.foreign_fields, *here.links, *GROUPS])
        if self._relations:
            return self._wrong(f"{here.name} has no stored attribute '{name}'.{near}")
        return BadRequest(f"{self._owner}: '{self._text}' names no stored attribute.{near}")

    def _wrong(self, why: str) -> BadRequest:
        return BadRequest(f"{self._owner}: '{self._text}': {why}")


def _is_ids(link: Link, name: str) -> bool:
    """Whether a name means the ids that a link to many leads to."""
    return link.leads_to_many and name in (f"{link.name}Ids", f"{link.name}Id")


def _in_functions(term: Term, names: list[str]) -> Term:
    if len(names) > MOST_FUNCTIONS:
        raise BadRequest(f"{term.owner}: '{term.text}' has more than {MOST_FUNCTIONS} functions.")
    if term.stands_for_links:
        raise BadRequest(f"{term.owner}: '{term.text}': the ids of a link to many go into no function.")
    for name in reversed(names):  # the innermost stands last
        function = FUNCTIONS.get(name)
        if function is None:
            raise BadRequest(f"{term.owner}: '{term.text}': there is no function '{name}' here.{_near_function(name)}")
        if term.family not in function.takes:
            takes = " or ".join(function.takes)
            raise BadRequest(f"{term.owner}: '{term.text}': {name} takes {takes}, not {term.family}.")
        term = replace(term, functions=(*term.functions, function))
    return term


def _near_function(name: str) -> str:
    return f" Did you mean '{name.upper()}'?" if name.upper() in FUNCTIONS else did_you_mean(name, FUNCTIONS)
