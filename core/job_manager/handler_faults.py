"""What is wrong with handlers, for who explains why jobs do not run."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from threading import Lock

from core.exceptions import Error
from core.job_manager.daemon_program import Program
from core.job_manager.handlers import check_handlers, load_handler, names_handler
from core.log import logger
from core.metadata import Metadata

_SECONDS = 300.0


class HandlerFaults:
    """Why handlers of job types cannot be had, as `check` says it.

    They are imported in this process, or, where `ask` was called, in another one, once: a handler may end the process
    that imports it, keep it for ever, or bring in more than one that serves others should hold.
    """

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata
        self._program: Program | None = None
        self._answer: Mapping[str, str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._has_given_up = False
        self._asking = Lock()

    def ask(self, program: Program) -> None:
        """From now on ask this program: `web handlers`."""
        self._program, self._answer = program, None

    def of(self, job_type: str) -> str | None:
        """What is wrong with the handler of a type; None where nothing is."""
        if self._program is not None and names_handler(self._metadata, job_type):
            return self._asked(self._program).get(job_type)
        try:
            load_handler(self._metadata, job_type)
        except Error as error:
            return str(error)
        return None

    def all(self) -> list[str]:
        """What is wrong with those of all registered types."""
        return check_handlers(self._metadata) if self._program is None else list(self._asked(self._program).values())

    def give_up(self) -> None:
        """Ask no more, and end who is asked: nobody is to wait for it, as this process ends."""
        self._has_given_up = True
        if self._process is not None:
            self._process.kill()

    def _asked(self, program: Program) -> Mapping[str, str]:
        with self._asking:
            if self._answer is None:
                self._answer = self._answer_of(program)
            return self._answer or {}

    def _answer_of(self, program: Program) -> Mapping[str, str] | None:
        """What the program says; None where it could not say it, which the log tells: the next one asks again."""
        try:
            # What a module prints while it is loaded stands before it.
            answer = json.loads(self._said_by(program).rstrip().rpartition(b"\n")[2])
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            if not self._has_given_up:
                logger.warning(
                    "Whether the handlers of the job types can be had is not known (python console.py check): %s", error
                )
            return None
        return {str(job_type): str(fault) for job_type, fault in answer.items()}

    def _said_by(self, program: Program) -> bytes:
        # No pipe, which a process that a handler has started at its import could hold open.
        with tempfile.TemporaryFile() as said:
            process = self._process = subprocess.Popen(
                program.command, cwd=program.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.DEVNULL
            )
            try:
                status = process.wait(0 if self._has_given_up else _SECONDS)
            finally:
                process.kill()
                process.wait()
            if status != 0:
                raise subprocess.CalledProcessError(status, program.command)
            said.seek(0)
            return said.read()
