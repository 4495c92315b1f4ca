"""What is known of one type of entity: its attributes and links, read from entityDefs and scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.exceptions import BadRequest, did_you_mean
from core.orm.conditional_properties import no_conditions, read_conditional_properties
from core.orm.conditions import Condition, is_empty
from core.orm.definition import as_object
from core.orm.field_types import FIELD_TYPES, ID, IDS, NOT_STORED, FieldType, Params
from core.orm.index_definition import IndexDefinition, IndexReader
from core.orm.link import BELONGS_TO, HAS_MANY, Link, read_link
from core.orm.names import snake_case
from core.orm.rules import Rule, first_broken, read_rules
from core.sentence import Sentence

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

    @property
    def takes_empty(self) -> bool:
        """Whether an empty text, list or object fits; a NOT NULL column alone does not forbid it."""
        return not (self.is_required and self.params.get("required"))

    def faults(self, value: Any) -> Sequence[str]:
        """Which rules the value breaks."""
        if not value and is_empty(value):
            if not self.takes_empty:
                return [Sentence("is required")]
            return [Sentence("has to have a value")] if value is None and self.is_required else ()
        return [wrong for rule in self.rules if (wrong := rule(value)) is not None] if self.rules else ()

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
class ForeignField:
    """A field of type `foreign`: it shows the attribute `field` of the entity that `link` leads to."""

    name: str
    link: str
    field: str


@dataclass(frozen=True, eq=False)
class EntityType:
    """One type of entity. `problems` tell what in its definition was left out, and why."""

    name: str
    attributes: Mapping[str, Attribute]
    links: Mapping[str, Link]
    indexes: tuple[IndexDefinition, ...]
    problems: tuple[str, ...]
    foreign_fields: Mapping[str, ForeignField] = field(default_factory=dict)
    #: Base, Hierarchy, Relation or ReferenceData.
    kind: str = "Base"
    #: By property (`required`) and attribute the condition under which the attribute has it.
    conditional: Mapping[str, Mapping[str, Condition]] = field(default_factory=no_conditions)

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
    def plain(self) -> dict[str, tuple[str, Any]]:
        """Column and Python types of each stored attribute whose value is the column's own, and never changes."""
        return {
            each.name: (str(each.column), each.type.kinds)
            for each in self.stored
            if each.type.from_column is None and not each.type.is_mutable and each.name not in self.links_by_ids
        }

    @cached_property
    def converted(self) -> tuple[tuple[str, str], ...]:
        """Column and attribute of each of `conversions`."""
        return tuple((self.columns[name], name) for name in self.conversions)

    @cached_property
    def default_row(self) -> dict[str, Any]:
        """Column -> value of an entity for which nothing was set."""
        return {column: each.to_column(each.default) for column, each in self.by_column.items()}

    @cached_property
    def autoincrements(self) -> tuple[Attribute, ...]:
        """The attributes that count the entities; a new one gets its number when it is written."""
        return tuple(each for each in self.stored if each.params.get("type") == "autoincrement")

    @cached_property
    def unique_among_living(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each unique index that has `deleted` beside them: a removed entity does not count there."""
        unique = ([name for name, _ in each.columns] for each in self.indexes if each.is_unique)
        return tuple(tuple(name for name in names if name != "deleted") for names in unique if "deleted" in names)

    @cached_property
    def links_by_ids(self) -> dict[str, Link]:
        """From the attribute with their ids (`categoriesIds`) to the link to many."""
        many = (each for each in self.links.values() if each.leads_to_many)
        return {each.attribute: each for each in many if each.attribute in self.attributes}

    @cached_property
    def judged(self) -> dict[str, Attribute]:
        """The attributes, in their order, but for those that any value fits."""
        return {each.name: each for each in self.attributes.values() if each.is_required or each.rules}

    @cached_property
    def broken_by_default(self) -> tuple[str, ...]:
        """The attributes for which a new entity has to be given a value."""
        return tuple(each.name for each in self.judged.values() if each.faults(each.default))

    @cached_property
    def required_if(self) -> Mapping[str, Condition]:
        """The attributes, but for those that are required anyway, that a condition makes required."""
        return {
            name: condition
            for name, condition in self.conditional["required"].items()
            if name in self.attributes and not self.attributes[name].params.get("required")
        }

    def attribute(self, name: str) -> Attribute:
        """The attribute of this name; raises BadRequest with the near name where there is none."""
        found = self.attributes.get(name)
        if found is None:
            raise self.unknown(name)
        return found

    def link(self, name: str) -> Link:
        """The link of this name; raises BadRequest with the near name where there is none."""
        found = self.links.get(name)
        if found is None:
            raise BadRequest(f"{self.name} has no link '{name}'.{did_you_mean(name, self.links)}")
        return found

    def unknown(self, name: str) -> BadRequest:
        """The error for a name that is no attribute of the entity."""
        link, foreign = self.links.get(name), self.foreign_fields.get(name)
        if link is not None and link.attribute in self.attributes:
            return BadRequest(f"{self.name} has no attribute '{name}'; the link is '{link.attribute}'.")
        if link is not None:
            return BadRequest(f"{self.name} has no attribute '{name}', but a link to many: relate() and unrelate().")
        if foreign is not None:
            return BadRequest(f"{self.name}: '{name}' is the {foreign.field} of {foreign.link}; set it there.")
        return BadRequest(f"{self.name} has no attribute '{name}'.{did_you_mean(name, self.attributes)}")


def read_entity_type(name: str, definition: Mapping[str, Any], scope: Mapping[str, Any]) -> EntityType:
    """The type that entityDefs and scopes define. A field that cannot be had is left out, and stands in `problems`."""
    reading = _Reading(name, definition)
    reading.add("id", ID, {}, "id")
    for field_name, params in as_object(definition.get("fields")).items():
        # A null takes away what an earlier layer declared.
        if field_name not in ("id", "deleted") and params is not None:
            reading.add_field(field_name, params)
    reading.add_field("deleted", {"type": "bool"})
    reading.add_links_without_field()
    reading.read_conditions(as_object(definition.get("fields")))
    index_reader = IndexReader(name, reading.columns)
    indexes = index_reader.read(definition)
    return EntityType(
        name,
        reading.attributes,
        reading.links,
        indexes,
        (*reading.problems, *index_reader.problems),
        reading.foreign_fields,
        str(scope.get("type") or "Base"),
        reading.conditional,
    )


class _Reading:
    def __init__(self, entity: str, definition: Mapping[str, Any]) -> None:
        self._entity = entity
        self._links = as_object(definition.get("links"))
        self.attributes: dict[str, Attribute] = {}
        self.links: dict[str, Link] = {}
        self.foreign_fields: dict[str, ForeignField] = {}
        self.conditional = no_conditions()
        self.problems: list[str] = []

    @property
    def columns(self) -> dict[str, str]:
        """From attribute to column."""
        return {each.name: each.column for each in self.attributes.values() if each.column is not None}

    def add_field(self, name: str, params: Params) -> None:
        """The attributes of one field, or a line in `problems`."""
        try:
            for attribute in self._attributes(name, params):
                self._add(attribute)
        except (TypeError, ValueError) as error:
            self._add_problem(name, str(error))

    def add_links_without_field(self) -> None:
        """Links to many need no field; what is wrong with a link goes into `problems`."""
        for name, params in self._links.items():
            if name in self.links or params is None:
                continue
            try:
                link = read_link(self._entity, name, params)
                if not link.leads_to_many:
                    raise ValueError('has no field: add it to "fields" as {"type": "link"}.')
                self.links[name] = link
            except ValueError as error:
                self.problems.append(f"entityDefs/{self._entity}.json: the link '{name}' {error}")

    def read_conditions(self, fields: Mapping[str, Any]) -> None:
        """`conditionalProperties` of the fields that could be had; what is wrong with one goes into `problems`."""
        types = {name: attribute.type for name, attribute in self.attributes.items()}
        for name, params in fields.items():
            given = as_object(params).get("conditionalProperties")
            attribute = self.links[name].attribute if name in self.links else name
            if not given or (attribute not in types and name not in self.foreign_fields):
                continue
            faults: list[str] = []
            for prop, condition in read_conditional_properties(given, types, faults):
                self.conditional[prop][attribute] = condition
            for fault in faults:
                self._add_problem(name, f"has conditionalProperties: {fault}")

    def add(self, name: str, field_type: FieldType, params: Params, column: str) -> None:
        """An attribute that no field defines."""
        self._add(Attribute(name, field_type, params, column, None, False, read_rules("link", {}, [])))

    def _attributes(self, name: str, params: Params) -> Iterator[Attribute]:
        if not isinstance(params, Mapping):
            raise ValueError(f'is {params!r}; it has to be an object such as {{"type": "varchar"}}.')
        if not name.isidentifier():
            raise ValueError("has a name that is none: it consists of letters, digits and _, and begins with no digit.")
        kind = params.get("type")
        if kind == "foreign":
            self._add_foreign(name, params)
            return
        if kind == "linkMultiple":
            attribute = self._link(name, HAS_MANY).attribute
            yield Attribute(attribute, IDS, params, None, None, bool(params.get("required")), ())
            return
        if kind == "notStorable":
            yield Attribute(name, NOT_STORED, params, None, params.get("default"), bool(params.get("required")), ())
            return
        if not isinstance(kind, str) or kind not in FIELD_TYPES:
            raise ValueError(f"has the unknown type {kind!r}.{did_you_mean(str(kind), FIELD_TYPES)}")
        attribute = self._link(name).attribute if kind == "link" else name
        faults: list[str] = []
        rules = read_rules(kind, params, faults)
        default = _default(kind, params, rules, faults)
        for fault in faults:
            self._add_problem(name, fault)
        yield Attribute(
            attribute,
            FIELD_TYPES[kind],
            params,
            None if params.get("notStorable") else snake_case(attribute),
            default,
            # A counter has no value before it is written.
            kind != "autoincrement" and (bool(params.get("required")) or has_no_null(params)),
            rules,
        )

    def _link(self, name: str, kind: str = BELONGS_TO) -> Link:
        if self._links.get(name) is None:
            raise ValueError(f'is a link, but "links" has none of this name ({{"type": "{kind}", "entity": ...}}).')
        try:
            link = read_link(self._entity, name, self._links[name])
        except ValueError as error:
            raise ValueError(f"has a link that {error}") from error
        if link.kind != kind:
            raise ValueError(f'is a link, but the one in "links" is of type {link.kind}; it has to be {kind}.')
        self.links[name] = link
        return link

    def _add_foreign(self, name: str, params: Params) -> None:
        link, shown = params.get("link"), params.get("field")
        if not isinstance(link, str) or not isinstance(shown, str):
            raise ValueError('needs "link" and "field": whose attribute it shows.')
        known = {each for each, found in self._links.items() if as_object(found).get("type", BELONGS_TO) == BELONGS_TO}
        if link not in known:
            near = did_you_mean(link, known)
            raise ValueError(f"shows a field of the link '{link}', which is no belongsTo link.{near}")
        if name in self.attributes or name in self.foreign_fields:
            raise ValueError("has the name of another field.")
        self.foreign_fields[name] = ForeignField(name, link, shown)

    def _add_problem(self, field_name: str, fault: str) -> None:
        self.problems.append(f"entityDefs/{self._entity}.json: the field '{field_name}' {fault}")

    def _add(self, attribute: Attribute) -> None:
        columns = {**self.columns, "deleted": "deleted"}
        is_taken = any(column == attribute.column for name, column in columns.items() if name != attribute.name)
        if attribute.name in self.attributes or attribute.name in self.foreign_fields or is_taken:
            raise ValueError("has the name or the column of another field.")
        self.attributes[attribute.name] = attribute


def short(value: Any) -> str:
    """How a message shows a value."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} of many levels"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def has_no_null(params: Params) -> bool:
    """Whether the column is NOT NULL: that of a bool is, unless the field says otherwise."""
    return bool(params.get("notNull", params.get("type") == "bool"))


def _default(kind: str, params: Params, rules: tuple[Rule, ...], faults: list[str]) -> Any:
    """The default; what is none goes into `faults`, and there is none then."""
    given = params.get("default")
    default = False if kind == "bool" and has_no_null(params) else None
    if given is None:
        return default
    try:
        wanted = FIELD_TYPES[kind].normalise(given)
        wrong = None if is_empty(wanted) else first_broken(rules, wanted)
    except ValueError as error:
        wrong = str(error)
    if kind == "autoincrement":
        wrong = "is not for a counter: a new entity gets the next number"
    if wrong is None:
        return wanted
    faults.append(f"has the default {given!r}, which {wrong}.")
    return default
