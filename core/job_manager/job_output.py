"""Where a worker's standard output and error go: into the log of the job that it runs."""

from __future__ import annotations

import io
import logging
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.job_queue.process_identity import ProcessIdentity
from core.log import LineFormatter, job_log_path, logger

_STREAMS = (1, 2)


def _spool_path(root: Path, pid: int) -> Path:
    return job_log_path(root, "x").with_name(f".worker-{pid}.spool")


class StandardStream(io.TextIOBase):
    """What a job finds as `sys.stdout` and `sys.stderr`: without a buffer, so that nothing is to be flushed after it.

    Whatever a job does to it, the next one finds it as it was. The encoding is that of the logs.
    """

    encoding = "utf-8"
    errors = "backslashreplace"
    mode = "w"
    line_buffering = True
    write_through = True

    def __init__(self, buffer: io.RawIOBase, name: str) -> None:
        self.buffer = buffer
        self.name = name

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.buffer.fileno()

    def isatty(self) -> bool:
        return self.buffer.isatty()

    def reconfigure(
        self,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        line_buffering: bool | None = None,
        write_through: bool | None = None,
    ) -> None:
        """Takes what scripts ask of an io.TextIOWrapper; there is nothing to change."""

    def detach(self) -> io.RawIOBase:  # type: ignore[override]  # a BufferedIOBase would keep bytes back
        return self.buffer

    def close(self) -> None:
        """It stays open, for the next job, and for who tells how this one ended."""


class JobOutput:
    """Catches what the job, its C code and its child processes write to descriptors 1 and 2.

    The two always lead to a file. It is hidden (`.worker-<pid>.spool`) until the first byte, then it becomes the job's
    log; so a silent job costs no file, and a crash's last words are kept.

    It may be made before a fork, and is opened in the process that runs the jobs.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pid = 0
        self._spool = _spool_path(root, self._pid)
        self._job_id: str | None = None
        self._is_named = False
        self._inode = 0
        self._stdout = _Text(self, 1)
        self._stderr = _Text(self, 2)
        self._handler = logging.StreamHandler(self._stderr)
        self._handler.setFormatter(LineFormatter())

    def open(self) -> None:
        """Begin to catch what this process writes."""
        self._pid = os.getpid()
        self._spool = _spool_path(self._root, self._pid)
        self._point_to_spool()
        sys.stdout, sys.stderr = self._stdout, self._stderr
        logging.getLogger().addHandler(self._handler)

    def set_level(self, level: int) -> None:
        """Take lines of this level and above into the jobs' logs; to be called again when that of `logger` changed."""
        self._handler.setLevel(level)
        # Other libraries' debugging is noise in a job's log; what goes to the container's `log` is meant for it.
        logging.getLogger().setLevel(max(level, logging.INFO))
        logger.setLevel(min(level, logger.getEffectiveLevel()))

    def begin(self, job_id: str) -> None:
        """From now on output belongs to this job."""
        self._job_id = job_id
        self._is_named = False

    def end(self) -> None:
        """The job is over; what it did to the streams is undone."""
        if sys.stdout is not self._stdout or sys.stderr is not self._stderr:
            for stream in {sys.stdout, sys.stderr} - {self._stdout, self._stderr}:
                with suppress(Exception):  # a stream of the job's own may fail in any way
                    stream.flush()
            sys.stdout, sys.stderr = self._stdout, self._stderr
        size = self._size()
        if size and not self._is_named:
            self.name()
        self._job_id = None
        if self._is_named or size is None:
            self._point_to_spool()

    def name(self) -> None:
        """Give the output its name, the job's; called before the first byte that Python writes."""
        if self._is_named or self._job_id is None:
            return
        if os.getpid() != self._pid:
            return  # a process that the job forked: the name that it gives would not be known here
        self._is_named = True
        log = job_log_path(self._root, self._job_id)
        try:
            os.link(self._spool, log)
        except FileExistsError:  # of an earlier attempt: go on behind it
            _append(self._spool, log)
            self._point_to(log)
        except FileNotFoundError:  # somebody has removed the folder, and with it the hidden file, which is still open
            log.parent.mkdir(parents=True, exist_ok=True)
            if self._size():
                _append(Path(f"/proc/self/fd/{_STREAMS[0]}"), log)
            self._point_to(log)
        except OSError as error:
            logger.warning("the log %s cannot be made: %s", log, error)
            return
        self._spool.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the empty file."""
        self._spool.unlink(missing_ok=True)

    def _size(self) -> int | None:
        """How much was written; None where the job has closed the descriptors, or turned them elsewhere."""
        try:
            output, errors = os.fstat(1), os.fstat(2)
        except OSError:
            return None
        return output.st_size if output.st_ino == errors.st_ino == self._inode else None

    def _point_to_spool(self) -> None:
        self._spool.unlink(missing_ok=True)
        self._point_to(self._spool)

    def _point_to(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            descriptor = os.open(path, flags, 0o660)
        except FileNotFoundError:  # the folder is not there yet, or somebody has removed it
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, flags, 0o660)
        self._inode = os.fstat(descriptor).st_ino
        for stream in _STREAMS:
            if descriptor == stream:
                os.set_inheritable(stream, True)
            else:
                os.dup2(descriptor, stream)
        if descriptor not in _STREAMS:
            os.close(descriptor)


class _Bytes(io.RawIOBase):
    """Writes to a descriptor at once, and gives the job's log its name before the first byte."""

    def __init__(self, output: JobOutput, descriptor: int) -> None:
        self._output = output
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        """A wrapper that a job puts around it closes it when it goes; the next job writes to it as well."""

    def write(self, data: Any, /) -> int:
        self._output.name()
        view = memoryview(data).cast("B")
        written = 0
        # A full disk must not fail a job that prints.
        with suppress(OSError):
            while written < len(view):
                written += os.write(self._descriptor, view[written:])
        return len(view)


class _Text(StandardStream):
    def __init__(self, output: JobOutput, descriptor: int) -> None:
        super().__init__(_Bytes(output, descriptor), "<stdout>" if descriptor == 1 else "<stderr>")

    def write(self, text: str, /) -> int:
        self.buffer.write(text.encode(self.encoding, self.errors))
        return len(text)


def keep_last_words(root: Path, pid: int, job_id: str | None) -> None:
    """After a worker's death: what it had written and not named goes to its job's log."""
    spool = _spool_path(root, pid)
    with suppress(FileNotFoundError):
        if job_id is not None and spool.stat().st_size > 0:
            _append(spool, job_log_path(root, job_id))
        spool.unlink()


def clear_spools(root: Path) -> None:
    """Remove what workers of an earlier time left behind, and what they did not read any more."""
    for left in _spool_path(root, 0).parent.glob(".worker-*"):
        pid = left.stem.removeprefix(".worker-")
        if not pid.isdigit() or ProcessIdentity.of(int(pid)) is None:
            left.unlink(missing_ok=True)


def append_to_job_log(root: Path, job_id: str, text: str) -> None:
    """Add lines to a job's log from outside its worker."""
    path = job_log_path(root, job_id)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(text)


def _append(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("ab") as writer:
        shutil.copyfileobj(reader, writer)
