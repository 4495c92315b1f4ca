"""When an expression fires, answered minute by minute: no parser, no calendar, no arithmetic with changes of clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise, product

from hypothesis import strategies as st

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


@dataclass(frozen=True)
class Piece:
    """A part of a field as it is written, with the numbers that meet it, or a rule for days."""

    text: str
    values: frozenset[int] = frozenset()
    rule: Callable[[date], bool] | None = None

    def is_met(self, value: int, day: date) -> bool:
        return value in self.values if self.rule is None else self.rule(day)


@dataclass(frozen=True)
class Made:
    """An expression that was put together from pieces."""

    fields: tuple[tuple[Piece, ...], ...]

    @property
    def text(self) -> str:
        return " ".join(",".join(piece.text for piece in field) for field in self.fields)

    def __repr__(self) -> str:
        return self.text

    def is_met_by_day(self, day: date) -> bool:
        days, months, weekdays = self.fields[2:]
        by_month, by_week = is_met(days, day.day, day), is_met(weekdays, day.isoweekday() % 7, day)
        if is_open(days) or is_open(weekdays):
            return is_met(months, day.month, day) and by_month and by_week
        return is_met(months, day.month, day) and (by_month or by_week)

    @cached_property
    def times(self) -> frozenset[tuple[int, int]]:
        """Hours with minutes."""
        minutes, hours = ({value for piece in field for value in piece.values} for field in self.fields[:2])
        return frozenset(product(hours, minutes))

    def is_met_by(self, wall: datetime) -> bool:
        return (wall.hour, wall.minute) in self.times and self.is_met_by_day(wall)

    @property
    def is_pattern(self) -> bool:
        starred = any(field[0].text.startswith("*") for field in self.fields[:2])
        return starred or len({hour for hour, _ in self.times}) == 24


def is_met(field: Sequence[Piece], value: int, day: date) -> bool:
    return any(piece.is_met(value, day) for piece in field)


def is_open(field: Sequence[Piece]) -> bool:
    return any(piece.text in ("*", "?", "*/1") for piece in field)


def walls(zone: tzinfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Each minute of real time from `start` to `end`, with what the clocks show."""
    count = (end - start) // MINUTE + 1
    minutes = (start + number * MINUTE for number in range(count))
    return [(minute, minute.astimezone(zone).replace(tzinfo=None)) for minute in minutes]


def fires(made: Made, shown: Sequence[tuple[datetime, datetime]]) -> Iterator[datetime]:
    """The minutes in which the expression fires; what the first of them show counts as seen before."""
    if made.is_pattern:
        yield from (minute for minute, wall in shown[1:] if made.is_met_by(wall))
        return
    seen = {wall for _, wall in shown[:1]}
    for (_, former), (minute, wall) in pairwise(shown):
        # What the clocks pass over has come as well.
        come = [former + number * MINUTE for number in range(1, (wall - former) // MINUTE)]
        new = [each for each in (*come, wall) if each not in seen]
        if any(map(made.is_met_by, new)):
            yield minute
        seen.update(new)


def changes(zone: tzinfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The minutes in which the clocks are set, and by how much."""
    step, former = 12 * HOUR, offset(zone, start)
    while start < end:
        later = offset(zone, start + step)
        if later != former:
            number = next(number for number in range(721) if offset(zone, start + number * MINUTE) != former)
            yield start + number * MINUTE, later - former
        start, former = start + step, later


def offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def plain(first: int, last: int, names: Sequence[str] = ()) -> st.SearchStrategy[Piece]:
    """A number, a name, a range, with or without a step."""
    numbers = st.integers(first, last)
    pairs = st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1])
    steps = st.integers(1, 20)
    return st.one_of(
        numbers.map(lambda value: Piece(str(value), frozenset({value}))),
        pairs.map(lambda pair: Piece("{}-{}".format(*pair), frozenset(range(pair[0], pair[1] + 1)))),
        st.builds(
            lambda pair, step: Piece("{}-{}/{}".format(*pair, step), frozenset(range(pair[0], pair[1] + 1, step))),
            *(pairs, steps),
        ),
        *([numbers.map(lambda value: Piece(names[value - first], frozenset({value})))] if names else []),
    )


def multiples(first: int, last: int) -> st.SearchStrategy[Piece]:
    pieces = (
        Piece(f"*/{step}", frozenset(value for value in range(first, last + 1) if value % step == 0))
        for step in range(1, last + 1)
    )
    return st.sampled_from([piece for piece in pieces if piece.values])


def from_on(first: int, last: int) -> st.SearchStrategy[Piece]:
    return st.builds(
        lambda start, step: Piece(f"{start}/{step}", frozenset(range(start, last + 1, step))),
        *(st.integers(first, last), st.integers(1, 20)),
    )


def star(first: int, last: int, text: str = "*") -> st.SearchStrategy[Piece]:
    return st.just(Piece(text, frozenset(range(first, last + 1))))


def alone(piece: st.SearchStrategy[Piece]) -> st.SearchStrategy[tuple[Piece, ...]]:
    return piece.map(lambda each: (each,))


def several(*pieces: st.SearchStrategy[Piece]) -> st.SearchStrategy[tuple[Piece, ...]]:
    return st.lists(st.one_of(*pieces), min_size=1, max_size=3).map(tuple)


def field(first: int, last: int, *more: st.SearchStrategy[Piece]) -> st.SearchStrategy[tuple[Piece, ...]]:
    every = (plain(first, last), multiples(first, last), from_on(first, last), *more)
    return several(*every) | alone(star(first, last))


def in_month(day: date, number: int) -> list[date]:
    """All days of the month of a day, up to a number."""
    return [each for each in (day.replace(day=1) + count * DAY for count in range(number)) if each.month == day.month]


def is_nearest_working(day: date, number: int) -> bool:
    target = in_month(day, number)[-1]
    working = [each for each in in_month(day, 31) if each.isoweekday() < 6]
    return as_date(day) == min(working, key=lambda each: abs(each - target))


def as_date(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


def is_last_working(day: date) -> bool:
    return as_date(day) == max(each for each in in_month(as_date(day), 31) if each.isoweekday() < 6)


def nearest_working(number: int) -> Piece:
    return Piece(f"{number}W", rule=lambda day: is_nearest_working(as_date(day), number))


def nth(weekday: int, count: int) -> Piece:
    return Piece(
        f"{weekday}#{count}",
        rule=lambda day: day.isoweekday() % 7 == weekday % 7 and (day.day - 1) // 7 == count - 1,
    )


def last_weekday(weekday: int) -> Piece:
    return Piece(
        f"{weekday}L",
        rule=lambda day: day.isoweekday() % 7 == weekday % 7 and (day + 7 * DAY).month != day.month,
    )


special_days = st.one_of(
    st.just(Piece("L", rule=lambda day: (day + DAY).month != day.month)),
    st.just(Piece("LW", rule=is_last_working)),
    st.integers(1, 31).map(nearest_working),
)
special_weekdays = st.one_of(st.builds(nth, st.integers(0, 7), st.integers(1, 5)), st.integers(0, 7).map(last_weekday))
to_sunday = st.integers(1, 6).map(lambda first: Piece(f"{first}-7", frozenset({*range(first, 7), 0})))

minutes = field(0, 59)
hours = field(0, 23)
days = st.one_of(field(1, 31, special_days), alone(star(1, 31, "?")), alone(star(1, 31)))
months = st.one_of(field(1, 12, plain(1, 12, MONTHS)), alone(star(1, 12)))
weekdays = st.one_of(
    field(0, 6, plain(0, 6, WEEKDAYS), special_weekdays, to_sunday), alone(star(0, 6, "?")), alone(star(0, 6))
)
midnight = Piece("0", frozenset({0}))

#: Any days, at midnight.
dates = st.builds(lambda *made: Made(((midnight,), (midnight,), *made)), days, months, weekdays)
#: Any times, on most days.
times = st.builds(
    lambda minute, hour, weekday: Made((minute, hour, *made_stars(), weekday)),
    *(minutes, hours, st.one_of(alone(star(0, 6)), alone(star(0, 6)), weekdays)),
)


def made_stars() -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    return (Piece("*", frozenset(range(1, 32))),), (Piece("*", frozenset(range(1, 13))),)


moments = st.datetimes(datetime(1970, 1, 2), datetime(2150, 1, 1), timezones=st.just(UTC))
