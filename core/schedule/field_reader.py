"""From the text of one field to what it says, or to sentences about what cannot be meant."""

from __future__ import annotations

import re

from core.exceptions import did_you_mean
from core.schedule.field import DAY_OF_MONTH, DAY_OF_WEEK, Field, FieldKind, Numbers, Special
from core.sentence import Sentence

_PLAIN = re.compile(r"(?P<first>\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?", re.ASCII)
_STAR = re.compile(r"\*(?:/(?P<step>\d+))?", re.ASCII)
_CHANCE = re.compile(r"[HR](?:\(.*\))?(?:/\d+)?", re.ASCII)
_NTH = re.compile(r"(?P<day>\w+)#(?P<nth>\w+)", re.ASCII)
_LAST_WEEKDAY = re.compile(r"(?P<day>[0-9]+|[A-Z]{3})L", re.ASCII)
_NEAREST_WORKING = re.compile(r"(?P<day>\d+)W", re.ASCII)
_REVERSED = re.compile(r"(?P<letter>[LW])(?P<day>\d+)", re.ASCII)
_BEFORE_LAST = re.compile(r"L-\d+W?", re.ASCII)


class _Fault(Exception):
    """What is wrong with one item, and what to write instead."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_field(kind: FieldKind, text: str, faults: list[Sentence]) -> Field:
    """What the field says; a sentence is added to `faults` for each item that cannot be meant."""
    numbers: list[Numbers] = []
    specials: list[Special] = []
    for item in text.split(","):
        try:
            found = _read_item(kind, item.upper(), is_alone="," not in text)
        except _Fault as fault:
            said = fault.sentence
            faults.append(Sentence("{field} '{item}': {fault}", field=kind.name, item=item or text, fault=said))
            continue
        if isinstance(found, Special):
            specials.append(found)
        else:
            numbers.append(found)
    return Field(kind, text, tuple(numbers), tuple(specials))


def _read_item(kind: FieldKind, item: str, is_alone: bool) -> Numbers | Special:
    if not item:
        raise _Fault(Sentence("a comma has nothing before or behind it; leave it out."))
    if item == "?":
        return _question_mark(kind, is_alone)
    if star := _STAR.fullmatch(item):
        return _star(kind, _step(star["step"]))
    if _CHANCE.fullmatch(item):
        raise _Fault(
            Sentence(
                "values by hash or by chance are not supported; write a number, such as {number}.", number=kind.first
            )
        )
    if special := _special(kind, item):
        return special
    if plain := _PLAIN.fullmatch(item):
        return _plain(kind, plain["first"], plain["last"], plain["step"])
    raise _Fault(
        Sentence("this cannot be read; write *, a number, a range (a-b), a step (*/n), or several with commas.")
    )


def _question_mark(kind: FieldKind, is_alone: bool) -> Numbers:
    if not kind.is_day:
        raise _Fault(Sentence("? stands for * in day-of-month and day-of-week only; write *."))
    if not is_alone:
        raise _Fault(Sentence("? stands alone; leave it or the others out."))
    return _star(kind, 1)


def _star(kind: FieldKind, step: int) -> Numbers:
    values = tuple(value for value in range(kind.first, kind.last + 1) if value % step == 0)
    if not values:
        raise _Fault(
            Sentence(
                "*/{step} means the multiples of {step}, and there is none from {first} to {last}; "
                "write a smaller step, or {first}/{step} to begin with {first}.",
                step=step,
                first=kind.first,
                last=kind.last,
            )
        )
    return Numbers(values, step, is_star=True)


def _plain(kind: FieldKind, first_text: str, last_text: str | None, step_text: str | None) -> Numbers:
    first = _number(kind, first_text)
    if last_text is None:
        last = max(first, kind.last) if step_text else first
    else:
        last = _range_end(kind, first, _number(kind, last_text), step_text, by_name=not first_text.isdecimal())
    values = range(first, last + 1, _step(step_text))
    return Numbers(tuple(sorted({0 if _is_sunday(kind, value) else value for value in values})), _step(step_text))


def _range_end(kind: FieldKind, first: int, last: int, step_text: str | None, by_name: bool) -> int:
    if kind is DAY_OF_WEEK and last == 0 and first > 0:
        last = 7  # FRI-SUN
    if first == last:
        value = _written(kind, first, by_name)
        raise _Fault(Sentence("the range has one value only; write {value}, or * for all.", value=value))
    if first > last:
        if step_text:
            raise _Fault(Sentence("the range goes backwards."))
        ranges = _two_ranges(kind, first, last, by_name)
        raise _Fault(Sentence("the range goes backwards; write {ranges}.", ranges=ranges))
    return last


def _two_ranges(kind: FieldKind, first: int, last: int, by_name: bool) -> str:
    """The range that goes over the end of the field, in two pieces; a week ends with its Sunday, 7."""
    lowest = 1 if kind is DAY_OF_WEEK else kind.first
    pieces = [
        [_written(kind, number, by_name) for number in sorted({start, end})]
        for start, end in ((first, kind.highest), (lowest, last))
    ]
    return ",".join("-".join(piece) for piece in pieces)


def _written(kind: FieldKind, number: int, by_name: bool) -> str:
    return kind.names[(number - kind.first) % len(kind.names)] if by_name else str(number)


def _is_sunday(kind: FieldKind, value: int) -> bool:
    return kind is DAY_OF_WEEK and value % 7 == 0


def _step(text: str | None) -> int:
    step = 1 if text is None else int(text)
    if step == 0:
        raise _Fault(Sentence("the step is 0; write 1 or more."))
    return step


def _number(kind: FieldKind, text: str) -> int:
    if not text.isdecimal():
        return _named(kind, text)
    number = int(text)
    if not kind.first <= number <= kind.highest:
        raise _Fault(Sentence("{value} is out of range; {reach}.", value=text, reach=_reach(kind)))
    return number


def _named(kind: FieldKind, name: str) -> int:
    number = kind.number_of(name)
    if number is None:
        # A name written in full shares no more than its beginning with the short one.
        near = did_you_mean(name, kind.names, nearness=0.4)
        raise _Fault(Sentence("{name} is not known; {reach}.{near}", name=name, reach=_reach(kind), near=near))
    return number


def _reach(kind: FieldKind) -> Sentence:
    if not kind.names:
        return Sentence("it goes from {first} to {last}", first=kind.first, last=kind.highest)
    return Sentence(
        "it goes from {first} to {last}, or {first_name} to {last_name}",
        first=kind.first,
        last=kind.highest,
        first_name=kind.names[0],
        last_name=kind.names[-1],
    )


def _special(kind: FieldKind, item: str) -> Special | None:
    if kind is DAY_OF_MONTH:
        return _special_day(item)
    if kind is DAY_OF_WEEK:
        return _special_weekday(item)
    return None


def _special_day(item: str) -> Special | None:
    if item == "L":
        return Special("last")
    if item == "LW":
        return Special("last working")
    if nearest := _NEAREST_WORKING.fullmatch(item):
        return Special("nearest working", _number(DAY_OF_MONTH, nearest["day"]))
    if wrong := _REVERSED.fullmatch(item):
        raise _Fault(_letter_last(f"{wrong['day']}W") if wrong["letter"] == "W" else _NO_DAYS_BEFORE)
    if _BEFORE_LAST.fullmatch(item):
        raise _Fault(_NO_DAYS_BEFORE)
    return None


_NO_DAYS_BEFORE = Sentence("days counted from the end are not supported; write L for the last day, or a number.")


def _special_weekday(item: str) -> Special | None:
    if item == "L":
        raise _Fault(Sentence("it does not say which day; write 5L for the last Friday."))
    if wrong := _REVERSED.fullmatch(item):
        raise _Fault(_letter_last(f"{wrong['day']}L") if wrong["letter"] == "L" else _NO_WORKING_DAY)
    if item == "LW" or _NEAREST_WORKING.fullmatch(item):
        raise _Fault(_NO_WORKING_DAY)
    if last := _LAST_WEEKDAY.fullmatch(item):
        return Special("last weekday", _number(DAY_OF_WEEK, last["day"]) % 7)
    if nth := _NTH.fullmatch(item):
        day = nth["day"]
        number = _number(DAY_OF_WEEK, day) % 7
        if nth["nth"] not in {"1", "2", "3", "4", "5"}:
            raise _Fault(Sentence("there are at most five of a weekday in a month; write {day}#1 to {day}#5.", day=day))
        return Special("nth", number, int(nth["nth"]))
    return None


_NO_WORKING_DAY = Sentence("W belongs to day-of-month, such as 15W or LW.")


def _letter_last(right: str) -> Sentence:
    return Sentence("the letter comes last; write {right}.", right=right)
