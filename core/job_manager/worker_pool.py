"""The daemon's view of its workers: who is free, who runs what, who is gone."""

from __future__ import annotations

import math
import os
import selectors
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from core import clock
from core.job_manager.channel import Channel, Message, channel_pair
from core.job_manager.end_message import outcome_of_message
from core.job_manager.exit_cause import cause_of_exit
from core.job_manager.job_output import keep_last_words
from core.job_manager.leftover_children import end_group_of, mark
from core.job_manager.pool_worker import LostRun, PoolEvents, PoolWorker
from core.job_manager.recycling import Recycling
from core.job_manager.stop_notice import stop_message
from core.job_manager.worker_parent import code_directory, command
from core.job_queue.process_identity import ProcessIdentity
from core.job_queue.run import Outcome, Run
from core.log import logger

# A worker that dies before its first job is not replaced at once: something is wrong, and forking would be a storm.
_PAUSE_AFTER_EARLY_DEATH_SECONDS = 1.0
_MESSAGE_BYTES = 4096
_LOADING_SECONDS = 60.0
_DYING_SECONDS = 1.0


class WorkerPool:
    """Keeps `size` workers ready. Only the parent forks; this side asks, listens, and kills."""

    def __init__(self, root: Path, selector: selectors.BaseSelector, size: int) -> None:
        self._root = root
        self._selector = selector
        self.size = size
        self._workers: dict[int, PoolWorker] = {}
        self._by_channel: dict[Channel, PoolWorker] = {}
        self._next_slot = 0
        self._parent: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._fork_after = 0.0
        self._is_parent_loaded = False
        self._complain_at = math.inf
        #: The job type whose handler the parent is loading, and since when.
        self._loading: tuple[str, float] | None = None
        self._not_loaded_ahead: list[str] = []
        self._has_listeners = False
        self._untold: list[str] = []
        self.recycling = Recycling()

    @property
    def free(self) -> list[PoolWorker]:
        """The workers that can take a job now."""
        return [worker for worker in self._workers.values() if worker.is_free]

    @property
    def processes(self) -> set[str]:
        """The identities of all workers that have come up."""
        return {worker.process for worker in self._workers.values() if worker.process}

    @property
    def running(self) -> list[PoolWorker]:
        """The workers that run a job."""
        return [worker for worker in self._workers.values() if worker.run is not None]

    def count(self) -> tuple[int, int]:
        """How many workers run a job, and how many can take one now."""
        running = free = 0
        for worker in self._workers.values():
            if worker.run is not None:
                running += 1
            elif worker.is_free:
                free += 1
        return running, free

    @property
    def parents(self) -> set[int]:
        """The process of the workers' parent, for which this object waits itself."""
        return {self._parent.pid} if self._parent else set()

    def tend(self) -> PoolEvents:
        """See to it that there are a parent and `size` workers; returns what orphaned workers left."""
        events = PoolEvents()
        self._end_silent_parent()
        self._complain_of_loading()
        if self._parent is not None and self._parent.poll() is not None:
            self._hear_parent(events)
            self._lose_parent()
        if self._parent is None and clock.monotonic() >= self._fork_after:
            self._start_parent()
        self._find_lost_orphans(events)
        self._wear_out_grown()
        self._resize()
        self._tell_listeners()
        return events

    def collect(self, ready: list[object]) -> PoolEvents:
        """Read what the parent and the workers have sent; `ready` are the selector's file objects."""
        events = PoolEvents()
        for source in ready:
            if source is self._control:
                self._hear_parent(events)
            elif isinstance(source, Channel) and source in self._by_channel:
                self._hear_worker(self._by_channel[source], events)
        return events

    def send_run(self, worker: PoolWorker, run: Run, row: Message) -> None:
        """Hand a job that is Running now to its worker. If it cannot be reached, its end will tell."""
        worker.run = run
        worker.runs += 1
        worker.stopped_because = None
        if not worker.channel.send({"do": "run", "run": tuple(run), "row": row}):
            self.kill(worker, "it could not be reached")

    def dedicate(self, worker: PoolWorker) -> None:
        """What this worker runs now is its last job; another one is started now, to be ready when it ends."""
        worker.is_retiring = True
        self._resize()

    def freshen(self, used: Sequence[PoolWorker]) -> None:
        """Have a fresh worker for each of these that work on until then; those that are on their way count."""
        coming = sum(not worker.is_ready and not worker.is_retiring for worker in self._workers.values())
        for worker in used[coming:]:
            worker.is_worn = True
        self._resize()

    def confirm(self, worker: PoolWorker) -> None:
        """The reported end is committed: let the worker go, or let it tell its listeners."""
        worker.has_unwritten_end = False
        if worker.is_retiring:
            self._retire(worker)
        elif worker.run is None and worker.listens:
            worker.channel.send({"do": "confirm"})

    def tell_listeners(self, job_id: str) -> None:
        """Let some worker tell the listeners of a job that ended with its own worker."""
        if self._has_listeners:
            self._untold.append(job_id)
            self._tell_listeners()

    def ask_to_stop(self, worker: PoolWorker, why: str, text: str) -> None:
        """Raise an exception in the job."""
        run = worker.run
        if run is None or worker.pid is None:
            return
        worker.channel.send(stop_message(run.job_id, run.attempt, why, text))
        if worker.is_process():
            os.kill(worker.pid, signal.SIGTERM)

    def kill(self, worker: PoolWorker, because: str) -> None:
        """End the worker and all processes of its group."""
        worker.stopped_because = because
        worker.is_retiring = True
        if worker.pid is not None and worker.is_process():
            logger.warning("Worker %d is killed: %s.", worker.pid, because)
            with suppress(ProcessLookupError):
                if os.getpgid(worker.pid) == worker.pid:
                    os.killpg(worker.pid, signal.SIGKILL)
                else:  # the job took it into another group
                    os.kill(worker.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of everything. Workers that run a job go on, write its end themselves, and exit; idle ones exit."""
        if self._parent is not None and not self._is_parent_loaded:
            self._parent.kill()  # it has no workers, and may hang
        for worker in self._workers.values():
            self._selector.unregister(worker.channel)
            worker.channel.close()
        self._workers.clear()
        self._by_channel.clear()
        self._drop_control()

    def _start_parent(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._parent = subprocess.Popen(
            command(self._root, theirs.fileno(), self._not_loaded_ahead),
            cwd=code_directory(),
            env={**os.environ, **mark(self._root)},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._control = ours
        self._is_parent_loaded = False
        self._loading = None
        self._complain_at = clock.monotonic() + _LOADING_SECONDS
        self._selector.register(ours, selectors.EVENT_READ)

    def _lose_parent(self) -> None:
        # Killed, or broken at boot. Its workers go on; what they run is awaited, then they go.
        assert self._parent is not None  # the caller looked
        status = self._parent.returncode
        if self._loading is not None:
            # Each start leaves out one more, until it comes up: the other types are not to suffer.
            job_type, _ = self._loading
            self._not_loaded_ahead.append(job_type)
            text = "%s when it loaded the handler of the job type '%s'. Each worker loads that one itself from now on."
            logger.error(text, self._end_of_parent(status), job_type)
        else:
            logger.error("%s; a new one is started.", self._end_of_parent(status))
            if not self._is_parent_loaded:
                self._fork_after = clock.monotonic() + _PAUSE_AFTER_EARLY_DEATH_SECONDS
        self._parent = self._loading = None
        self._drop_control()
        for worker in list(self._workers.values()):
            self._retire(worker)

    @staticmethod
    def _end_of_parent(status: int) -> str:
        how = f"by signal {-status} ({signal.strsignal(-status)})" if status < 0 else f"with exit status {status}"
        return f"The parent of the workers ended {how}"

    def _tell_listeners(self) -> None:
        # A busy worker tells them after its run; where there is none, the next one to come does.
        listening = [worker for worker in self._workers.values() if worker.listens and not worker.is_retiring]
        listening.sort(key=lambda worker: (worker.run is not None, worker.runs == 0))
        while listening and self._untold:
            listening[0].runs += 1
            listening[0].channel.send({"do": "notify", "job_id": self._untold.pop(0)})

    def _find_lost_orphans(self, events: PoolEvents) -> None:
        """Workers whose own parent is gone, and so cannot report their end."""
        parent = self._parent.pid if self._parent else None
        for worker in list(self._workers.values()):
            if worker.parent != parent and not worker.is_process():
                self._hear_worker(worker, events)
                end_group_of(worker.process, self._root)
                self._bury(worker, None, events)

    def _end_silent_parent(self) -> None:
        """A parent that was stopped neither forks nor tells of deaths: it is killed, and replaced."""
        parent = self._parent
        if parent is None or not any(w.is_kept_silent() for w in self._workers.values() if w.parent == parent.pid):
            return
        logger.error("The parent of the workers (process %d) does not answer: it is killed.", parent.pid)
        parent.kill()
        with suppress(subprocess.TimeoutExpired):
            parent.wait(_DYING_SECONDS)

    def _complain_of_loading(self) -> None:
        """A handler that takes very long to load is left out; of modules that do nothing more can be said than that."""
        if self._parent is None or self._is_parent_loaded:
            return
        now = clock.monotonic()
        if self._loading is not None:
            job_type, since = self._loading
            if now - since > _LOADING_SECONDS:
                text = "The parent of the workers (process %d) has been loading the handler of '%s' for over %g s: %s"
                logger.error(text, self._parent.pid, job_type, _LOADING_SECONDS, "it is killed.")
                self._parent.kill()
        elif now >= self._complain_at:
            self._complain_at = math.inf
            text = "The parent of the workers (process %d) has been loading modules for over %g s; no job can start."
            logger.error(text, self._parent.pid, _LOADING_SECONDS)

    def _resize(self) -> None:
        active = [worker for worker in self._workers.values() if not worker.is_retiring]
        active.sort(key=lambda worker: worker.run is None)
        staying = [worker for worker in active if not worker.is_worn]
        # A worn one works on until there is another one in its place.
        others = sum(worker.is_ready for worker in staying)
        worn = [worker for worker in active if worker.is_worn]
        for worker in worn[max(0, self.size - others) :] + staying[self.size :]:
            self._retire(worker)
        if self._is_parent_loaded and clock.monotonic() >= self._fork_after:
            for _ in range(self.size - len(staying)):
                self._fork()

    def _wear_out_grown(self) -> None:
        looked_at = (w for w in self._workers.values() if w.runs and not (w.is_worn or w.is_retiring))
        for worker, mib in self.recycling.grown(looked_at):
            text = "Worker %s is replaced between two jobs: it has grown by %.0f MiB; maxWorkerMemory is %g."
            logger.warning(text, worker.pid, mib, self.recycling.most_mib)
            worker.is_worn = True

    def _fork(self) -> None:
        if self._control is None or self._parent is None:
            return
        channel, theirs = channel_pair()
        slot, self._next_slot = self._next_slot, self._next_slot + 1
        with theirs:
            try:
                socket.send_fds(self._control, [orjson.dumps({"slot": slot})], [theirs.fileno()])
            except OSError:  # it is gone; the next look finds that out
                channel.close()
                return
        self._workers[slot] = self._by_channel[channel] = PoolWorker(slot, channel, self._parent.pid, clock.monotonic())
        self._selector.register(channel, selectors.EVENT_READ)

    def _retire(self, worker: PoolWorker) -> None:
        worker.is_retiring = True
        if worker.run is None and not worker.has_unwritten_end:
            worker.channel.send({"do": "exit"})

    def _hear_parent(self, events: PoolEvents) -> None:
        while self._control is not None:
            try:
                data = self._control.recv(_MESSAGE_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._drop_control()
                return
            self._obey_parent(orjson.loads(data), events)

    def _obey_parent(self, message: Message, events: PoolEvents) -> None:
        if message["is"] == "loaded":
            self._is_parent_loaded, self._loading = True, None
            self._resize()
            return
        if message["is"] == "loading":
            self._loading = message["type"], clock.monotonic()
            return
        worker = self._workers.get(message["slot"])
        if worker is None:
            return
        if message["is"] == "forked":
            worker.pid = message["pid"]
            return
        self._hear_worker(worker, events)  # what it said before it ended
        self._bury(worker, cause_of_exit(message["status"]), events)
        self._resize()

    def _hear_worker(self, worker: PoolWorker, events: PoolEvents) -> None:
        channel = worker.channel
        if channel.is_closed():
            return
        try:
            for message in channel.receive_available():
                self._obey_worker(worker, message, events)
        except (ValueError, TypeError, KeyError) as error:  # the job wrote to the descriptor that is its worker's
            self.kill(worker, f"it sent what is no message ({error})")
        if channel.is_closed():
            # It is about to end, or its job closed the descriptor. Its end is reported by the parent.
            worker.is_ready = False
            self._selector.unregister(channel)

    def _obey_worker(self, worker: PoolWorker, message: Message, events: PoolEvents) -> None:
        if message["is"] == "ready":
            if worker.is_ready:
                raise ValueError("it was ready before")
            identity = ProcessIdentity.parse(str(message["process"]))
            # Its parent tells the pid as well, and may do so later: a job must not start without it.
            worker.process, worker.pid = str(identity), identity.pid
            worker.listens = self._has_listeners = bool(message["listens"])
            worker.is_ready = True
            self._resize()
        elif worker.run is not None:
            events.ended.append((worker, self._end(worker, worker.run, message)))

    def _end(self, worker: PoolWorker, run: Run, message: Message) -> Outcome:
        outcome = outcome_of_message(run, message)
        worker.run = None
        worker.has_unwritten_end = True
        if message["replace"] is not None:
            logger.warning("Worker %s is replaced after job %s: %s.", worker.pid, run.job_id, message["replace"])
            worker.is_retiring = True
        elif self.recycling.has_run_enough(worker):
            logger.info("Worker %s is replaced between two jobs: it has run %d of them.", worker.pid, worker.runs)
            worker.is_worn = True
            self._resize()
        return outcome

    def _bury(self, worker: PoolWorker, known_cause: str | None, events: PoolEvents) -> None:
        cause = known_cause or "How its process ended is not known: the parent of the workers was gone."
        del self._workers[worker.slot], self._by_channel[worker.channel]
        if not worker.channel.is_closed():
            self._selector.unregister(worker.channel)
        worker.channel.close()
        if not worker.runs and not worker.is_retiring:
            logger.error("Worker %s ended before its first job. %s", worker.pid, cause)
            self._fork_after = clock.monotonic() + _PAUSE_AFTER_EARLY_DEATH_SECONDS
        if worker.pid is not None:
            keep_last_words(self._root, worker.pid, worker.run.job_id if worker.run else None)
        if worker.run is not None:
            stopped = worker.stopped_because
            is_crash = stopped is None and known_cause is not None
            events.lost.append(LostRun(worker.run, stopped or cause, stopped is not None, is_crash))

    def _drop_control(self) -> None:
        if self._control is not None:
            self._selector.unregister(self._control)
            self._control.close()
            self._control = None
