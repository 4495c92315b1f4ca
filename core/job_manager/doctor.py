"""What is wrong with an installation beyond what its files say: its processes, its disk, its database's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from core import clock
from core.container import Container
from core.job_manager.data_folder import judge_folder, judge_place, judge_space
from core.job_manager.finding import Finding
from core.job_manager.heartbeat import MOST_SECONDS_APART, seconds_ahead
from core.job_manager.pause import finding_of_machine, finding_of_type
from core.job_manager.status import Status
from core.orm.database import DATABASE_ERRORS
from core.orm.database_settings import clock_of, weaknesses_of
from core.sentence import Sentence, verbatim

# A zone that every collection of them has.
_ZONE = "Europe/Berlin"


def examine(container: Container, root: Path, look: Callable[[], Status]) -> list[Finding]:
    """All that is wrong or doubtful, with what to do; `look` answers the job manager's status."""
    try:
        status = look()
    except OSError as error:  # who may not open its files is to be told why
        text = verbatim(f"{error.filename}: {error.strerror}.")
        remedy = Sentence("Run this as the user to whom data/ belongs.")
        found = [Finding("job manager", text, remedy, is_error=True)]
    else:
        found = [*_of_job_manager(status), *(_of_database(container) if status.trouble is None else ())]
    return [*found, *judge_folder(root / "data"), *_of_disks(container, root), *_of_libraries()]


def _of_job_manager(status: Status) -> Iterator[Finding]:
    yield from status.findings
    if status.pause is not None:
        yield finding_of_machine(status.pause)
    if status.rows is not None:
        yield from (finding_of_type(*each) for each in sorted(status.rows.restraints.pauses.items()))


def _of_disks(container: Container, root: Path) -> Iterator[Finding]:
    config = container.get("config")
    folders = [root / "data"]
    if config.problem is None and config.is_on_sqlite:
        database = Path(container.get("connection").place)
        folders.append(database.parent)
        yield from judge_place(database)
    by_disk = {folder.stat().st_dev: folder for folder in reversed(folders) if folder.is_dir()}
    for folder in by_disk.values():
        yield from judge_space(folder)


def _of_libraries() -> Iterator[Finding]:
    if find_spec("croniter") is None:
        text = Sentence("The library croniter is missing: no schedule fires.")
        remedy = Sentence("pip install croniter, in the environment that console.py runs in.")
        yield Finding("libraries", text, remedy, is_error=True)
    try:
        clock.zone(_ZONE)
    except ValueError:
        text = Sentence("This machine has no data of time zones: schedules with a time zone do not fire.")
        remedy = Sentence("Install the machine's package tzdata, or pip install tzdata.")
        yield Finding("libraries", text, remedy, is_error=True)


def _of_database(container: Container) -> Iterator[Finding]:
    most_workers = container.get("config").max_concurrent_workers
    tables = [table.name for table in container.get("schema").tables()]
    try:
        with container.get("connection").read() as connection:
            weaknesses = weaknesses_of(connection, most_workers, tables)
            before = clock.now()
            at = clock_of(connection)
            after = clock.now()
    except DATABASE_ERRORS as error:
        remedy = Sentence("Look at the server, and at the rights of PyAtro's user.")
        yield Finding("database", Sentence("Its settings cannot be read: {error}", error=error), remedy)
        return
    yield from (Finding("database", each.text, each.remedy, each.is_error) for each in weaknesses)
    if at is not None:
        yield from judge_clocks(before, at, after)


def judge_clocks(before: datetime, at: datetime, after: datetime) -> Iterator[Finding]:
    """Whether the database's clock, read between two readings of this machine's, is another one than this."""
    ahead = seconds_ahead(before, at, after)
    if abs(ahead) > MOST_SECONDS_APART:
        remedy = Sentence('Let NTP set the clocks of both machines: "timedatectl" shows it.')
        yield Finding("clock", _skew(ahead), remedy, is_error=True)


def _skew(ahead: float) -> Sentence:
    time = f"{abs(ahead):.1f} s"
    if ahead > 0:
        return Sentence(
            "The database's clock is {time} ahead of this machine's: jobs start too early or too late.", time=time
        )
    return Sentence(
        "The database's clock is {time} behind this machine's: jobs start too early or too late.", time=time
    )
