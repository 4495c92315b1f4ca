"""The file `data/config.py` on disk: executed whole, rewritten value by value."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import traceback
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core import clock
from core.config.rewrite import EMPTY, differences, is_expression, rewrite
from core.exceptions import ConfigurationError, text_of

#: Within one tick of its file system's clock a file may change twice; from this age on its state tells of every change.
SETTLED_SECONDS = 2
_NEW_MODE = 0o640

Values = dict[str, Any]


class ConfigFile:
    """Reads the dict `config` of a Python file, and writes changed values of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = str(path)
        self._state: tuple[int, ...] | None = None
        self._is_settled = False

    def may_have_changed(self) -> bool:
        """Whether the file may differ from what was read last, at the cost of one `stat`."""
        return not self._is_settled or self._state != state_of(self._name)

    def read(self) -> Values | None:
        """The dict, or None where there is no file.

        Raises ConfigurationError with file and line for a file that cannot be read or executed, or has no such dict.
        """
        self._state = state_of(self._name)
        self._is_settled = self._state is None or clock.now().timestamp() - self._state[0] / 1e9 > SETTLED_SECONDS
        source = self._source()
        return None if source is None else evaluate(source, self.path)

    def write(self, changes: Mapping[str, Any], removed: Set[str]) -> None:
        """Change and remove top-level keys of the dict as it is on disk now; a missing file is made.

        All else is kept, also what others saved meanwhile; a reader sees the old file or the new one. Raises
        ConfigurationError for a broken file, and where the change would replace an expression.
        """
        with self._lock():
            source = self._source()
            text = (source or EMPTY.encode()).decode("utf-8-sig")
            before = evaluate(text.encode(), self.path)
            after = {key: value for key, value in {**before, **changes}.items() if key not in removed}
            try:
                written = rewrite(text, before, after).encode()
            except ConfigurationError as error:
                raise ConfigurationError(f"{self.path}: {error}") from None
            read_back = evaluate(written, self.path)
            if any(differences(only(read_back, changes.keys() | removed), changes)):
                raise ConfigurationError(f"{self.path} changes `config` below its dict. Edit it by hand.")
            replace(self.path, written)

    def expressions(self, names: Iterable[str]) -> set[str]:
        """Those of the names that have an expression as their value; all of them in a file that cannot be read."""
        text = (self._source() or EMPTY.encode()).decode("utf-8-sig")
        return {name for name in names if is_expression(text, tuple(name.split(".")))}

    def _source(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be read: {error.strerror}.") from error

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def only(values: Values, keys: Set[str]) -> Values:
    return {key: value for key, value in values.items() if key in keys}


def state_of(path: str | Path) -> tuple[int, ...] | None:
    """What differs when a file was written again, the mtime in nanoseconds first; None where there is no file."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - before every job: half the time of Path.stat
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def evaluate(source: bytes, path: Path) -> Values:
    """Executes the file, which may use all of Python, and takes the dict `config` out of it."""
    names: dict[str, Any] = {"__name__": "config", "__file__": str(path)}
    try:
        exec(compile(source, str(path), "exec"), names)
    except SyntaxError as error:
        raise ConfigurationError(f"{path}, line {error.lineno}: {error.msg}.") from error
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # the file is the user's: it may raise anything
        if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            raise  # a person's; where SIGINT is handled in another way, it is the file's own
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        place = f"{path}, line {lines[-1]}" if lines else str(path)
        what = ": ".join(filter(None, [type(error).__name__, text_of(error)]))
        raise ConfigurationError(f"{place}: {what}.") from error
    values = names.get("config")
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path} has no dict named `config`.")
    return values


def replace(path: Path, content: bytes) -> None:
    """Put a new file in the place of an old one at once, with its mode and, as far as we may, its owner.

    Where there was none, the file is its folder's owner's, and others cannot read it: passwords stand in it.
    """
    path = path.resolve()  # a link stays a link
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            draft.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else _NEW_MODE)
            like = (path if path.exists() else path.parent).stat()
            with suppress(PermissionError):
                os.chown(draft, like.st_uid, like.st_gid)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
