"""What of an address says which records are wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from core.exceptions import BadRequest
from core.web.json_body import parse
from core.web.open_api.operation import in_query

#: PHP's form for lists and objects, as AtroCore's clients send it: `where[0][type]=equals`, `boolFilterList[]=onlyMy`.
_NAME = re.compile(r"([^\[\]]*)((?:\[[^\[\]]*\])*)")
_MOST_PARTS = 2000
_MOST_LEVELS = 30
_NO_OFFSET = "0"
_TEXT, _FLAG = {"type": "string"}, {"type": "boolean"}
#: As the document shows them.
LIST_PARAMETERS = (
    in_query("where", _TEXT, "Conditions as JSON, all of which are to be met: `[{type, attribute, value}]`."),
    in_query("boolFilterList", _TEXT, "Filters by name, separated by commas: `onlyMy`."),
    in_query("textFilter", _TEXT, "A text that is searched for."),
    in_query("withDeleted", _FLAG, "Removed records as well."),
    in_query("sortBy", _TEXT, "An attribute."),
    in_query("asc", _FLAG, "Whether it goes up."),
    in_query("maxSize", {"type": "integer", "minimum": 1, "maximum": 1000}, "The most records of a page; 200."),
    in_query("after", _TEXT, "The `next` of the page before."),
    in_query("select", _TEXT, "Attributes, separated by commas."),
    in_query("totalOnly", _FLAG, "Their number alone."),
    in_query("collectionOnly", _FLAG, "No number."),
)


def list_params(query: str) -> dict[str, Any]:
    """The parameters of `Record.find_entities` from the query of an address.

    `where` is JSON, or written as PHP writes it. `q` is AtroCore's other name for `textFilter`. Raises BadRequest that
    names the parameter.
    """
    params = {name: _READ.get(name, _as_it_is)(name, value) for name, value in _nested(query).items()}
    if "q" in params:
        params.setdefault("textFilter", params.pop("q"))
    if params.get("offset") == _NO_OFFSET:  # AtroCore's clients say with each list that they begin at its beginning
        del params["offset"]
    return params


def ids_in(query: str) -> list[str]:
    """The ids that `ids` has, separated by commas, or each by itself (`ids[]=a&ids[]=b`)."""
    given = _nested(query)
    ids = given.pop("ids", None)
    if given:
        raise BadRequest(f"There is no parameter '{next(iter(given))}' here, only 'ids'.", field=next(iter(given)))
    listed = ids.split(",") if isinstance(ids, str) else ids
    if not isinstance(listed, list) or not listed or not all(isinstance(each, str) and each for each in listed):
        raise BadRequest("Name the records: ?ids=<id>,<id>", field="ids")
    return listed


def _nested(query: str) -> dict[str, Any]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARTS)
    except ValueError as error:  # UnicodeDecodeError is one
        raise BadRequest("The query of the address cannot be read, or has too many parts.") from error
    found: dict[str, Any] = {}
    for key, value in pairs:
        matched = _NAME.fullmatch(key)
        steps = [] if matched is None else re.findall(r"\[([^\[\]]*)\]", matched[2])
        if matched is None or not matched[1] or len(steps) > _MOST_LEVELS:
            raise BadRequest(f"'{key[:100]}' is no name of a parameter.")
        _put(found, [matched[1], *steps], value)
    return {name: _with_lists(value) for name, value in found.items()}


def _put(found: dict[str, Any], steps: list[str], value: str) -> None:
    *way, last = steps
    place = found
    for step in way:
        place = place.setdefault(step or str(len(place)), {})
        if not isinstance(place, dict):
            raise BadRequest(f"The parameter '{steps[0]}' has both a value and parts.", field=steps[0])
    key = last or str(len(place))
    if key in place:
        raise BadRequest(f"The parameter '{steps[0]}' is there twice.", field=steps[0])
    place[key] = value


def _with_lists(value: Any) -> Any:
    """What has the keys 0, 1, 2, ... is a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _with_lists(each) for key, each in value.items()}
    return list(inner.values()) if list(inner) == [str(number) for number in range(len(inner))] else inner


def _as_it_is(_: str, value: Any) -> Any:
    return value


def _where(name: str, value: Any) -> Any:
    return parse(value, name, name) if isinstance(value, str) else value


def _flag(name: str, value: Any) -> bool:
    flag = {"true": True, "1": True, "false": False, "0": False}.get(value) if isinstance(value, str) else None
    if flag is None:
        raise BadRequest(f"{name} is to be true or false, not {str(value)[:100]!r}.", field=name)
    return flag


def _number(_: str, value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value


def _names(_: str, value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name} is to be a text.", field=name)
    return value


_READ: dict[str, Callable[[str, Any], Any]] = {
    "where": _where,
    "maxSize": _number,
    "boolFilterList": _names,
    **dict.fromkeys(("asc", "totalOnly", "collectionOnly", "withDeleted"), _flag),
    **dict.fromkeys(("sortBy", "after", "textFilter", "q", "offset"), _text),
}
