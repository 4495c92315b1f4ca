"""The servers that other job systems need: which answer, and a place of our own on them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from benchmarks.databases import database
from tests.databases import POSTGRESQL

REDIS, RABBITMQ = "redis", "rabbitmq"
TITLES = {POSTGRESQL: "PostgreSQL", REDIS: "Redis", RABBITMQ: "RabbitMQ"}
#: These name servers; without them the usual port is tried.
VARIABLES = {POSTGRESQL: "TEST_POSTGRES_URL", REDIS: "TEST_REDIS_URL", RABBITMQ: "TEST_RABBITMQ_URL"}
_USUAL = {REDIS: "redis://127.0.0.1:6379", RABBITMQ: "amqp://guest:guest@127.0.0.1:5672/"}
_SECONDS = 3
_REDIS_DATABASES = 16


@contextmanager
def place_on(kind: str, folder: Path) -> Iterator[str | None]:
    """The address of a place where nobody else has anything, empty again afterwards; None if no server answers.

    On PostgreSQL it is a new database, on Redis an empty one; on RabbitMQ it is the server, and queues have a name of
    their own.
    """
    places: dict[str, Callable[[Path], AbstractContextManager[str | None]]] = {
        POSTGRESQL: _postgresql,
        REDIS: _redis,
        RABBITMQ: _rabbitmq,
    }
    with places[kind](folder) as url:
        yield url


@contextmanager
def _postgresql(folder: Path) -> Iterator[str | None]:
    with database(POSTGRESQL, folder) as url:
        yield url and url.replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def _redis(_: Path) -> Iterator[str | None]:
    url = os.environ.get(VARIABLES[REDIS], _USUAL[REDIS]).rstrip("/")
    try:
        empty = next((n for n in reversed(range(_REDIS_DATABASES)) if _ask_redis(url, n, "DBSIZE") == ":0"), None)
    except OSError:
        yield None
        return
    if empty is None:
        raise RuntimeError(f"None of the {_REDIS_DATABASES} databases of {url} is empty.")
    try:
        yield f"{url}/{empty}"
    finally:
        _ask_redis(url, empty, "FLUSHDB")


def _ask_redis(url: str, number: int, question: str) -> str:
    """The first line of the answer, in the protocol that a person can type."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), _SECONDS) as connection:
        words = ["AUTH", *filter(None, (parts.username, parts.password))]
        lines = [" ".join(map(unquote, words))] if len(words) > 1 else []
        lines += [f"SELECT {number}", question, "QUIT"]
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
        answers = connection.makefile().read().splitlines()
    return answers[lines.index(question)]


@contextmanager
def _rabbitmq(_: Path) -> Iterator[str | None]:
    url = os.environ.get(VARIABLES[RABBITMQ], _USUAL[RABBITMQ])
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5672), _SECONDS) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            answers = connection.recv(1) == b"\x01"
    except OSError:
        answers = False
    yield url if answers else None
