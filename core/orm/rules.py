"""What the type and the parameters of a field demand of its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.orm.field_types import FIELD_TYPES, ID_LENGTH, Params, length_of, to_float, to_length, to_list, to_text
from core.orm.formats import FORMATS
from core.orm.regular_expression import LONGEST_MATCHED, compile_pattern
from core.sentence import Sentence, first_of

#: From a value that is not empty to what is wrong with it, or None.
Rule = Callable[[Any], str | None]

TEXTS = ("varchar", "text", "wysiwyg", "markdown", "enum", "email", "url", "color")
NUMBERS = ("int", "float", "autoincrement")
MOMENTS = ("date", "datetime")
CHOICES = ("enum", "multiEnum", "array")

_SHOWN_OPTIONS = 20


def read_rules(kind: str, params: Params, faults: list[str]) -> tuple[Rule, ...]:
    """The rules of a field of this type.

    A parameter that cannot be had makes no rule, but a line in `faults`: `has the min 'a', which is not a number.`
    """
    rules: list[Rule] = []
    if kind == "link":
        rules.append(_at_most_characters(ID_LENGTH))
    elif FIELD_TYPES[kind].has_length:
        rules.append(_at_most_characters(length_of(params)))
        _check_len(params.get("len"), faults)
    if kind in FORMATS:
        rules.append(_has_form(*FORMATS[kind]))
    for name, (kinds, read) in _PARAMETERS.items():
        given = params.get(name)
        if given is None:  # also where a later layer takes it away
            continue
        if kind not in kinds:
            faults.append(f"has a {name}, which fields of type {kind} do not have.")
            continue
        try:
            rules.extend(read(kind, given))
        except ValueError as error:
            faults.append(f"has the {name} {given!r}, which {error}.")
    rules.extend(_options(kind, params, faults))
    _check_range(kind, params, faults)
    return tuple(rules)


def first_broken(rules: tuple[Rule, ...], value: Any) -> str | None:
    """What is wrong with a value that is not empty, or None."""
    return next((wrong for rule in rules if (wrong := rule(value)) is not None), None)


def _max_length(kind: str, given: Any) -> tuple[Rule, ...]:
    length = to_length(given)
    return () if FIELD_TYPES[kind].has_length or not length else (_at_most_characters(length),)


def _check_len(given: Any, faults: list[str]) -> None:
    try:
        to_length(given or 0)
    except ValueError as error:
        faults.append(f"has the len {given!r}, which {error}.")


def _pattern(_kind: str, given: Any) -> tuple[Rule, ...]:
    if not isinstance(given, str):
        raise ValueError(Sentence("is no text"))
    return (_matches(given),) if given else ()


def _min(kind: str, given: Any) -> tuple[Rule, ...]:
    least = _bound(kind, given)
    is_moment = kind in MOMENTS
    wrong = Sentence("is before {least}", least=least) if is_moment else Sentence("is less than {least}", least=least)
    return (lambda value: wrong if value < least else None,)


def _max(kind: str, given: Any) -> tuple[Rule, ...]:
    most = _bound(kind, given)
    is_moment = kind in MOMENTS
    wrong = Sentence("is after {most}", most=most) if is_moment else Sentence("is more than {most}", most=most)
    return (lambda value: wrong if value > most else None,)


def _bound(kind: str, given: Any) -> Any:
    if kind in MOMENTS:
        return FIELD_TYPES[kind].normalise(given)
    return given if type(given) is int else to_float(given)


def _options(kind: str, params: Params, faults: list[str]) -> tuple[Rule, ...]:
    """Where there are `optionsIds`, they are what is stored, and `options` are how they are called."""
    name = "optionsIds" if params.get("optionsIds") else "options"
    if kind not in CHOICES or not params.get(name):
        return ()
    try:
        options = [to_text(each) for each in to_list(params[name])]
    except ValueError:
        faults.append(f"has the {name} {params[name]!r}, which are no list of texts.")
        return ()
    return (_one_of(options) if kind == "enum" else _all_of(options),)


def _check_range(kind: str, params: Params, faults: list[str]) -> None:
    if kind not in (*NUMBERS, *MOMENTS) or params.get("min") is None or params.get("max") is None:
        return
    try:
        least, most = _bound(kind, params["min"]), _bound(kind, params["max"])
    except ValueError:
        return  # it is told already
    if least > most:
        faults.append(f"has the min {params['min']!r} and the max {params['max']!r}, between which there is nothing.")


def _at_most_characters(length: int) -> Rule:
    return lambda value: Sentence("is longer than {count} characters", count=length) if len(value) > length else None


def _has_form(is_right: Callable[[str], bool], wrong: str) -> Rule:
    return lambda value: None if is_right(value) else wrong


def _matches(given: str) -> Rule:
    pattern = compile_pattern(given)

    def rule(value: str) -> str | None:
        if len(value) > LONGEST_MATCHED:
            return Sentence(
                "is longer than the {count} characters that are compared with a pattern", count=LONGEST_MATCHED
            )
        return None if pattern.search(value) else Sentence("does not match the pattern {pattern}", pattern=given)

    return rule


def _one_of(options: list[str]) -> Rule:
    known, wrong = frozenset(options), Sentence("is none of {options}", options=_listed(options))
    return lambda value: None if value in known else wrong


def _all_of(options: list[str]) -> Rule:
    known, wrong = frozenset(options), Sentence("has other options than {options}", options=_listed(options))
    return lambda values: None if known.issuperset(values) else wrong


def _listed(options: list[str]) -> Sentence:
    return first_of(options, _SHOWN_OPTIONS)


#: By parameter: the types of field that have it, and what makes rules of it.
_PARAMETERS: dict[str, tuple[tuple[str, ...], Callable[[str, Any], tuple[Rule, ...]]]] = {
    "maxLength": (TEXTS, _max_length),
    "pattern": (TEXTS, _pattern),
    "min": ((*NUMBERS, *MOMENTS), _min),
    "max": ((*NUMBERS, *MOMENTS), _max),
}
