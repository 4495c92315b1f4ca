"""Serving the application until the process is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from setproctitle import setproctitle

from core.access import Accounts
from core.config import Config
from core.container import Container
from core.exceptions import ConsoleError
from core.log import logger
from core.orm import Database, EntityManager
from core.terminal import output
from core.web.app import create_app

#: A person waits for an answer, and comes back by herself. The turn is waited for twice, for this process's other
#: threads and for other processes; SIGTERM takes as long as who waits already, and at most three seconds.
_BUSY_SECONDS, _TURN_SECONDS = 2.0, 1.2
_SHUTDOWN_SECONDS = 1


def serve(container: Container, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status. Raises ConsoleError where the address cannot be had."""
    manager = container.get(EntityManager)
    manager.database.be_hasty(_BUSY_SECONDS, turn_seconds=_TURN_SECONDS)
    if not container.get(Accounts).has_any():
        output.warning('Nobody can log in yet. "python console.py user add <name> --admin" adds a user.')
    listener = _listen(host, port)
    setproctitle(f"pyatro web [{container.get(Config).root}]")
    shown = f"[{host}]" if ":" in host else host
    output.write(f"http://{shown}:{listener.getsockname()[1]}")
    output.flush()
    config = uvicorn.Config(
        create_app(container),
        log_config=None,
        access_log=False,
        server_header=False,
        # A header that anybody can send says nothing about where a request comes from.
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    # uvicorn ends in good order, and then sends itself the signal once more: the command is to go on to its own end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with listener, _uvicorn_logs_to_ours():
        _Server(config, manager.database).run([listener])
    return 0


class _Server(uvicorn.Server):
    """From the signal on nobody begins to wait for the database: its threads would keep the process from ending."""

    def __init__(self, config: uvicorn.Config, database: Database) -> None:
        super().__init__(config)
        self._database = database

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._database.turn.wait_at_most(0)
        super().handle_exit(sig, frame)


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


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConsoleError(f"{host}, port {port}: {error.strerror or error}. Name another one with --port.") from error
