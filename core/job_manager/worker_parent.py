"""The parent of the workers: has everything loaded, and forks.

It has no thread and no open connection, since a forked child would get broken copies of them.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import orjson  # as in Channel: two messages for each fork
from setproctitle import setproctitle

from core.container import Container
from core.exceptions import DatabaseError, Error
from core.job_manager.channel import Channel
from core.job_manager.clean_slate import thread_count
from core.job_manager.leftover_children import die_with_parent
from core.job_manager.worker import Worker
from core.job_manager.worker_services import WorkerServices
from core.loading import without_collections
from core.log import logger

_WITHOUT_MODULES = "--load-nothing"
#: With a job type behind it: the handler is not loaded ahead.
SKIP = "--skip="
_MESSAGE_BYTES = 4096


class WorkerParent:
    """Forks workers when the daemon asks, waits for them, and reports how they ended.

    When the daemon is gone it forks no more and goes after its last child.
    """

    def __init__(self, root: Path, control: socket.socket, arguments: list[str], boot: Callable[[], Container]) -> None:
        self._root = root
        self._control = control
        self._arguments = arguments
        self._boot = boot
        self._services: WorkerServices | None = None
        self._slots: dict[int, int] = {}

    def serve(self) -> None:
        """Load, then fork and wait until the daemon is gone and the last child too."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it goes when its daemon goes
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        die_with_parent(True)  # an import that hangs does not see that the daemon is gone
        setproctitle(f"pyatro worker parent [{self._root}]")
        with without_collections():
            self._load()
        die_with_parent(False)
        gc.collect()
        gc.freeze()  # the children share these pages as long as no collection touches them
        self._tell({"is": "loaded"})
        for message, descriptor in self._messages():
            self._fork(message["slot"], descriptor)
        self._wait_for_all()

    def _load(self) -> None:
        """Load the modules and the handlers, or those of them that leave no thread and no socket behind."""
        if _WITHOUT_MODULES in self._arguments:
            return
        container = self._boot()
        services = self._services = WorkerServices(container, self._root)
        with suppress(DatabaseError):  # the workers will say so, where there is somebody to hear it
            _ = container.get("connection").engine  # loads the driver, and connects to nothing
        schema = container.get("schema")
        for name in schema.names():
            schema.table(name)
        if reason := _unsafe():
            logger.warning("Loading the modules left %s: each worker loads them itself, which costs memory.", reason)
            self._start_again(_WITHOUT_MODULES)
        skipped = [argument.removeprefix(SKIP) for argument in self._arguments if argument.startswith(SKIP)]
        metadata = container.get("metadata")
        for job_type in metadata.get(["app", "jobTypes"], {}):
            if job_type in skipped:
                continue
            self._tell({"is": "loading", "type": job_type})  # should that be the end of this process
            try:
                services.runner.prepare(job_type)
            except Error as error:
                logger.warning("%s", error)
                sys.stderr.write(f"{error}\n")
            if reason := _unsafe():
                logger.warning("Importing the handler of '%s' left %s: it is not loaded ahead.", job_type, reason)
                self._start_again(SKIP + job_type)

    def _start_again(self, argument: str) -> None:
        # Only a new program has no thread: the import cannot be undone.
        os.set_inheritable(self._control.fileno(), True)
        os.chdir(code_directory())
        os.execv(sys.executable, [*command(self._root, self._control.fileno()), *self._arguments, argument])

    def _messages(self) -> Iterator[tuple[dict[str, int], int]]:
        """Requests to fork, with the descriptor for the new worker; in between, reports of children that ended."""
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        self._close_in_child = [reader, writer]
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(reader, selectors.EVENT_READ)
            self._reap()
            while True:
                for key, _ in selector.select():
                    if key.fileobj is reader:
                        with suppress(BlockingIOError):
                            reader.recv(_MESSAGE_BYTES)
                        self._reap()
                        continue
                    data, descriptors = self._receive()
                    if not data:
                        signal.set_wakeup_fd(-1)
                        return
                    yield orjson.loads(data), descriptors[0]

    def _receive(self) -> tuple[bytes, list[int]]:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE_BYTES, 1)
        except ConnectionResetError:  # killed, with reports of ours unread
            return b"", []
        return data, descriptors

    def _fork(self, slot: int, descriptor: int) -> None:
        if self._services is not None:
            self._services.obey_config()
        pid = os.fork()
        if pid == 0:
            os._exit(self._become_worker(descriptor))
        os.close(descriptor)
        with suppress(OSError):  # the child did it first, and may be gone already
            os.setpgid(pid, pid)
        self._slots[pid] = slot
        self._tell({"is": "forked", "slot": slot, "pid": pid})

    def _become_worker(self, descriptor: int) -> int:
        try:
            os.setpgid(0, 0)
            with suppress(OSError):
                # A worker that the daemon wakes is not to interrupt the daemon's round: a fifth more jobs a second.
                os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
            signal.set_wakeup_fd(-1)
            self._control.close()
            for inherited in self._close_in_child:
                inherited.close()
            services = self._services or WorkerServices(self._boot(), self._root)
            return Worker(services, self._root, Channel(socket.socket(fileno=descriptor))).serve()
        except BaseException:  # noqa: BLE001 - nothing may get out: above this frame the parent's work goes on
            logger.critical("A worker broke:\n%s", traceback.format_exc())
            return 1

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                self._bury(ended.si_pid)

    def _wait_for_all(self) -> None:
        with suppress(ChildProcessError):
            while True:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
                if ended is not None:
                    self._bury(ended.si_pid)

    def _bury(self, pid: int) -> None:
        # Until it is waited for, its pid, and so its process group, cannot be anybody else's.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        slot = self._slots.pop(pid, None)
        if slot is not None:
            self._tell({"is": "ended", "slot": slot, "pid": pid, "status": status})

    def _tell(self, message: dict[str, object]) -> None:
        with suppress(OSError):  # the daemon is gone: nobody to tell
            self._control.send(orjson.dumps(message))


def command(root: Path, control: int, skipped: Iterable[str] = ()) -> list[str]:
    """The command line of a parent that loads all handlers but those of the `skipped` types.

    To be run in `code_directory()`.
    """
    flags = [SKIP + each for each in skipped]
    return [sys.executable, "-m", "core.worker_parent", str(root), str(control), *flags]


def code_directory() -> Path:
    return Path(__file__).resolve().parents[2]


def _unsafe() -> str | None:
    if thread_count() > 1:
        return "a thread running"
    sockets = [link for link in _open_descriptors() if link.startswith("socket:")]
    return "a socket open" if len(sockets) > 1 else None  # one is the daemon's


def _open_descriptors() -> Iterator[str]:
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            yield os.readlink(entry)  # noqa: PTH115 - `socket:[123]` is no path
