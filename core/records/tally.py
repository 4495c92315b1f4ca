"""Doing the same to many records, where one that fails does not keep the others from it."""

from __future__ import annotations

from collections.abc import Callable

from core.exceptions import NotModified
from core.log import logger

#: A message about a chunk of 3,000 records stays readable; the log has all of them.
_MOST_SHOWN = 100


class Tally:
    """What became of records: how many were done (in a word such as `updated`), were as they should be, or failed."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.done = 0
        self.unchanged = 0
        #: A line for each record that failed: its id, and why.
        self.errors: list[str] = []

    def attempt(self, record_id: str, call: Callable[[str], object]) -> None:
        """Do it to one record; NotModified means that it was so already, any other error is logged and kept."""
        try:
            call(record_id)
        except NotModified:
            self.unchanged += 1
        except Exception as error:  # noqa: BLE001 - services and listeners of modules are foreign code
            logger.warning("Not %s: %s: %s", self._word, record_id, error)
            self.errors.append(f"{record_id}: {str(error) or type(error).__name__}")
        else:
            self.done += 1

    @property
    def has_failed(self) -> bool:
        """Whether there were records, and every one of them failed."""
        return bool(self.errors) and not self.done and not self.unchanged

    @property
    def message(self) -> str:
        """A summary in the first line, then the errors."""
        total = self.done + self.unchanged + len(self.errors)
        summary = (
            f"Records: {total}, {self._word}: {self.done}, unchanged: {self.unchanged}, failed: {len(self.errors)}"
        )
        more = len(self.errors) - _MOST_SHOWN
        rest = [f"and {more} more, which the log of the job has"] if more > 0 else []
        return "\n".join([summary, *self.errors[:_MOST_SHOWN], *rest])
