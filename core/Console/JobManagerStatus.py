"""`job manager status`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core import clock
from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output
from core.terminal.duration import in_words
from core.terminal.table import write_table

if TYPE_CHECKING:  # all load the database's library
    from core.job_manager.held_up import HeldUp
    from core.job_manager.machines import Machine
    from core.job_manager.status import Rows, Status
    from core.job_queue.backlog import HeldRow


class JobManagerStatus(AbstractConsole):
    """Shows what the job manager does, what waits, and what there is to worry about; exits with 0 whatever it is."""

    @staticmethod
    def get_description() -> str:
        return "Show what the job manager does, and what waits."

    def run(self, params: dict[str, Any]) -> int:
        status: Status = self.get_container().get("jobManager").status()
        if params["json"]:
            output.write_json(status.to_dict())
            return 0
        write_table(self._facts(status), colour=output.GREEN)
        if status.rows is not None:
            _write_runs("Running here", status.here, status.now)
            _write_machines(status)
            _write_runs("Running on other machines", status.elsewhere, status.now)
            _write_backlog(status.rows, status.now)
            _write_held_up(status.held_up)
            _write_last_hour(status.rows)
            _write_schedules(status.rows, status.now)
        for finding in status.findings:
            output.warning(str(finding))
        return 0

    @staticmethod
    def _facts(status: Status) -> list[tuple[str, str]]:
        seen_at = status.cron_seen_at
        return [
            ("job manager", _of_daemon(status)),
            ("paused", _of_pauses(status)),
            ("cron", f"came {_ago(seen_at, status.now)}" if seen_at else "never came"),
            ("workers", f"{len(status.here)} at work, {status.free_workers} free, {status.most_workers} at most"),
        ]


def _of_pauses(status: Status) -> str:
    here, everywhere = status.pause, status.pause_everywhere
    said = [*([str(here)] if here else ()), *([f"on all machines, {everywhere}"] if everywhere else ())]
    return "; ".join(said) or "no"


def _of_daemon(status: Status) -> str:
    holder = status.holder
    if holder is None:
        return "starts at the moment" if status.is_running else "does not run"
    last_round = f"last round {holder.silent_seconds:.0f} s ago"
    if holder.failing_seconds:
        last_round += f", none that succeeded for {in_words(holder.failing_seconds)}"
    version = f", version {holder.version}" if holder.version else ""
    return f"process {holder.process.pid}, started {_ago(status.since, status.now)}, {last_round}{version}"


def _write_runs(title: str, runs: list[HeldRow], now: datetime) -> None:
    if runs:
        output.write()
        output.info(title)
        rows = [(each.pid, each.job_id, each.type, each.status, _ago(each.started_at, now)) for each in runs]
        write_table(rows, ("pid", "job", "type", "status", "started"))


def _write_machines(status: Status) -> None:
    if status.machines:
        output.write()
        output.info("Machines")
        rows = [
            (f"{each.name}{' (this one)' if each.name == status.node else ''}", each.seen, each.running, *_said(each))
            for each in status.machines
        ]
        write_table(rows, ("node", "seen", "running", "workers", "process", "version", "clock"))


def _said(machine: Machine) -> tuple[object, ...]:
    said = machine.said
    if said is None:
        return "", "", "", ""
    return said.workers, said.pid, said.version, f"{said.clock_skew:+.1f} s"


def _write_backlog(rows: Rows, now: datetime) -> None:
    from core.job_queue.backlog import MOST_COUNTED, count_in_words, total  # SQLAlchemy, as the rows themselves

    due = total(rows.due)
    more = "+" if due > MOST_COUNTED else ""
    output.write()
    output.info(f"Waiting: {count_in_words(due)} due, {count_in_words(rows.later)} for later")
    if rows.due:
        types = [
            (each.type, f"{min(each.count, MOST_COUNTED):,}{more}", _ago(each.oldest_at, now)) for each in rows.due
        ]
        write_table(types, ("type", "due", "oldest"))


def _write_last_hour(rows: Rows) -> None:
    from core.job_queue.counters import total  # SQLAlchemy, as the rows themselves
    from core.job_queue.states import ENDED, FAILED

    ended, failed = total(rows.last_hour, *ENDED), total(rows.last_hour, FAILED)
    output.write()
    output.info(f"Ended in the last hour: {ended:,}, of which {failed:,} failed")


def _write_held_up(types: Sequence[HeldUp]) -> None:
    if types:
        output.write()
        output.info("Held up")
        for each in types:
            output.write(each.text)


def _write_schedules(rows: Rows, now: datetime) -> None:
    if rows.next_fires:
        output.write()
        output.info("Next schedules")
        write_table(
            [(each.name, each.type, _coming(each.fire_time, now)) for each in rows.next_fires],
            ("name", "type", "fires"),
        )


def _ago(moment: datetime | None, now: datetime) -> str:
    return "" if moment is None else f"{in_words((now - moment).total_seconds())} ago"


def _coming(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    seconds = (moment - now).total_seconds()
    distance = f"in {in_words(seconds)}" if seconds >= 0 else f"{in_words(-seconds)} overdue"
    return f"{clock.to_iso(moment)}, {distance}"
