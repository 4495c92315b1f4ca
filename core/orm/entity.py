"""A record in memory."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Protocol

from core import clock
from core.exceptions import Error, Problem, ValidationError
from core.orm.entity_type import Attribute, EntityType, short
from core.orm.link import Link
from core.sentence import Sentence

#: A database row: column -> the column's value.
Row = Mapping[str, Any]


class EntitySource(Protocol):
    """Where an entity gets the entities from that it links to."""

    def get_entity(self, entity_type: str, entity_id: str) -> Entity | None:
        """The stored entity, or None."""

    def get_repository(self, entity_type: str) -> Any:
        """The repository of an entity type."""


class Entity:
    """A record: attributes by AtroCore's names, and what of it is stored.

    Dicts and lists are live: a change in place is seen by the next save.
    """

    #: The ids of links to many (`categoriesIds`) as they were read: what a save compares with.
    _fetched_ids: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(
        self, entity_type: EntityType, source: EntitySource, values: dict[str, Any], stored: Row | None = None
    ) -> None:
        self._type = entity_type
        self._source = source
        #: What was set, and the dicts and lists that were asked for: they may have been changed in place.
        self._values = values
        #: The row as it stands in the database; None before the first save.
        self._stored = stored
        #: What `is_new`, `get_fetched` and `is_attribute_changed` compare with: during `after_save` the row before it.
        self._reference = stored

    def __repr__(self) -> str:
        return f"<{self._type.name} {self.id}>"

    @property
    def id(self) -> str:
        """The id; empty before the first save, unless one was set."""
        return self._values.get("id") or (self._stored or {}).get("id") or ""

    @property
    def entity_type(self) -> str:
        """The name of the type: `Job`."""
        return self._type.name

    def get(self, name: str) -> Any:
        """The value of an attribute, the entity that a link leads to, or the list of them where it leads to many.

        Moments are aware datetimes in UTC. `<link>Name` is the linked entity's name; of a link to many `<link>Ids` is a
        list and `<link>Names` a dict by id. Raises BadRequest for a name that the entity does not have.
        """
        if name in self._values:
            return self._values[name]
        stored, plain = self._stored, self._type.plain.get(name)
        if stored is None or plain is None:
            return self._get_absent(name)
        column, kinds = plain
        value = stored.get(column)
        return value if value is None or isinstance(value, kinds) else self._get_absent(name)

    def set(self, name: str | Mapping[str, Any], value: Any = None) -> None:
        """Set one attribute, or several from a mapping.

        Raises ValidationError that names every unknown attribute and every value of a wrong type; then nothing is set.
        """
        values = {name: value} if isinstance(name, str) else name
        attributes = self._type.attributes
        problems = []
        normalised = {}
        for key, given in values.items():
            attribute = attributes.get(key)
            if attribute is None:
                problems.append(problem_of(self, key, given, "is no attribute", str(self._type.unknown(key))))
                continue
            try:
                normalised[key] = None if given is None else attribute.type.normalise(given)
            except ValueError as error:
                problems.append(problem_of(self, key, given, error.args[0]))
        if "deleted" in normalised:
            problems.append(
                problem_of(self, "deleted", normalised["deleted"], Sentence("is set by remove and restore"))
            )
        if "id" in normalised and self._stored is not None and normalised["id"] != self.id:
            problems.append(problem_of(self, "id", normalised["id"], Sentence("is not the id it is stored by")))
        if problems:
            raise ValidationError.of(problems)
        self._values.update(normalised)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Set what has no value but a default, None, or what bare SQL broke; the values are taken as they are."""
        for name, value in values.items():
            if (self._values.get(name) if self._stored is None else self._get_readable(name)) is None:
                self._values[name] = value

    def has(self, name: str) -> bool:
        """Whether the attribute was set or read from the database, and not only has a default or was not selected."""
        return name in self._values or self._type.columns.get(name, "") in (self._stored or ())

    @property
    def touched(self) -> Collection[str]:
        """The attributes that were set, and the dicts and lists that were asked for: they may have been changed."""
        return self._values

    def has_attribute(self, name: str) -> bool:
        """Whether entities of this type have the attribute at all."""
        return name in self._type.attributes

    def is_new(self) -> bool:
        """Whether it is not in the database yet; still true in `after_save` of the save that brought it there."""
        return self._reference is None

    def is_attribute_changed(self, name: str) -> bool:
        """Whether the value differs from the stored one; always true for a new entity."""
        attribute = self._type.attribute(name)
        reference = self._reference
        if reference is not None and name in self._type.links_by_ids:
            return name in self._values and set(self._values[name] or ()) != set(self._read_ids(name))
        if reference is None or attribute.column is None:
            return True
        if not self.has(name):
            return False
        held = attribute.to_column(self.get(name))
        return attribute.column not in reference or reference[attribute.column] != held

    def get_fetched(self, name: str) -> Any:
        """The stored value (a copy of dicts and lists); None for a new entity and for what was not selected."""
        attribute = self._type.attribute(name)
        return self._read(attribute, self._reference or {})

    def become(self, other: Entity) -> None:
        """Be the other one, as it is stored; what was set here is forgotten."""
        self._values = {}
        self._stored = self._reference = other._stored

    def undoing(self) -> Callable[[], None]:
        """What puts back what is known of the row now, for a transaction that is rolled back."""
        stored, values, ids = self._stored, dict(self._values), self._fetched_ids

        def undo() -> None:
            self._stored = self._reference = stored
            self._values.update({name: value for name, value in values.items() if name not in self._values})
            self._fetched_ids = ids

        return undo

    def take_over(self, other: Entity, names: Iterable[str]) -> None:
        """These attributes are as in the other entity, which is the same record, stored later."""
        columns = [self._type.columns[name] for name in names if name in self._type.columns]
        newer = {column: (other._stored or {}).get(column) for column in columns}
        self._stored = self._reference = {**(self._stored or {}), **newer}
        for name in names:
            self._values.pop(name, None)

    def to_dict(self) -> dict[str, Any]:
        """All stored attributes that are known, ready for JSON; moments as `2026-11-23T10:20:30.123456Z`.

        For a value that `get` refuses, as bare SQL broke it, a text that says so.
        """
        return {
            each.name: self._for_json(each) for each in self._type.stored if self._stored is None or self.has(each.name)
        }

    def _get_readable(self, name: str) -> Any:
        try:
            return self.get(name)
        except Error:
            return None

    def _for_json(self, attribute: Attribute) -> Any:
        try:
            return for_json(self.get(attribute.name))
        except Error:
            return f"unreadable: {short((self._stored or {}).get(attribute.column or ''))}"

    def _get_absent(self, name: str) -> Any:
        attribute = self._type.attributes.get(name)
        if attribute is not None:
            return self._get_untouched(attribute)
        links = self._type.links
        link = links.get(name)
        if link is not None:
            return self._relations.related(self, name).find() if link.leads_to_many else self._get_linked(link)
        foreign = self._type.foreign_fields.get(name)
        if foreign is not None:
            return self._of_linked(links[foreign.link], foreign.field)
        named = links.get(name.removesuffix("Name"))
        if named is not None and not named.leads_to_many:
            return self._of_linked(named, "name")
        named = links.get(name.removesuffix("Names"))
        if named is not None and named.leads_to_many:
            return {} if self._stored is None else self._relations.names(self, named.name)
        raise self._type.unknown(name)

    def _get_untouched(self, attribute: Attribute) -> Any:
        if attribute.name in self._type.links_by_ids:
            value: Any = list(self._read_ids(attribute.name))
        elif self._stored is None or attribute.column is None:
            value = copy.deepcopy(attribute.default) if attribute.type.is_mutable else attribute.default
        else:
            value = self._read(attribute, self._stored)
        if attribute.type.is_mutable and value is not None:
            self._values[attribute.name] = value
        return value

    def _read(self, attribute: Attribute, row: Row) -> Any:
        try:
            return attribute.from_column(row.get(attribute.column or ""))
        except ValueError as error:  # written by bare SQL
            raise Error(f"{attribute.name} of {self._type.name} '{self.id}' cannot be read: {error}") from error

    def _read_ids(self, name: str) -> Sequence[str]:
        """The ids behind a link to many, read once: what is related meanwhile by others stays related at a save."""
        if self._stored is None:
            return ()
        if name not in self._fetched_ids:
            read = tuple(self._relations.ids(self, self._type.links_by_ids[name].name))
            self._fetched_ids = {**self._fetched_ids, name: read}
        return self._fetched_ids[name]

    @property
    def _relations(self) -> Any:
        return self._source.get_repository(self._type.name).relations

    def _of_linked(self, link: Link, name: str) -> Any:
        linked = self._get_linked(link)
        return linked.get(name) if linked is not None and (name != "name" or linked.has_attribute("name")) else None

    def _get_linked(self, link: Link) -> Entity | None:
        linked_id = self.get(link.attribute)
        return self._source.get_entity(link.entity, linked_id) if linked_id else None


def problem_of(entity: Entity, name: str, value: Any, rule: str, text: str | None = None) -> Problem:
    """What is wrong with a value; `text` is how it is told, unless by `describe_problem`."""
    told = text or describe_problem(entity, name, value, rule)
    return Problem(entity.entity_type, entity.id, name, value, rule, told)


def describe_problem(entity: Entity, name: str, value: Any, rule: str) -> str:
    """`Job 'Import': priority = 'high' is not a number`."""
    name_of_it = entity._get_readable("name") if entity.has_attribute("name") else None
    # A new one has been given its id a moment ago, and nobody has seen it yet.
    called = name_of_it or (entity.id if entity._stored is not None else "")
    return f"{entity.entity_type}{f' {called!r}' if called else ''}: {name} = {short(value)} {rule}"


def for_json(value: Any) -> Any:
    """A value of an attribute, ready for JSON; moments as `2026-11-23T10:20:30.123456Z`."""
    if isinstance(value, datetime):
        return clock.to_iso(value)
    return value.isoformat() if isinstance(value, date) else value
