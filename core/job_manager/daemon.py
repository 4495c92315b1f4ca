"""The job manager: one process for each installation and machine, which alone writes starts and ends of its jobs."""

from __future__ import annotations

import gc
import selectors
import signal
from contextlib import suppress

from setproctitle import setproctitle

from core import clock
from core.config import Config
from core.container import Container
from core.job_manager.announcements import Announcements
from core.job_manager.assignment import assign, isolated_types
from core.job_manager.claim_buffer import ClaimBuffer
from core.job_manager.code_watch import CodeWatch
from core.job_manager.daemon_lock import DaemonLock
from core.job_manager.daemon_program import SIGNALS, TRIAL, bury_inherited, program
from core.job_manager.database_rest import DatabaseRest
from core.job_manager.dead_jobs import close_dead_jobs
from core.job_manager.flags import KILL_FILE, FlagFiles
from core.job_manager.heartbeat import Heartbeat
from core.job_manager.held_runs import HeldRuns
from core.job_manager.housekeeping import Housekeeping
from core.job_manager.job_output import append_to_job_log, clear_spools
from core.job_manager.pool_worker import PoolEvents, PoolWorker
from core.job_manager.recycling import Recycling
from core.job_manager.release import Release
from core.job_manager.reserved_workers import Slots, points_of, reservations_of
from core.job_manager.run_guard import RunGuard, RunLimits
from core.job_manager.scheduler import Scheduler
from core.job_manager.succession import Succession
from core.job_manager.wake_up import WakeUp
from core.job_manager.watchdog import Watchdog
from core.job_manager.worker_pool import WorkerPool
from core.job_queue.candidate import Candidate
from core.job_queue.queue import JobQueue
from core.job_queue.run import Outcome, Run, not_completed
from core.job_queue.states import PENDING
from core.log import logger
from core.orm.database import DATABASE_ERRORS, Database

_LOOK_AROUND_SECONDS = 1.0
# The net under announcements and the timer: rows that somebody wrote with bare SQL.
_POLL_SECONDS = 5.0
# The loop may not stand still for longer: it cancels, and ends what takes too long.
_BUSY_SECONDS = 0.2


class Daemon:
    """Runs jobs until it is told to stop; the caller holds the lock.

    One transaction a round carries all ends that have come in and all starts that are possible. A job's code starts
    only after its Running is committed; its end is durable before its worker gets the next job.
    """

    def __init__(self, container: Container, release: Release, lock: DaemonLock, label: str) -> None:
        root = release.root
        self._config: Config = container.get("config")
        metadata = container.get("metadata")
        self._database: Database = container.get("connection")
        self._database.be_hasty(_BUSY_SECONDS)
        self._queue: JobQueue = container.get("jobQueue")
        self._root = root
        self._flags = FlagFiles(root)
        self._lock = lock
        self._label = label
        self._watchdog = Watchdog(root, lock)
        module_paths = [module.path for module in container.get("moduleManager").modules]
        code = CodeWatch(release, module_paths, lock.loaded_at)
        self._succession = Succession(
            code, lambda: program(release, label, TRIAL), lambda text: lock.tell(outdated=text)
        )
        self._selector = selectors.DefaultSelector()
        self._pool = WorkerPool(root, self._selector, self._config.max_concurrent_workers)
        self._guard = RunGuard()
        self._held = HeldRuns(root, self._database, self._queue, self._pool, self._guard)
        self._claims = ClaimBuffer(self._database, self._queue)
        self._heartbeat = Heartbeat(container, lock)
        self._housekeeping = Housekeeping(container)
        self._scheduler = Scheduler(container)
        self._ended: list[tuple[PoolWorker | None, Outcome]] = []
        self._look_at = 0.0
        self._poll_at = 0.0
        self._rest = DatabaseRest(self._database, self._watchdog, self._forget_what_was_read)
        self._announcements = Announcements(root, self._database, self._selector)
        self._limits = RunLimits(metadata, self._config)
        self._isolated_types = isolated_types(metadata)
        self._reservations = reservations_of(self._config)
        self._is_paused = False
        self._wants_more = False
        self._stops_at: float | None = None
        self._is_over = False
        self._has_successor = False

    def serve(self) -> bool:
        """Work until `kill daemons`, or until SIGTERM and the end of the runs that it waits for.

        Says whether it stops only for its successor, which has the code as it is on the disk now.
        """
        setproctitle(f"pyatro job-manager {self._label} [{self._root}]")
        self._open()
        try:
            rest = 0.0
            while not self._is_over:
                rest = self._round([key.fileobj for key, _ in self._selector.select(rest)])
        except Exception:
            logger.critical("The job manager broke; the next cron starts it again.", exc_info=True)
            raise
        finally:
            self._close()
        return self._has_successor

    def _round(self, ready: list[object]) -> float:
        """Hear what happened, do what is due, write it down; returns for how many seconds there is nothing to do."""
        self._watchdog.note_round()
        self._hear(ready)
        self._look_around()
        guard_rest = self._guard.tend()
        if not self._rest.seconds:
            with self._rest.may_fail("writing starts and ends of jobs"):
                self._write_starts_and_ends()
        self._make_schedules_due()  # last: schedules that cannot be read keep nothing else waiting
        return self._rest_seconds(guard_rest)

    # What happened

    def _hear(self, ready: list[object]) -> None:
        self._wake_up.hear(ready)
        self._note(self._pool.collect(ready))
        if self._announcements.have_come(ready):
            self._claims.announce()
            if self._rest.seconds:  # else it is done before jobs are looked for
                self._obey_flag_files()
            if self._pool.running:
                with self._rest.may_fail("looking for canceled jobs"):
                    self._held.note_canceled()

    def _note(self, events: PoolEvents) -> None:
        for worker, outcome in events.ended:
            self._guard.forget(outcome.run.key)
            self._ended.append((worker, outcome))
        for lost in events.lost:
            self._guard.forget(lost.run.key)
            cause = f"The job manager ended it: {lost.cause}." if lost.was_stopped else lost.cause
            self._note_lost(not_completed(lost.run, cause, is_crash=lost.is_crash))

    def _note_lost(self, outcome: Outcome) -> None:
        append_to_job_log(self._root, outcome.run.job_id, f"{outcome.message}\n")
        self._ended.append((None, outcome))

    # What is due once a second

    def _look_around(self) -> None:
        now = clock.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_AROUND_SECONDS
        self._scheduler.look_again()
        self._obey_flag_files()
        self._housekeeping.obey_config()
        self._limits.forget()
        self._housekeeping.rotate_log()
        self._pool.size = self._config.max_concurrent_workers
        self._reservations = reservations_of(self._config)
        self._pool.recycling = Recycling.of(self._config)
        self._note(self._pool.tend())
        self._guard.look_at_memory()
        self._lock.tell(workers=min(self._pool.size, sum(self._pool.count())))
        self._look_after_itself()
        if self._stops_at is not None:
            self._stop_by(self._stops_at)
        if self._rest.seconds:
            return
        with self._rest.may_fail("looking at the runs of this machine"):
            self._look_at_held_runs()
        if now >= self._poll_at:
            self._poll_at = now + _POLL_SECONDS
            self._claims.announce()
            with self._rest.may_fail("looking for jobs that say Running"):
                self._held.close_adrift()
            with self._rest.may_fail("listening for announcements"):
                self._announcements.listen_to_database()

    def _look_after_itself(self) -> None:
        """Notice that the code has changed, or that nothing gets done any more; the successor begins anew."""
        bury_inherited(self._pool.parents | self._succession.children)
        self._watchdog.look_back()
        if self._config.get("reloadCode"):
            self._succession.tend()
        if self._watchdog.wants_new_start():
            self._succession.hasten(self._watchdog.trouble)
        if self._succession.is_ahead and not self._is_over and self._stops_at is None:
            self._is_over = self._has_successor = self._succession.is_due or not (self._pool.running or self._ended)

    def _obey_flag_files(self) -> None:
        self._is_paused = self._flags.say_pause()
        if not self._is_over and self._flags.say_stop():
            logger.info("%s exists: the job manager stops, running jobs go on.", KILL_FILE)
            self._is_over, self._has_successor = True, False

    def _look_at_held_runs(self) -> None:
        for outcome in self._held.look([outcome.run for _, outcome in self._ended], self._limits.of):
            self._note_lost(outcome)

    def _make_schedules_due(self) -> None:
        """Not while it is paused or stops: what comes meanwhile counts as missed."""
        if self._is_paused or self._is_ending or self._rest.seconds or not self._scheduler.is_due:
            return
        with self._rest.may_fail("making schedules due"):
            if self._scheduler.tend():
                self._claims.announce()
                self._wants_more = True

    # Starts and ends

    def _write_starts_and_ends(self) -> None:
        self._wants_more = False
        claims = [
            (candidate, candidate.run_by(worker.process, worker.pid or 0), worker)
            for candidate, worker in self._assigned()
        ]
        if not self._ended and not claims and not self._claims.unreadable and not self._heartbeat.is_due:
            self._database.turn.stop_waiting()
            return
        if not self._take_turn():
            self._claims.announce()  # these will be old when the turn comes
            return
        workers_of_ended = [worker for worker, _ in self._ended]
        with self._database.write(turn_held=True) as connection:
            ended = self._queue.judge(connection, [outcome for _, outcome in self._ended])
            starts = [(candidate, run) for candidate, run, _ in claims]
            refused, started = self._queue.end_and_start(connection, ended, starts)
            unreadable = self._queue.refuse(connection, self._claims.unreadable)
            self._heartbeat.beat(self._pool.size)
        self._heartbeat.conclude()
        self._ended = []
        self._say_unreadable(unreadable)
        workers = {run.key: worker for _, run, worker in claims}
        for run, row in started:
            self._begin(workers[run.key], run, row)
        if len(started) < len(claims):
            self._claims.note_refusals()
        for worker, outcome in zip(workers_of_ended, ended, strict=True):
            self._claims.note_end(outcome.run.type)
            self._conclude(worker, outcome, is_refused=outcome in refused)
        # Not where nothing came of it: claims that are all refused would be tried again without a rest.
        self._wants_more = (
            bool(started or ended or unreadable) and self._claims.may_have_work and bool(self._free_slots())
        )

    def _assigned(self) -> list[tuple[Candidate, PoolWorker]]:
        """The next jobs, each with the worker for it."""
        if self._claims.may_have_work:
            self._obey_flag_files()  # who has just made one is not to see a job start that came after it
        candidates = self._claims.take(self._free_slots(), self._slots())
        assignment = assign(candidates, self._pool.free, self._isolated_types)
        if assignment.waiting:
            self._claims.give_back(assignment.waiting)
            self._pool.freshen(assignment.left[: len(assignment.waiting)])
        return assignment.pairs

    def _slots(self) -> Slots | None:
        """What of the workers is not reserved; None where none of them is."""
        if not self._reservations:
            return None
        running = [worker.priority for worker in self._pool.running]
        return Slots(self._pool.size - self._held.foreign_count, self._reservations, running)

    def _say_unreadable(self, messages: dict[str, str]) -> None:
        self._claims.unreadable.clear()
        for job_id, message in messages.items():
            logger.error("Job %s failed: %s", job_id, message)
            self._pool.tell_listeners(job_id)

    def _take_turn(self) -> bool:
        """Whether the turn to write is ours now; if not, the loop goes on and is woken when it is."""
        turn = self._database.turn
        if turn.take_granted() or turn.try_acquire():
            return True
        turn.acquire_soon(self._wake_up.call)
        return False

    def _free_slots(self) -> int:
        """How many jobs may start now."""
        if self._is_paused or self._is_ending:
            return 0
        running, free = self._pool.count()
        return max(0, min(self._pool.size - running - self._held.foreign_count, free))

    def _begin(self, worker: PoolWorker, run: Run, row: dict[str, object]) -> None:
        self._guard.watch(
            run.key,
            self._limits.of(str(row["type"])),
            ask=lambda why, text: self._pool.ask_to_stop(worker, why, text),
            kill=lambda because: self._pool.kill(worker, because),
            pid=run.pid,
        )
        worker.priority = points_of(row["priority"])
        self._pool.send_run(worker, run, row)
        if row["type"] in self._isolated_types:
            self._pool.dedicate(worker)

    def _conclude(self, worker: PoolWorker | None, outcome: Outcome, *, is_refused: bool) -> None:
        run = outcome.run
        if is_refused:
            logger.info("The end of job %s, attempt %d, came too late and was refused.", run.job_id, run.attempt)
            self._claims.announce()  # a job that was canceled and retried may start now
        elif outcome.status == PENDING:
            text = "Job %s failed at attempt %d of %d and is tried again%s: %s"
            logger.warning(text, run.job_id, run.attempt, run.attempt_limit, outcome.when_again, outcome.message)
            self._claims.announce()
        elif worker is None:
            logger.error("Job failed: %s", outcome.message)
        if worker is not None:
            self._pool.confirm(worker)
        else:
            self._pool.tell_listeners(run.job_id)

    # Beginning and end

    def _open(self) -> None:
        self._wake_up = WakeUp(self._selector)
        for number in SIGNALS:
            signal.signal(number, self._on_terminate)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # kept back while it was loaded anew
        self._announcements.open(_POLL_SECONDS)
        clear_spools(self._root)
        with self._rest.may_fail("closing the jobs of dead processes"):
            close_dead_jobs(self._database, self._queue, self._root)
        self._obey_flag_files()
        with self._rest.may_fail("planting schedules"):
            self._scheduler.plant()
        gc.collect()
        gc.freeze()  # a collection would go through all that was loaded, and find nothing
        logger.info("The job manager has started with %d workers.", self._pool.size)
        self._watchdog.begin()

    def _close(self) -> None:
        self._database.turn.stop_waiting()
        with suppress(*DATABASE_ERRORS):
            if self._ended:
                self._write_last_ends()
        self._succession.stop()
        self._watchdog.end()
        self._pool.close()
        self._announcements.close()
        self._selector.close()
        self._wake_up.close()
        logger.info("The job manager has stopped.")

    def _write_last_ends(self) -> None:
        """What cannot be written now is left to the workers, or to the successor where they are gone."""
        workers = [worker for worker, _ in self._ended]
        with self._database.write() as connection:
            ended = self._queue.judge(connection, [outcome for _, outcome in self._ended])
            refused = self._queue.finish(connection, ended)
        for worker, outcome in zip(workers, ended, strict=True):
            self._conclude(worker, outcome, is_refused=outcome in refused)

    def _on_terminate(self, *_: object) -> None:
        """The first signal lets running jobs finish for a while; a second one ends them at once."""
        seconds = float(self._config.get("shutdownTimeout", 30)) if self._stops_at is None else 0.0
        self._stops_at = clock.monotonic() + seconds
        self._look_at = 0.0

    def _stop_by(self, stops_at: float) -> None:
        is_late = clock.monotonic() >= stops_at
        if not self._pool.running and (is_late or not self._ended):
            self._is_over = True
        elif is_late:
            for worker in self._pool.running:
                self._pool.kill(worker, "the job manager was stopped")

    def _forget_what_was_read(self) -> None:
        self._wants_more = False
        self._claims.announce()

    @property
    def _is_ending(self) -> bool:
        return self._is_over or self._stops_at is not None or self._succession.is_ahead

    def _rest_seconds(self, guard_rest: float | None) -> float:
        if self._is_ending and not self._pool.running and not self._ended:
            self._look_at = 0.0
        if self._wants_more:
            return self._claims.rest_seconds
        now = clock.monotonic()
        rests = [self._look_at - now, guard_rest]
        if database_rest := self._rest.seconds:
            rests.append(database_rest)
        else:
            if self._free_slots():
                rests.append(self._claims.seconds_to_next())
            if not self._is_paused and not self._is_ending:
                rests.append(self._scheduler.seconds_to_next())
        return max(0.0, min(rest for rest in rests if rest is not None))
