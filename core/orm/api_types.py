"""What each type of condition that clients send means in the `where` language (AtroCore 8.8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from core.orm.api_item import ApiItem
from core.orm.date_range import RANGES, DayRange, start_of
from core.orm.functions import Family
from core.orm.text_match import literally

Conditions = Mapping[str, Any]
Meaning = Callable[[ApiItem], Conditions]


def _compares(operator: str) -> Meaning:
    return lambda item: {f"{item.attribute}{operator}": _as_moments(item, item.value)}


def _compares_list(operator: str) -> Meaning:
    return lambda item: {f"{item.attribute}{operator}": _as_moments(item, item.members)}


def _matches(operator: str, before: str = "", after: str = "") -> Meaning:
    return lambda item: {f"{item.attribute}{operator}": f"{before}{literally(item.text)}{after}"}


def _is(operator: str, value: Any) -> Meaning:
    def conditions(item: ApiItem) -> Conditions:
        _no_value(item)
        return {f"{item.attribute}{operator}": value}

    return conditions


def _no_value(item: ApiItem) -> None:
    if item.has_value:
        raise item.wrong("takes no value")


def _as_moments(item: ApiItem, value: Any) -> Any:
    """For an attribute that is a moment a day is the moment at which it begins for the viewer."""
    if item.family is not Family.MOMENT:
        return value
    if isinstance(value, list | tuple):
        return [_as_moments(item, each) for each in value]
    day = item.as_day(value)
    return value if day is None else start_of(day, item.viewer.zone)


# Days


def _of_days(item: ApiItem) -> bool:
    """Whether the attribute is a date; False where it is a moment."""
    if item.family not in (Family.DAY, Family.MOMENT):
        raise item.wrong(f"takes a date or a moment, and this attribute is {item.family}")
    return item.family is Family.DAY


def _within(item: ApiItem, days: DayRange) -> Conditions:
    if _of_days(item):
        return {f"{item.attribute}>=": days.first, f"{item.attribute}<=": days.last}
    begin, end = days.moments(item.viewer.zone)
    return {f"{item.attribute}>=": begin, f"{item.attribute}<": end}


def _range(days_of: Callable[[date], DayRange]) -> Meaning:
    def conditions(item: ApiItem) -> Conditions:
        _no_value(item)
        return _within(item, days_of(item.viewer.today))

    return conditions


def _past(item: ApiItem) -> Conditions:
    _no_value(item)
    return {f"{item.attribute}<": item.viewer.today if _of_days(item) else item.viewer.now}


def _future(item: ApiItem) -> Conditions:
    _no_value(item)
    return {f"{item.attribute}>": item.viewer.today if _of_days(item) else item.viewer.now}


def _last_days(item: ApiItem, days: int) -> Conditions:
    """From the beginning of the day so many days ago until now."""
    first = item.viewer.today - timedelta(days=days)
    if _of_days(item):
        return {f"{item.attribute}>=": first, f"{item.attribute}<=": item.viewer.today}
    return {f"{item.attribute}>=": start_of(first, item.viewer.zone), f"{item.attribute}<=": item.viewer.now}


def _last_seven_days(item: ApiItem) -> Conditions:
    _no_value(item)
    return _last_days(item, 7)


def _next_days(item: ApiItem) -> Conditions:
    """From now until the end of the day in so many days."""
    last = item.viewer.today + timedelta(days=item.days)
    if _of_days(item):
        return {f"{item.attribute}>=": item.viewer.today, f"{item.attribute}<=": last}
    end = start_of(last + timedelta(days=1), item.viewer.zone)
    return {f"{item.attribute}>=": item.viewer.now, f"{item.attribute}<": end}


def _before(item: ApiItem, day: date) -> Conditions:
    return {f"{item.attribute}<": day if _of_days(item) else start_of(day, item.viewer.zone)}


def _after(item: ApiItem, day: date) -> Conditions:
    if _of_days(item):
        return {f"{item.attribute}>": day}
    return {f"{item.attribute}>=": start_of(day + timedelta(days=1), item.viewer.zone)}


def _on(item: ApiItem) -> Conditions:
    day = item.as_day(item.value)
    return {f"{item.attribute}=": item.value} if day is None else _within(item, DayRange(day, day))


def _not_on(item: ApiItem) -> Conditions:
    day = item.as_day(item.value)
    if day is None or _of_days(item):
        return {f"{item.attribute}!=": item.value}
    return {"OR": [_before(item, day), _after(item, day)]}


def _before_value(item: ApiItem) -> Conditions:
    day = item.as_day(item.value)
    return {f"{item.attribute}<": item.value} if day is None else _before(item, day)


def _after_value(item: ApiItem) -> Conditions:
    day = item.as_day(item.value)
    return {f"{item.attribute}>": item.value} if day is None else _after(item, day)


def _between(item: ApiItem) -> Conditions:
    """Both ends included; of a day the whole day."""
    if len(item.members) != 2:
        raise item.wrong("takes a list of two values")
    low, high = item.members
    last = item.as_day(high) if item.family is Family.MOMENT else None
    if last is None:
        return {f"{item.attribute}>=": _as_moments(item, low), f"{item.attribute}<=": high}
    return {
        f"{item.attribute}>=": _as_moments(item, low),
        f"{item.attribute}<": start_of(last + timedelta(days=1), item.viewer.zone),
    }


# Links and lists


def _linked(operator: str) -> Meaning:
    """Whether the link leads anywhere."""

    def conditions(item: ApiItem) -> Conditions:
        _no_value(item)
        return {f"{item.link.attribute}{operator}": None}

    return conditions


def _linked_with(item: ApiItem) -> Conditions:
    return {item.link.attribute: item.texts}


def _not_linked_with(item: ApiItem) -> Conditions:
    others = {f"{item.link.attribute}!=": item.texts}
    # Who has no link at all is not linked with these either.
    return others if item.link.leads_to_many else {"OR": [others, {item.link.attribute: None}]}


def _has(operator: str) -> Meaning:
    return lambda item: {f"HAS:{item.attribute}{operator}": item.texts}


def _of_list(item: ApiItem) -> str:
    _no_value(item)
    if item.terms.term(item.attribute).attribute.params.get("type") not in ("array", "multiEnum", "jsonArray"):
        raise item.wrong("takes an attribute that is a list")
    return item.attribute


def _is_empty(item: ApiItem) -> Conditions:
    attribute = _of_list(item)
    return {"OR": [{attribute: None}, {attribute: []}]}


def _is_not_empty(item: ApiItem) -> Conditions:
    attribute = _of_list(item)
    return {"AND": [{f"{attribute}!=": None}, {f"{attribute}!=": []}]}


def _pattern(operator: str) -> Meaning:
    return lambda item: {f"{item.attribute}{operator}": item.text}


TYPES: Mapping[str, Meaning] = {
    "equals": _compares("="),
    "notEquals": _compares("!="),
    "greaterThan": _compares(">"),
    "lessThan": _compares("<"),
    "greaterThanOrEquals": _compares(">="),
    "lessThanOrEquals": _compares("<="),
    "in": _compares_list("="),
    "notIn": _compares_list("!="),
    "like": _pattern("*"),
    "notLike": _pattern("!*"),
    "startsWith": _matches("*", after="%"),
    "endsWith": _matches("*", before="%"),
    "contains": _matches("*", "%", "%"),
    "notContains": _matches("!*", "%", "%"),
    "isNull": _is("=", None),
    "isNotNull": _is("!=", None),
    "ever": _is("!=", None),
    "isTrue": _is("=", True),
    "isFalse": _is("=", False),
    "on": _on,
    "notOn": _not_on,
    "before": _before_value,
    "after": _after_value,
    "between": _between,
    "past": _past,
    "future": _future,
    "lastSevenDays": _last_seven_days,
    "lastXDays": lambda item: _last_days(item, item.days),
    "nextXDays": _next_days,
    "olderThanXDays": lambda item: _before(item, item.viewer.today - timedelta(days=item.days)),
    "afterXDays": lambda item: _after(item, item.viewer.today + timedelta(days=item.days)),
    **{name: _range(days_of) for name, days_of in RANGES.items()},
    "isLinked": _linked("!="),
    "isNotLinked": _linked("="),
    "linkedWith": _linked_with,
    "notLinkedWith": _not_linked_with,
    "arrayAnyOf": _has("="),
    "arrayNoneOf": _has("!="),
    "arrayIsEmpty": _is_empty,
    "arrayIsNotEmpty": _is_not_empty,
}
