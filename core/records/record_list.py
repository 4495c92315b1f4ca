"""What the parameters of a list mean, and the pages that they ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.exceptions import BadRequest, QueryTimeout, did_you_mean
from core.orm import Entity, Query
from core.orm.entity_type import EntityType, short

_PARAMS = (
    "where",
    "select",
    "sortBy",
    "asc",
    "maxSize",
    "after",
    "totalOnly",
    "collectionOnly",
    "boolFilterList",
    "textFilter",
    "withDeleted",
)
#: From the conditions of a client to those of `Query.where`.
Conditions = Callable[[Any], Any]
#: Raises where a list may not be sorted by this.
Judge = Callable[[str], None]

#: What lets all rows be looked at, the most likely one first.
_TAKE_LONG = ("textFilter", "where", "boolFilterList", "totalOnly")
_MOST_SHOWN = 20
_PAGE = 200
_LARGEST_PAGE = 1000


@dataclass(frozen=True)
class Found:
    """A page: its entities (None where only the total was asked for), the cursor of the next one, and the total."""

    entities: list[Entity] | None
    next_cursor: str | None = None
    total: int | None = None


def find(
    query: Query,
    entity_type: EntityType,
    conditions: Conditions,
    collection: Mapping[str, Any],
    params: Any,
    judge: Judge | None = None,
) -> Found:
    """The page that `params` ask for (AtroCore 10.1) of the records in the query.

    `where`, which `conditions` reads, `boolFilterList` and `textFilter` say which records; `withDeleted` means the
    removed ones too. `sortBy` and `asc` say in which order, else `collection` of the entityDefs does. A page has
    `maxSize` records (200, at most 1,000) behind the cursor `after`. `select` names the attributes.

    The total is only counted where it is asked for (`totalOnly`), as counting may take longer than all the rest; it is
    there as well where the first page is the last, unless `collectionOnly`. Raises BadRequest; and QueryTimeout, which
    says what has an index.
    """
    given = _checked(entity_type, params)
    try:
        return _found(query, entity_type, conditions, collection, given, judge)
    except QueryTimeout as error:
        raise _explained(error, entity_type, given) from error


def _found(
    query: Query,
    entity_type: EntityType,
    conditions: Conditions,
    collection: Mapping[str, Any],
    given: Mapping[str, Any],
    judge: Judge | None,
) -> Found:
    size = _size(entity_type, given.get("maxSize"))
    query = query.where(conditions(_items(given)))
    if given.get("withDeleted"):
        query = query.with_deleted()
    if given.get("totalOnly"):
        return Found(None, total=query.count())
    if judge is not None and "sortBy" in given:
        for each in _keys(entity_type, given["sortBy"]):
            judge(each)
    query = query.order(*_order(collection, given))
    if given.get("select"):
        query = query.select(_selected(entity_type, given["select"]))
    page = query.page(size, given.get("after"))
    is_whole = given.get("after") is None and page.next_cursor is None and not given.get("collectionOnly")
    return Found(page.entities, page.next_cursor, len(page.entities) if is_whole else None)


def _checked(entity_type: EntityType, params: Any) -> Mapping[str, Any]:
    if not isinstance(params, Mapping):
        raise BadRequest(f"{entity_type.name}: the parameters of a list are to be an object, not {short(params)}.")
    if "offset" in params:
        raise BadRequest(
            f"{entity_type.name}: there are no pages by offset; go on with 'after', the 'next' of the page before.",
            field="offset",
        )
    for name in params:
        if name not in _PARAMS:
            near = did_you_mean(str(name), _PARAMS)
            raise BadRequest(f"{entity_type.name}: a list has no parameter '{name}'.{near}", field=str(name))
    # As a client leaves out what it does not mean by null.
    return {name: value for name, value in params.items() if value is not None}


def _explained(error: QueryTimeout, entity_type: EntityType, given: Mapping[str, Any]) -> QueryTimeout:
    """The error with the part of the request that most likely took so long, and what would have taken less."""
    by_column = entity_type.by_column
    indexed = ["id", *(by_column[index.columns[0][0]].name for index in entity_type.indexes if index.where is None)]
    is_sorted = "sortBy" in given and not set(_keys(entity_type, given["sortBy"])) <= set(indexed)
    cause = "sortBy" if is_sorted else next((each for each in _TAKE_LONG if given.get(each)), None)
    shown = ", ".join(list(dict.fromkeys(indexed))[:_MOST_SHOWN])
    return QueryTimeout(f"{entity_type.name}: {error} There are indexes that begin with: {shown}.", field=cause)


def _items(given: Mapping[str, Any]) -> list[Any]:
    where = given.get("where", [])
    items = list(where) if isinstance(where, list | tuple) else [where]
    if "boolFilterList" in given:
        items.append({"type": "bool", "value": given["boolFilterList"]})
    if given.get("textFilter"):
        items.append({"type": "textFilter", "value": given["textFilter"]})
    return items


def _order(collection: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[str, str]:
    is_own = "sortBy" in given
    name = given["sortBy"] if is_own else collection.get("sortBy") or "id"
    goes_up = given.get("asc", True if is_own else collection.get("asc", True))
    return name, "ASC" if goes_up else "DESC"


def _keys(entity_type: EntityType, given: Any) -> list[str]:
    """What `sortBy` names: an attribute, or several, each perhaps with its direction."""
    keys = given if isinstance(given, list | tuple) else [given]
    names = [each[0] if isinstance(each, list | tuple) and each else each for each in keys]
    if not all(isinstance(each, str) for each in names):
        raise BadRequest(f"{entity_type.name}: sortBy is to be an attribute, not {short(given)}.")
    return names


def _size(entity_type: EntityType, given: Any) -> int:
    if given is None:
        return _PAGE
    if type(given) is not int or not 1 <= given <= _LARGEST_PAGE:
        raise BadRequest(
            f"{entity_type.name}: maxSize is to be a whole number from 1 to {_LARGEST_PAGE}, not {given!r}.",
            field="maxSize",
        )
    return given


def _selected(entity_type: EntityType, given: Any) -> list[str]:
    """The stored attributes that have to be read, for `ownerName` that of the link; names of links mean their id."""
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) for each in names):
        raise BadRequest(
            f"{entity_type.name}: select is to be a list of attributes, not {short(given)}.", field="select"
        )
    of_links: dict[str, str] = {}
    for link in entity_type.links.values():
        if not link.leads_to_many:
            of_links |= dict.fromkeys((link.name, f"{link.name}Name"), link.attribute)
    for foreign in entity_type.foreign_fields.values():
        of_links[foreign.name] = entity_type.links[foreign.link].attribute
    return list(dict.fromkeys(of_links.get(each, each) for each in names))
