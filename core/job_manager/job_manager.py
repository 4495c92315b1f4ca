"""What the console and the panel may ask of the job manager."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__, clock
from core.container import Container
from core.exceptions import Conflict, ConsoleError, DatabaseBusy
from core.job_manager.cron_seen import note_cron
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.daemon_program import NAME, become_successor, program
from core.job_manager.finding import Finding
from core.job_manager.flags import KILL_FILE, PAUSE_FILE
from core.job_manager.housekeeping import rotate_as_configured
from core.job_manager.idleness import LATE_SECONDS, pauses_by_type, trouble_here, wait_for_start
from core.job_manager.pause import end_pause, new_pause, read_pause, write_pause
from core.job_manager.release import Release
from core.job_manager.watchdog import SILENT_SECONDS
from core.job_queue.announcement import Announcer, installation_id
from core.job_queue.pause import EVERYTHING, Pause
from core.job_queue.process_identity import ProcessIdentity
from core.loading import without_collections
from core.log import logger

if TYPE_CHECKING:  # all load the database's library
    from core.job_manager.gone_machine import LeftRun
    from core.job_manager.job_case import Answer
    from core.job_manager.machines import Machine
    from core.job_manager.status import Status

_STOPPING_SECONDS = 0.6
_TURN_SECONDS = 0.3
_OUT_OF_THE_WAY_SECONDS = 30.0


class JobManager:
    """Starts, stops and asks the job manager of one installation. Making one opens no connection.

    `place` is the name by which the installation was called: the root, or a link that leads there today.
    """

    def __init__(self, container: Container, root: Path, place: Path | None = None) -> None:
        self._container = container
        self._root = root
        self._release = Release(root, place or root)

    @property
    def release(self) -> Release:
        """Whose code this process runs, and by which name the installation was called."""
        return self._release

    def start_if_needed(self) -> None:
        """What `cron` does: start the daemon unless a healthy one runs, and close the jobs of dead processes.

        It makes the schedules due as well, where no healthy daemon does. Safe to call twice at once: the daemon itself
        takes the lock, and a second one goes away.
        """
        note_cron(self._root)
        lock = DaemonLock(self._root)
        self._obey_kill_file(lock)
        self._end_silent_daemon(lock)
        if lock.is_held() or not lock.acquire():
            holder = lock.holder()
            if holder is not None and holder.silent_seconds > LATE_SECONDS:
                self._make_schedules_due()
            return
        try:
            self._close_dead_jobs()
            self._make_schedules_due()
        finally:
            lock.release()
        self._spawn_daemon()

    def daemon(self, name: str, label: str, lock_descriptor: str | None = None, place: str | None = None) -> int:
        """Be the daemon, in the foreground; returns the exit status, 0 also where one runs already.

        `label` is shown in the process's title, as the original's ids are. `lock_descriptor` is the lock of the daemon
        that this process was before its code changed, `place` the one of this installation as `cron` was told it.
        """
        _refuse_other_names(name)
        if place is not None:
            self._release = Release(self._root, Path(place))
        lock = DaemonLock(self._root)
        if not self._take(lock, lock_descriptor):
            holder = lock.holder()
            sys.stderr.write(
                f"A job manager runs already (process {holder.process.pid}).\n"
                if holder
                else f"Another command has kept the job manager out for {_OUT_OF_THE_WAY_SECONDS:g} s.\n"
            )
            return 0
        try:
            is_from_cron = label == installation_id(self._root)
            lock.tell(version=__version__, is_from_cron=is_from_cron, root=str(self._root))
            lock.pulse()
            self._forget_old_stop()
            self._say_warnings()
            with without_collections():
                from core.job_manager.daemon import Daemon  # the database and all: only this command needs it

                daemon = Daemon(self._container, self._release, lock, label)
            if daemon.serve():
                self._container.close()
                become_successor(self._release, label, lock.hand_over())
        finally:
            lock.release()
        return 0

    def try_to_load(self, name: str) -> int:
        """Make the daemon, and start nothing; returns 0, or raises what keeps it from being loaded."""
        _refuse_other_names(name)
        from core.job_manager.daemon import Daemon  # the database and all: only this command needs it

        Daemon(self._container, self._release, DaemonLock(self._root), "")
        return 0

    def request_stop(self) -> None:
        """Stop the daemon; running jobs go on."""
        (self._root / KILL_FILE).parent.mkdir(parents=True, exist_ok=True)
        (self._root / KILL_FILE).touch()  # writes nothing: a full disk does not keep it from stopping
        self._wake_daemon()

    @contextmanager
    def kept_out(self) -> Iterator[None]:
        """While the block lasts no job manager runs on this machine; the jobs of dead processes are closed before it.

        Raises Conflict where one runs.
        """
        lock = DaemonLock(self._root)
        if not lock.acquire():
            holder = lock.holder()
            who = f"process {holder.process.pid}" if holder else "it is starting, or another command keeps it out"
            raise Conflict(f'No job manager may run meanwhile ({who}). "python console.py kill daemons" stops it.')
        try:
            self._close_dead_jobs()
            yield
        finally:
            lock.release()

    def why_idle(self, job_type: str | None = None) -> list[str]:
        """Why waiting jobs are not started, each in a sentence with what to do; none where they are.

        With a type only what concerns its jobs, otherwise all pauses that there are.
        """
        wait_for_start(self._root)
        found = [*filter(None, [trouble_here(self._root)]), *pauses_by_type(self._container, job_type)]
        return [f"{each.text.removesuffix('.')}: {each.remedy}" for each in found]

    def pause(self, reason: str | None = None, by: str | None = None) -> tuple[Pause, bool]:
        """Let no job start on this machine until `resume`; running jobs go on.

        `by` is who wants it, if not the one who runs this process. Returns the pause that is in force, and whether it
        is new: a former one stays as it is.
        """
        former = self.paused()
        if former is not None:
            return former, False
        pause = write_pause(self._root, new_pause(reason, by))
        self._wake_daemon()
        return pause, True

    def pause_type(self, job_type: str, reason: str | None = None, by: str | None = None) -> tuple[Pause, bool]:
        """Let no job of this type start on any machine until `resume_type`; see `pause`."""
        asked, queue = new_pause(reason, by), self._container.get("jobQueue")
        with self._container.get("connection").write() as connection:
            pause = queue.states.pause(connection, job_type, asked)
        queue.announce()
        return pause, pause is asked

    def resume_type(self, job_type: str) -> bool:
        """Let jobs of this type start again; says whether it was paused."""
        queue = self._container.get("jobQueue")
        with self._container.get("connection").write() as connection:
            was_paused: bool = queue.states.resume(connection, job_type)
        queue.announce()
        return was_paused

    def pause_everywhere(self, reason: str | None = None, by: str | None = None) -> tuple[Pause, bool]:
        """Let no job start on any machine until `resume_everywhere`; see `pause`."""
        return self.pause_type(EVERYTHING, reason, by)

    def resume_everywhere(self) -> bool:
        """Let jobs start again on all machines that are not paused themselves; says whether all were paused."""
        return self.resume_type(EVERYTHING)

    def resume(self) -> bool:
        """Let jobs start again; says whether it was paused."""
        was_paused = end_pause(self._root)
        self._wake_daemon()
        return was_paused

    def paused(self) -> Pause | None:
        """What pauses the job manager of this machine."""
        return read_pause(self._root)

    def status(self) -> Status:
        """What the job manager of this machine does, and what there is to do."""
        from core.job_manager.status import look  # the database: most commands need none

        return look(self._container, self._root, trouble_here(self._root))

    def look_at_gone(self, node: str) -> tuple[Machine, list[LeftRun]]:
        """A machine that is gone for good, and what `forget` would make of the jobs that it holds.

        Raises NotFound where nobody knows it, Conflict where it lives.
        """
        from core.job_manager.gone_machine import GoneMachine  # the database: most commands need none

        return GoneMachine(self._container, self._root, node).look()

    def forget(self, node: str) -> list[LeftRun]:
        """Close the jobs of a machine that is gone for good, or try them again; returns them. Raises as `look_at_gone`.

        What still runs there runs a second time.
        """
        from core.job_manager.gone_machine import GoneMachine  # the database: most commands need none

        return GoneMachine(self._container, self._root, node).forget()

    def why(self, job_id: str, status: Status | None = None) -> Answer:
        """Why a job does not run, at the moment or when `status` was; raises NotFound where there is no such job."""
        from core.job_manager.why import explain  # the database, and the jobs' rooms

        return explain(self._container, job_id, status or self.status())

    def examine(self) -> list[Finding]:
        """What is wrong with the installation beyond what `check` reads in its files."""
        from core.job_manager.doctor import examine  # the database

        return examine(self._container, self._root, self.status)

    def run_by_hand(self, job_id: str, debug: bool = False) -> bool:
        """Run a job in this process, whatever its status is; says whether it succeeded.

        Raises NotFound where there is no such job and, but for `debug`, Conflict while a live process is running it.
        """
        from core.job_manager.run_by_hand import RunByHand  # the database: most commands need none

        by_hand = RunByHand(self._container, self._root)
        return by_hand.debug(job_id) if debug else by_hand.run(job_id)

    @staticmethod
    def _take(lock: DaemonLock, descriptor: str | None) -> bool:
        if descriptor is not None and descriptor.isdigit() and lock.take_over(int(descriptor)):
            return True
        return lock.outwait_commands(_OUT_OF_THE_WAY_SECONDS)

    def _wake_daemon(self) -> None:
        with closing(Announcer(self._root)) as announcer:
            announcer.announce()

    def _forget_old_stop(self) -> None:
        """A stop asked for before this process began was meant for another. A service manager runs no `cron`."""
        kill_file = self._root / KILL_FILE
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - kill_file.stat().st_mtime > ProcessIdentity.current().age_seconds:
                kill_file.unlink()

    def _obey_kill_file(self, lock: DaemonLock) -> None:
        """A stop that was asked for comes first; then the flag is used up, as in the original."""
        kill_file = self._root / KILL_FILE
        if not kill_file.exists():
            return
        self._wake_daemon()
        if clock.wait_until(lambda: not lock.is_held(), _STOPPING_SECONDS):
            kill_file.unlink(missing_ok=True)

    def _end_silent_daemon(self, lock: DaemonLock) -> None:
        holder = lock.holder()
        if holder is None or holder.silent_seconds < SILENT_SECONDS:
            return
        logger.error(
            "The job manager (process %d) has made no round for %d s: it is killed and started again.",
            holder.process.pid,
            holder.silent_seconds,
        )
        with suppress(ProcessLookupError):
            os.kill(holder.process.pid, signal.SIGKILL)
        clock.wait_until(lambda: not lock.is_held(), _STOPPING_SECONDS)

    def _close_dead_jobs(self) -> None:
        from core.job_manager.dead_jobs import close_dead_jobs  # the database: a running daemon does this itself

        close_dead_jobs(self._container.get("connection"), self._container.get("jobQueue"), self._root)

    def _make_schedules_due(self) -> None:
        from core.job_manager.scheduler import Scheduler  # the database: a running daemon does this itself

        if (self._root / PAUSE_FILE).exists():
            return
        # `cron` is not to wait while a job keeps a transaction open; the daemon that it starts comes back to it.
        turn = self._container.get("connection").turn
        if not clock.wait_until(turn.try_acquire, _TURN_SECONDS):
            return
        turn.release()
        scheduler = Scheduler(self._container)
        with suppress(DatabaseBusy):
            scheduler.plant()
            scheduler.make_all_due()

    def _spawn_daemon(self) -> None:
        log = self._root / "data" / "logs" / "job-manager.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        rotate_as_configured(log, self._container.get("config"))
        daemon = program(self._release, installation_id(self._root))
        with log.open("ab") as output:
            subprocess.Popen(
                daemon.command,
                cwd=daemon.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _say_warnings(self) -> None:
        """What `check` would say and a person should know of: to the log, and to standard error."""
        metadata = self._container.get("metadata")
        warnings = [*self._container.get("config").check(), *metadata.problems]
        warnings += [f"Listener of {each.module}: {each}" for each in self._container.get("eventManager").check()]
        for level, text in [*((logging.WARNING, text) for text in warnings), *metadata.override_messages()]:
            logger.log(level, "%s", text)
            if level >= logging.WARNING:
                sys.stderr.write(f"{text}\n")


def _refuse_other_names(name: str) -> None:
    if name != NAME:
        raise ConsoleError(f"There is no daemon '{name}'. The one there is: {NAME}")
