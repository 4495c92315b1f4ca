"""Console commands without the start of Python each time: a process that has loaded core forks one for each of them."""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

_MOST_BYTES = 1_000_000
# What core loads inside of functions, as few commands need it.
_LOADED_AT_USE = ("croniter", "jsonschema", "sqlalchemy.dialects.sqlite")


class ConsoleServer:
    """Runs Python scripts as `subprocess.run` does, each in a process of its own; starts at the first one.

    The only difference is what is loaded already: variables for Python itself (`PYTHONPATH`) come too late.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        input: str | None,  # noqa: A002 - named as in subprocess.run
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """Run `[<Python>, <script>, <words>...]` to its end. Raises subprocess.TimeoutExpired."""
        answers, theirs = socket.socketpair()
        with (
            answers,
            theirs,
            tempfile.TemporaryFile("w+") as given,
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as error,
        ):
            given.write(input or "")
            given.seek(0)
            request = {"argv": command[1:], "cwd": str(cwd), "env": dict(env)}
            descriptors = [file.fileno() for file in (given, out, error, theirs)]
            socket.send_fds(self._server(), [json.dumps(request).encode()], descriptors)
            theirs.close()
            code = _wait(answers, command, timeout)
            out.seek(0)
            error.seek(0)
            return subprocess.CompletedProcess(command, code, out.read(), error.read())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._requests is not None and self._process is not None:
            self._requests.close()
            self._process.wait()

    def _server(self) -> socket.socket:
        if self._requests is None:
            self._requests, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
            with theirs:
                program = [sys.executable, __file__, str(theirs.fileno())]
                self._process = subprocess.Popen(program, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        return self._requests


def _wait(answers: socket.socket, command: Sequence[str], timeout: float) -> int:
    """The exit code of a command whose process number comes first."""
    with answers.makefile() as lines:
        pid = int(_line(lines))
        answers.settimeout(timeout)
        try:
            return int(_line(lines))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(command), timeout) from None


def _line(lines: TextIO) -> str:
    line = lines.readline()
    if not line:
        raise RuntimeError("The process that forks console commands has ended: standard error says why.")
    return line


def _serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork for each request: it comes back in the new process; None in the server, when there is nobody who asks."""
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is not requests:
                _tell_end(selector, key)
                continue
            message, descriptors, _, _ = socket.recv_fds(requests, _MOST_BYTES, 4)
            if not message:
                return None
            pid = os.fork()
            if not pid:
                _close_all(selector)
                _take_over(descriptors)
                return dict(json.loads(message))
            *files, answer = descriptors
            for file in files:
                os.close(file)
            os.write(answer, b"%d\n" % pid)
            selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, answer))


def _tell_end(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    pid, answer = key.data
    selector.unregister(key.fd)
    os.close(key.fd)
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # who asked has given up waiting
        os.write(answer, b"%d\n" % os.waitstatus_to_exitcode(status))
    os.close(answer)


def _close_all(selector: selectors.BaseSelector) -> None:
    for key in list(selector.get_map().values()):
        if isinstance(key.fileobj, socket.socket):
            key.fileobj.close()
            continue
        os.close(key.fd)
        os.close(key.data[1])
    selector.close()


def _take_over(descriptors: list[int]) -> None:
    *files, answer = descriptors
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.close(answer)


def _load_core() -> None:
    import core

    for name in [*(found.name for found in pkgutil.walk_packages(core.__path__, "core.")), *_LOADED_AT_USE]:
        importlib.import_module(name)


def _become(request: dict[str, Any]) -> None:
    """What Python does before it runs a script."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.argv = request["argv"]
    sys.path[0] = str(Path(sys.argv[0]).parent)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks ends it
    _load_core()
    gc.freeze()  # else each command would look through all of it, and copy it by that
    if asked := _serve(socket.socket(fileno=int(sys.argv[1]))):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _become(asked)
        runpy.run_path(sys.argv[0], run_name="__main__")
