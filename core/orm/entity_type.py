"""What is known of one type of entity: its attributes and links, read from entityDefs and scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.exceptions import BadRequest, did_you_mean
from core.orm.definition import as_object
from core.orm.field_types import FIELD_TYPES, ID, NOT_STORED, FieldType, Params
from core.orm.index_definition import IndexDefinition, IndexReader
from core.orm.names import snake_case
from core.orm.rules import Rule, rules_for

_MOMENT = {"type": "datetime"}
_USER = {"type": "link"}
_SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Attribute:
    """One value of an entity; `column` is None where it is not stored."""

    name: str
    type: FieldType
    params: Params
    column: str | None
    default: Any
    is_required: bool
    rules: tuple[Rule, ...]

    def to_column(self, value: Any) -> Any:
        """What the column holds for a value; raises TypeError or ValueError for what is not JSON."""
        convert = self.type.to_column
        return value if value is None or convert is None else convert(value)

    def from_column(self, value: Any) -> Any:
        """The value that the column holds; a new dict or list each time. Raises ValueError for what bare SQL broke."""
        if value is None:
            return None
        if not isinstance(value, self.type.kinds):
            raise ValueError(f"{short(value)} is not of its type")
        convert = self.type.from_column
        return value if convert is None else convert(value)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one other entity (belongsTo), kept in the attribute `<name>Id`."""

    name: str
    entity: str

    @property
    def attribute(self) -> str:
        """The attribute with the other's id."""
        return f"{self.name}Id"


@dataclass(frozen=True, eq=False)
class EntityType:
    """One type of entity. `problems` tell what in its definition was left out, and why."""

    name: str
    attributes: Mapping[str, Attribute]
    links: Mapping[str, Link]
    indexes: tuple[IndexDefinition, ...]
    problems: tuple[str, ...]

    @property
    def table_name(self) -> str:
        """`scheduled_job` for `ScheduledJob`."""
        return snake_case(self.name)

    @cached_property
    def stored(self) -> tuple[Attribute, ...]:
        """The attributes that have a column."""
        return tuple(each for each in self.attributes.values() if each.column is not None)

    @cached_property
    def columns(self) -> dict[str, str]:
        """From attribute to column."""
        return {each.name: each.column for each in self.stored if each.column is not None}

    @cached_property
    def by_column(self) -> dict[str, Attribute]:
        """From column to attribute."""
        return {each.column: each for each in self.stored if each.column is not None}

    @cached_property
    def conversions(self) -> dict[str, Callable[[Any], Any]]:
        """From attribute to what makes the column's value, for those stored attributes where that is another one."""
        return {each.name: each.type.to_column for each in self.stored if each.type.to_column is not None}

    @cached_property
    def default_row(self) -> dict[str, Any]:
        """Column -> value of an entity for which nothing was set."""
        return {column: each.to_column(each.default) for column, each in self.by_column.items()}

    @cached_property
    def judged(self) -> tuple[tuple[str, str | None, Any, bool, tuple[Rule, ...]], ...]:
        """Attribute, column, default, whether it is required, and rules, of those that not every value fits."""
        return tuple(
            (each.name, each.column, each.default, each.is_required, each.rules)
            for each in self.attributes.values()
            if each.is_required or each.rules
        )

    def attribute(self, name: str) -> Attribute:
        """The attribute of this name; raises BadRequest with the near name where there is none."""
        found = self.attributes.get(name)
        if found is None:
            raise self.unknown(name)
        return found

    def unknown(self, name: str) -> BadRequest:
        """The error for a name that the entity does not have."""
        if name in self.links:
            return BadRequest(f"{self.name} has no attribute '{name}'; the link is '{self.links[name].attribute}'.")
        return BadRequest(f"{self.name} has no attribute '{name}'.{did_you_mean(name, self.attributes)}")


def read_entity_type(name: str, definition: Mapping[str, Any], scope: Mapping[str, Any]) -> EntityType:
    """The type that entityDefs and scopes define. A field that cannot be had is left out, and stands in `problems`."""
    reading = _Reading(name, definition)
    reading.add("id", ID, {}, "id")
    for field, params in _fields(definition, scope).items():
        reading.add_field(field, params)
    reading.add_field("deleted", {"type": "bool"})
    index_reader = IndexReader(name, reading.columns)
    indexes = index_reader.read(definition)
    problems = (*reading.problems, *index_reader.problems)
    return EntityType(name, reading.attributes, reading.links, indexes, problems)


def _fields(definition: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Params]:
    # A null takes away what an earlier layer declared.
    declared = {
        name: params
        for name, params in as_object(definition.get("fields")).items()
        if name not in ("id", "deleted") and params is not None
    }
    return {
        **declared,
        **({"ownerUser": declared.get("ownerUser", _USER)} if scope.get("hasOwner") else {}),
        "createdAt": declared.get("createdAt", _MOMENT),
        "modifiedAt": declared.get("modifiedAt", _MOMENT),
    }


class _Reading:
    def __init__(self, entity: str, definition: Mapping[str, Any]) -> None:
        self._entity = entity
        self._links = as_object(definition.get("links"))
        self.attributes: dict[str, Attribute] = {}
        self.links: dict[str, Link] = {}
        self.problems: list[str] = []

    @property
    def columns(self) -> dict[str, str]:
        """From attribute to column."""
        return {each.name: each.column for each in self.attributes.values() if each.column is not None}

    def add_field(self, field: str, params: Params) -> None:
        """The attributes of one field, or a line in `problems`."""
        try:
            for attribute in self._attributes(field, params):
                self._add(attribute)
        except (TypeError, ValueError) as error:
            self.problems.append(f"entityDefs/{self._entity}.json: the field '{field}' {error}")

    def add(self, name: str, field_type: FieldType, params: Params, column: str) -> None:
        """An attribute that no field defines."""
        self._add(Attribute(name, field_type, params, column, None, False, rules_for("link", {})))

    def _attributes(self, field: str, params: Params) -> Iterator[Attribute]:
        if not isinstance(params, Mapping):
            raise ValueError(f'is {params!r}; it has to be an object such as {{"type": "varchar"}}.')
        if not field.isidentifier():
            raise ValueError("has a name that is none: it consists of letters, digits and _, and begins with no digit.")
        kind = params.get("type")
        if kind == "linkMultiple":
            return
        if kind == "notStorable":
            yield Attribute(field, NOT_STORED, params, None, None, False, ())
            return
        if not isinstance(kind, str) or kind not in FIELD_TYPES:
            raise ValueError(f"has the unknown type {kind!r}.{did_you_mean(str(kind), FIELD_TYPES)}")
        name = self._link(field).attribute if kind == "link" else field
        column = None if params.get("notStorable") else snake_case(name)
        yield Attribute(
            name,
            FIELD_TYPES[kind],
            params,
            column,
            _default(kind, params),
            bool(params.get("required")) or has_no_null(params),
            rules_for(kind, params),
        )

    def _link(self, field: str) -> Link:
        defined = self._links.get(field)
        if defined is None and field == "ownerUser":
            defined = {"type": "belongsTo", "entity": "User"}
        defined = as_object(defined)
        if defined.get("type", "belongsTo") != "belongsTo" or not defined.get("entity"):
            raise ValueError('is a link, but "links" names no entity for it ({"type": "belongsTo", "entity": ...}).')
        link = Link(field, str(defined["entity"]))
        self.links[field] = link
        return link

    def _add(self, attribute: Attribute) -> None:
        columns = {**self.columns, "deleted": "deleted"}
        is_taken = any(column == attribute.column for name, column in columns.items() if name != attribute.name)
        if attribute.name in self.attributes or is_taken:
            raise ValueError("has the name or the column of another field.")
        self.attributes[attribute.name] = attribute


def short(value: Any) -> str:
    """How a message shows a value."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def has_no_null(params: Params) -> bool:
    """Whether the column is NOT NULL: that of a bool is, unless the field says otherwise."""
    return bool(params.get("notNull", params.get("type") == "bool"))


def _default(kind: str, params: Params) -> Any:
    default = params.get("default")
    if default is None:
        return False if kind == "bool" and has_no_null(params) else None
    try:
        return FIELD_TYPES[kind].normalise(default)
    except ValueError as error:
        raise ValueError(f"has the default {default!r}, which {error}.") from error
