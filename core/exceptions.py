"""Every error that PyAtro raises, in one tree; a class's docstring is its default message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from core.sentence import Sentence

#: A message about many values stays readable.
_MOST_SHOWN = 20


def did_you_mean(name: object, known: Iterable[str], nearness: float = 0.6) -> str:
    """` Did you mean 'x'?` with the nearest of the known names, or nothing: the end of a message about a wrong name.

    A name that came from outside may be no text. `nearness` from 0 to 1 says how alike the two have to be.
    """
    from difflib import get_close_matches  # takes 2 ms to load, and is needed only where something went wrong

    others = [each for each in known if each != name]
    nearest = get_close_matches(str(name), others, n=1, cutoff=nearness)
    return Sentence(" Did you mean '{name}'?", name=nearest[0]) if nearest else ""


class AtroError(Exception):
    """Something went wrong."""

    #: What an HTTP layer answers with.
    status_code = 500

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class Error(AtroError):
    """The operation failed."""


class BadRequest(Error):
    """The request cannot be carried out as it was made.

    `field` is the part of it that is wrong, where it is one.
    """

    status_code = 400

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidPayload(BadRequest):
    """The payload does not fit the schema of its job type.

    `by_property` has what is wrong with each of its properties.
    """

    def __init__(self, message: str | None = None, by_property: Mapping[str, str] | None = None) -> None:
        super().__init__(message, field="payload")
        self.by_property = dict(by_property or {})


class InvalidSchedule(BadRequest):
    """Wrong crontab configuration."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that cannot be: whose it is (entity type, id, attribute), the rule that it breaks, and all as text.

    The rule is a Sentence where core has it: `is not a number`.
    """

    entity: str
    id: str
    field: str
    value: Any
    rule: str
    text: str

    def __str__(self) -> str:
        return self.text


class ValidationError(BadRequest):
    """The values break the rules of their fields; `problems` has each of them."""

    def __init__(self, message: str | None = None, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, field=problems[0].field if problems else None)
        self.problems = list(problems)

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Self:
        """The one error for all of them; its message has a line for each of the first 20."""
        more = len(problems) - _MOST_SHOWN
        lines = [*map(str, problems[:_MOST_SHOWN]), *([f"and {more} more."] if more > 0 else ())]
        return cls("\n".join(lines), problems)


class NotModified(Error):
    """Nothing has changed."""

    status_code = 304


class NotUnique(BadRequest):
    """The record cannot be created due to database constraints.

    `existing_id` is the record in its way, where that is known.
    """

    def __init__(self, message: str | None = None, *, existing_id: str | None = None) -> None:
        super().__init__(message)
        self.existing_id = existing_id


class Forbidden(Error):
    """This is not allowed."""

    status_code = 403


class Unauthorized(Error):
    """Nobody is logged in."""

    status_code = 401


class NotFound(Error):
    """There is no such record."""

    status_code = 404


class Conflict(Error):
    """The record was changed by somebody else in the meantime."""

    status_code = 409


class TooLarge(Error):
    """The request is too large."""

    status_code = 413


class UnsupportedMediaType(Error):
    """The request has a content type that is not understood here."""

    status_code = 415


class TooManyRequests(Error):
    """Too much was asked for; `retry_after_seconds` says when it may be tried again."""

    status_code = 429

    def __init__(self, message: str | None = None, retry_after_seconds: float = 1) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ConfigurationError(AtroError):
    """The configuration is wrong."""


class ContainerError(AtroError):
    """A service cannot be had from the container."""


class EventError(AtroError):
    """A listener does not fit the event that it is meant for."""


class MetadataError(AtroError):
    """The metadata are wrong."""


class ModuleError(AtroError):
    """A module cannot be loaded."""


class ClassReferenceError(AtroError):
    """A class named in metadata cannot be loaded; `kind` is "import" or "class"."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class ConsoleError(AtroError):
    """A console command was not used as it is meant."""


class DatabaseError(AtroError):
    """The database refused."""


class DatabaseBusy(DatabaseError):
    """The database was busy for too long."""


class DatabaseUnavailable(DatabaseError):
    """The database is away, full, or closed to writers: what was to be written can be written later."""


class QueryTimeout(DatabaseError):
    """The database was asked for too much, and stopped.

    `field` is the part of a request that asked for it, where that is known.
    """

    status_code = 400

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SchemaError(DatabaseError):
    """The tables cannot be made as they are defined."""


class MigrationError(AtroError):
    """A migration failed."""


class MailError(Error):
    """The email could not be sent."""


class RecipientsRefused(MailError):
    """The mail server refused recipients; `taken` are those for whom it has taken the email nevertheless."""

    def __init__(self, message: str, taken: Sequence[str]) -> None:
        super().__init__(message)
        self.taken = list(taken)


class Discard(Error):
    """A job raises it when no further attempt would help: it is Failed, whatever attempts are left."""

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason or "The job gave no reason.")


class Retry(Error):
    """The job asked for another attempt.

    A job raises it to be tried again after `in_seconds`, or else after the pause of its type, as long as attempts are
    left. Raises BadRequest where `in_seconds` is no number from 0 to a year.
    """

    LONGEST_SECONDS = 366 * 86_400.0

    def __init__(self, in_seconds: float | None = None, reason: str | None = None) -> None:
        super().__init__(reason)
        if in_seconds is not None and not self._is_time(in_seconds):
            raise BadRequest(
                f"Retry: in_seconds is {in_seconds!r}. Give a number from 0 to {self.LONGEST_SECONDS:.0f} (a year), or "
                "none for the backoff of the job's type; the reason comes second."
            )
        self.in_seconds = None if in_seconds is None else float(in_seconds)

    @classmethod
    def _is_time(cls, value: float) -> bool:
        return type(value) in (int, float) and 0 <= value <= cls.LONGEST_SECONDS


class JobInterrupted(BaseException):
    """The job was stopped from outside.

    Not an `Exception`, so that a job's `except Exception` does not swallow it (as with `KeyboardInterrupt`).
    """


def text_of(error: BaseException) -> str:
    """What an exception says of itself; nothing where its `__str__`, which may be anybody's code, fails."""
    try:
        return str(error)
    except (KeyboardInterrupt, JobInterrupted):
        raise  # somebody stops us just now
    except BaseException:  # noqa: BLE001 - also SystemExit: nobody ends this process by a text
        return ""


class JobCanceled(JobInterrupted):
    """The job was canceled."""


class JobTimeout(JobInterrupted):
    """The job ran into its timeout."""


class JobTooLarge(JobInterrupted):
    """The job took more memory than its type allows."""
