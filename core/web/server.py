"""Serving the application until the process is told to stop, or its code has changed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from setproctitle import setproctitle

from core import clock
from core.access import Accounts
from core.config import Config
from core.container import Container
from core.exceptions import ConsoleError
from core.job_manager.code_watch import CodeWatch
from core.job_manager.daemon_program import SIGNALS, become, console_program
from core.job_manager.handler_faults import HandlerFaults
from core.job_manager.job_manager import JobManager
from core.job_manager.release import Release
from core.job_manager.succession import Succession
from core.job_queue.process_identity import ProcessIdentity
from core.log import logger
from core.module_manager import ModuleManager
from core.orm import Database, EntityManager
from core.terminal import output
from core.web.app import create_app

#: A person waits for an answer, and comes back by herself. The turn is waited for twice, for this process's other
#: threads and for other processes; SIGTERM takes as long as who waits already, and at most three seconds.
_BUSY_SECONDS, _TURN_SECONDS = 2.0, 1.2
_SHUTDOWN_SECONDS = 1
_LOOK_SECONDS = 1.0


def serve(container: Container, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status. Raises ConsoleError where the address cannot be had."""
    if not container.get(Accounts).has_any():
        output.warning('Nobody can log in yet. "python console.py user add <name> --admin" adds a user.')
    listener = listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    output.write(f"http://{shown}:{listener.getsockname()[1]}")
    output.flush()
    loaded_at = clock.monotonic() - ProcessIdentity.current().age_seconds
    return _serve_on(container, listener, container.get(JobManager).release, loaded_at)


def go_on(container: Container, descriptor: int, loaded_at: float, place: Path) -> int:
    """As `serve`, on the socket of the process that this one was before its code changed.

    `loaded_at` is when it began to be this one, in seconds of the monotonic clock.
    """
    release = Release(container.get(Config).root, place)
    return _serve_on(container, socket.socket(fileno=descriptor), release, loaded_at)


def try_to_load(container: Container) -> int:
    """Make the application, and serve nothing; returns 0, or raises what keeps it from being made."""
    create_app(container)
    return 0


def _serve_on(container: Container, listener: socket.socket, release: Release, loaded_at: float) -> int:
    manager = container.get(EntityManager)
    manager.database.be_hasty(_BUSY_SECONDS, turn_seconds=_TURN_SECONDS)
    manager.database.limit_statements(_query_seconds(container.get(Config)))
    faults = container.get(HandlerFaults)
    faults.ask(console_program(release, "web", "handlers"))
    setproctitle(f"pyatro web [{container.get(Config).root}]")
    app = create_app(container)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        # A header that anybody can send says nothing about where a request comes from.
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    # uvicorn ends in good order, and then sends itself the signal once more: the command is to go on to its own end.
    signals: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: signals.append(number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # one that came while the code was changed was kept
    if signals:
        return 0
    succession = _succession(container, release, loaded_at)
    waiting = app.state.hub.close, faults.give_up
    server = _Server(config, container.get(Config), manager.database, succession, waiting)
    with listener, _uvicorn_logs_to_ours():
        descriptor = os.dup(listener.fileno())  # uvicorn closes the other one: who connects meanwhile waits here
        server.run([listener])
    if server.is_outdated and not signals:
        container.close()
        os.set_inheritable(descriptor, True)
        options = f"--listener={descriptor}", f"--since={clock.monotonic()}", f"--place={release.place}"
        become(console_program(release, "web", "server", *options))
    os.close(descriptor)
    return 0


def _succession(container: Container, release: Release, loaded_at: float) -> Succession:
    paths = [module.path for module in container.get(ModuleManager).modules]
    watch = CodeWatch(release, paths, loaded_at)
    return Succession(
        watch, lambda: console_program(release, "web", "server", "--trial"), _say_nothing, "The web server"
    )


def _query_seconds(config: Config) -> float:
    return float(config.get("web.queryTimeout"))


def _say_nothing(_: str) -> None:
    """The log has it already."""


class _Server(uvicorn.Server):
    """From the signal on nobody begins to wait for the database: its threads would keep the process from ending.

    Looks once a second whether its settings have changed, which it follows, and whether its code has, and can be
    loaded; then it ends, and `is_outdated`.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Config,
        database: Database,
        succession: Succession,
        end_waiting: Iterable[Callable[[], None]],
    ) -> None:
        super().__init__(config)
        self._end_waiting = end_waiting
        self._settings = settings
        self._database = database
        self._succession = succession
        self.is_outdated = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._database.turn.wait_at_most(0)
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        watching = asyncio.create_task(self._watch())
        try:
            await super().main_loop()
        finally:
            watching.cancel()
            self._succession.stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for end in self._end_waiting:
            end()
        await super().shutdown(sockets)

    async def _watch(self) -> None:
        while not self._succession.is_ahead:
            await asyncio.sleep(_LOOK_SECONDS)
            await asyncio.to_thread(self._look)
        if not self.should_exit:
            self.is_outdated = self.should_exit = True

    def _look(self) -> None:
        self._settings.reload_if_changed()
        self._database.limit_statements(_query_seconds(self._settings))
        self._succession.tend()


class _ToOurLog(logging.Handler):
    """Hands on what uvicorn says, but for each request that it cuts off when it ends: that is no fault."""

    def emit(self, record: logging.LogRecord) -> None:
        is_cut_off = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
        if not is_cut_off and logger.isEnabledFor(record.levelno):
            logger.handle(record)


@contextmanager
def _uvicorn_logs_to_ours() -> Iterator[None]:
    theirs, handler = logging.getLogger("uvicorn"), _ToOurLog()
    theirs.addHandler(handler)
    theirs.propagate = False
    try:
        yield
    finally:
        theirs.removeHandler(handler)
        theirs.propagate = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections. Raises ConsoleError where it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio does so itself only for sockets that name their protocol, which these do not: else the second part of
        # an answer waits 40 ms until the client has said that it has the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise ConsoleError(f"{host}, port {port}: {error.strerror or error}. Name another one with --port.") from error
