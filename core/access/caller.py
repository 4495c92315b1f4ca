"""Whether somebody from outside asks for what is done at the moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from core.access.identity import Identity


@dataclass(frozen=True)
class Caller:
    """Who asks, and from which address."""

    identity: Identity
    address: str | None = None


_CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
_IS_TRUSTED: ContextVar[bool] = ContextVar("is_trusted", default=False)


@contextmanager
def asked_by(caller: Caller) -> Iterator[None]:
    """Inside, in this thread or task and those to which its context is handed, the caller's rights bind services."""
    token = _CALLER.set(caller)
    try:
        yield
    finally:
        _CALLER.reset(token)


@contextmanager
def trusted() -> Iterator[None]:
    """Inside, what was asked for is let do what it does by itself: a listener is not bound by the caller's rights."""
    token = _IS_TRUSTED.set(True)
    try:
        yield
    finally:
        _IS_TRUSTED.reset(token)


def caller() -> Caller | None:
    """Who asks from outside, if anybody does."""
    return _CALLER.get()


def bound_caller() -> Caller | None:
    """Whose rights bind what is done now: None where nobody asks from outside, and inside of `trusted`."""
    return None if _IS_TRUSTED.get() else _CALLER.get()
