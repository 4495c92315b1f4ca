"""Whether a method that a module's author wrote can be called as core calls it."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any


def wrong_method(cls: type[Any], name: str, argument: str) -> str | None:
    """What is wrong with a method that is called with one argument and has done its work when it returns, or None."""
    method = inspect.getattr_static(cls, name)
    function = getattr(method, "__func__", method)
    if not isinstance(function, FunctionType):  # a callable of another kind: only a call tells
        return None if callable(method) or hasattr(method, "__get__") else f"'{name}' is no method."
    return not_run_by_a_call(function, name) or _wrong_arguments(method, function, name, argument)


def not_run_by_a_call(function: Any, name: str) -> str | None:
    """Why calling a function would run nothing of it, or None."""
    if inspect.iscoroutinefunction(function):
        return f"'{name}' is async, and nobody awaits it: write it without async; asyncio.run() is allowed inside."
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return f"'{name}' has a yield, and nobody takes what it yields: nothing of it would run."
    return None


def _wrong_arguments(method: Any, function: Any, name: str, argument: str) -> str | None:
    arguments = (object(),) if isinstance(method, staticmethod) else (object(), object())
    try:
        inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError) as error:
        return f"'{name}' has to take one argument, the {argument}: {error}."
    return None
