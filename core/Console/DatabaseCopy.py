"""`database copy <url>`"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from core import clock
from core.config.database_url import complaints, database_url, dialect_of, without_password
from core.config.settings import SETTINGS
from core.Console.AbstractJobConsole import AbstractJobConsole
from core.exceptions import ConfigurationError, Conflict, ConsoleError
from core.job_queue.states import RUNNING
from core.log import logger
from core.terminal import output
from core.terminal.table import write_table

if TYPE_CHECKING:  # the database's library
    from core.orm import Entity
    from core.orm.database_copy import CopyReport, LeftBehind, TableResult, Target

_FROM_INPUT = "-"
_ADDRESS_KEYS = ("url", "driver", "host", "port", "dbname", "user", "password", "charset")
_COLUMNS = ("table", "source", "target", "compared")
_MOST_NAMED = 20
_SECONDS_BETWEEN_LINES = 10.0

#: Is told what is being done with which table, and how many rows of how many are done.
_Listener = Callable[[str, str, int, int], None]


class DatabaseCopy(AbstractJobConsole):
    """Copies all data into another database, compares the two value by value, and says how to change over.

    The address `-` is read from standard input, so that its password stands in no list of processes. The same command
    goes on with a copy that was interrupted. Exits with 0 only if both databases hold the same.
    """

    @staticmethod
    def get_description() -> str:
        return "Copy all data into another database."

    def run(self, params: dict[str, Any]) -> int:
        url = _read_url(params["url"])
        with closing(self._make_target(url)) as target:
            return self._copy_into(target, url, params)

    def _make_target(self, url: str) -> Target:
        from core.orm import Schema  # brings in the database's library
        from core.orm.database_copy import Target

        if problems := complaints({"url": url}):
            raise ConfigurationError("\n".join(text.replace("database.url", "The address", 1) for text in problems))
        address = database_url({"url": url}, self.get_config().root)
        schema = Schema(self.get_metadata(), dialect=dialect_of(address))
        return Target(address, schema, self._busy_seconds)

    def _copy_into(self, target: Target, url: str, params: dict[str, Any]) -> int:
        from core.orm.database_copy import Copier  # the same

        container = self.get_container()
        copier = Copier(container.get("connection"), self.get_config().database_url, target)
        left = copier.left_behind()
        if left and not params["leave-behind"]:
            raise ConsoleError(_about_left_behind(left))
        began_at = clock.monotonic()
        with container.get("jobManager").kept_out(), copier.source_held():
            self._refuse_running_jobs()
            with _progress() as listener:
                report = copier.run(listener)
            problem = self._switch(url) if report.is_whole and params["switch"] else None
        for each in report.unfit:
            logger.error("database copy: %s", each)
        outcome = _Outcome(report, left, without_password(url), params["switch"], problem)
        if params["json"]:
            output.write_json(outcome.document())
        else:
            outcome.show(clock.monotonic() - began_at)
        return 0 if report.is_whole and problem is None else 1

    @property
    def _busy_seconds(self) -> float:
        return float(self.get_config().get("database.lockTimeout"))

    def _refuse_running_jobs(self) -> None:
        """What a job's process writes at its end would be lost."""
        query = self.job_repository.where({"OR": [{"status": RUNNING}, {"runProcess!=": None}]})
        jobs = query.order("id").limit(_MOST_NAMED).find()
        if jobs:
            named = "\n".join(f"  {_described(job)}" for job in jobs)
            raise Conflict(
                f"Jobs are running, and what they write would be lost:\n{named}\n"
                'Wait until they have ended ("job wait <id>"), or cancel them ("job cancel <id>").'
            )

    def _switch(self, url: str) -> str | None:
        """Let data/config.py name the new database; answers why it cannot be done."""
        config = self.get_config()
        settings = {key: value for key, value in config.get("database").items() if not _is_given_anyway(key, value)}
        try:
            config.set("database", {"url": url, **settings})
            config.save()
        except ConfigurationError as error:
            return str(error)
        # They have opened the old database: its lock is not given back before they have stopped to wait for it.
        output.note(f"Waiting {self._busy_seconds:g} s, so that whoever waits to write to the old database gives up.")
        time.sleep(self._busy_seconds)
        return None


class _Outcome:
    """What came of it, for a person or a program."""

    def __init__(
        self, report: CopyReport, left: Sequence[LeftBehind], url: str, is_to_switch: bool, problem: str | None
    ) -> None:
        self._report = report
        self._left = left
        self._line = f'"database": {{"url": "{url}"}},'
        self._is_to_switch = is_to_switch
        self._problem = problem

    @property
    def _is_switched(self) -> bool:
        return self._is_to_switch and self._report.is_whole and self._problem is None

    def document(self) -> dict[str, Any]:
        return {
            "isWhole": self._report.is_whole,
            "tables": [_as_dict(result) for result in self._report.results],
            "unfit": [
                {"table": each.table, "id": each.key, "column": each.column, "reason": each.reason}
                for each in self._report.unfit
            ],
            "leftBehind": [{"table": each.table, "column": each.column, "rows": each.rows} for each in self._left],
            "isSwitched": self._is_switched,
            "problem": self._problem,
        }

    def show(self, seconds: float) -> None:
        results = self._report.results
        rows = [(each.table, each.source_rows, each.target_rows, _compared(each)) for each in results]
        if rows:
            write_table(rows, _COLUMNS)
        for each in self._left:
            output.warning(f"Left behind: {each}.")
        if not self._report.is_whole:
            self._show_faults()
            return
        count = sum(result.source_rows for result in results)
        output.success(f"All {count} rows are in both databases, with the same values ({seconds:.0f} s).")
        self._show_next_step()

    def _show_faults(self) -> None:
        unfit = self._report.unfit
        if unfit:
            named = [str(each) for each in unfit[:_MOST_NAMED]]
            if len(unfit) > _MOST_NAMED:
                named.append(f"and {len(unfit) - _MOST_NAMED} more, which are in the log.")
            output.error("\n  ".join(["Rows that the other database cannot hold were not copied:", *named]))
        if not self._report.results:
            output.error("There are too many of them: the copy was given up. What do they have in common?")
        output.error(
            "The copy is not whole. Mend in the old database what is named here, and run the same command again: it "
            "adds what is missing."
            if unfit
            else "The two differ, though nothing was refused: one of them was in use meanwhile, or something else "
            "writes to the new one. Empty the new one, and begin anew."
        )

    def _show_next_step(self) -> None:
        if self._is_switched:
            output.success(
                'data/config.py names the new database now: "python console.py cron" starts the job manager.'
            )
            return
        if self._problem is not None:
            output.error(f"data/config.py could not be changed: {self._problem}")
        hidden = ", with the password for ***" if "***" in self._line else ""
        output.info(f"Write this into data/config.py{hidden}:\n    {self._line}")
        output.warning(
            "Do it before you start anything: what is written to the old database from now on is not in the new one."
        )


@contextmanager
def _progress() -> Iterator[_Listener]:
    """A bar where somebody looks, else a line now and then."""
    if not output.is_terminal(sys.stderr):
        yield _Lines()
        return
    from core.terminal.progress import ProgressBar  # loads rich, which only a person at a terminal needs

    with ProgressBar("Preparing") as bar:
        yield lambda doing, table, done, total: bar.show(done, total, f"{doing} {table}")


class _Lines:
    """A line for each table, and another one every few seconds."""

    def __init__(self) -> None:
        self._said_at = 0.0
        self._said_of: tuple[str, str] | None = None

    def __call__(self, doing: str, table: str, done: int, total: int) -> None:
        now = clock.monotonic()
        if self._said_of != (doing, table) or now - self._said_at >= _SECONDS_BETWEEN_LINES:
            self._said_of, self._said_at = (doing, table), now
            output.note(f"{doing} {table}: {done} of {total} rows")


def _read_url(given: str) -> str:
    url = sys.stdin.readline().strip() if given == _FROM_INPUT else given
    if not url:
        raise ConsoleError('"database copy" needs an address, such as postgresql://user:password@localhost/atro.')
    return url


def _is_given_anyway(key: str, value: Any) -> bool:
    """What belongs to the old address, and defaults."""
    setting = SETTINGS.get(f"database.{key}")
    return key in _ADDRESS_KEYS or (setting is not None and value == setting.default)


def _about_left_behind(left: Sequence[LeftBehind]) -> str:
    lines = [f"  {each}" for each in left]
    return "\n".join(
        [
            "Nothing in the metadata stands for these, so they would not be copied:",
            *lines,
            "Is a module missing, or set aside? If nobody needs them, say --leave-behind.",
        ]
    )


def _described(job: Entity) -> str:
    return f"{job.id} {job.get('type')}, process {job.get('pid')} on {job.get('runNode')}"


def _compared(result: TableResult) -> str:
    counts = {"missing": result.missing, "different": result.different, "extra": result.extra}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "same"


def _as_dict(result: TableResult) -> Mapping[str, Any]:
    return {
        "table": result.table,
        "sourceRows": result.source_rows,
        "targetRows": result.target_rows,
        "missing": result.missing,
        "different": result.different,
        "extra": result.extra,
    }
