"""A MariaDB server of our own, from the binaries of the machine."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil

from core import clock

_STARTING_SECONDS = 60
# Ends the server when the process that it is for is gone, however that came, and takes its folder away.
_WATCH = """
(
    "$0" "$@" & server=$!
    while [ -d "/proc/$OWNER" ] && kill -0 $server 2>/dev/null; do sleep 0.5; done
    kill -TERM $server 2>/dev/null; wait $server
    [ -d "/proc/$OWNER" ] || rm -rf "$FOLDER"
) &
"""


class MariaDBServer:
    """A server in a temporary folder that only a socket leads to; it dies with the process `owner`.

    What it committed outlives its own death, not a power cut. Everybody is let in as root.
    """

    def __init__(self, owner: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
        self._owner = owner
        _run(
            "mariadb-install-db",
            *("--no-defaults", f"--datadir={self._data}", f"--user={getpass.getuser()}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"),
        )

    @property
    def url(self) -> str:
        """The address of the server, with no database."""
        return f"mariadb+pymysql://root@localhost/?unix_socket={self._socket}"

    @property
    def pid(self) -> int:
        """The server's process."""
        return int(self._pid_file.read_text())

    def start(self) -> None:
        """Start it, and wait until it answers; TimeoutError if it does not."""
        command = [
            _program("mariadbd"),
            "--no-defaults",
            f"--datadir={self._data}",
            f"--socket={self._socket}",
            f"--pid-file={self._pid_file}",
            f"--user={getpass.getuser()}",
            "--skip-networking",
            "--max-connections=300",
            "--innodb-buffer-pool-size=32M",
            "--innodb-flush-log-at-trx-commit=2",  # is written at each commit, and the disk is not waited for
        ]
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                ["/bin/sh", "-c", _WATCH, *command],
                env={"OWNER": str(self._owner), "FOLDER": str(self.folder), "PATH": os.environ["PATH"], "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                check=True,
            )
        if not clock.wait_until(self._answers, _STARTING_SECONDS):
            raise TimeoutError(f"MariaDB does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it, and end all connections; its data stay."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as kill -9 does; its data stay."""
        self._end(signal.SIGKILL)
        self._pid_file.unlink(missing_ok=True)

    def remove(self) -> None:
        """End it and take its folder away."""
        if self._pid_file.exists():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _socket(self) -> Path:
        return self.folder / "socket"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "pid"

    def _end(self, number: signal.Signals) -> None:
        try:
            process = psutil.Process(self.pid)
            process.send_signal(number)
            process.wait(_STARTING_SECONDS)
        except psutil.NoSuchProcess:
            pass

    def _answers(self) -> bool:
        import pymysql  # every room of tests loads this file

        if not self._pid_file.exists():  # it comes when the server listens; the driver leaves a refused socket open
            return False
        try:
            pymysql.connect(unix_socket=str(self._socket), user="root", connect_timeout=2).close()
        except pymysql.MySQLError:
            return False
        return True


def is_available() -> bool:
    """Whether the binaries are installed."""
    return all(_found(name) for name in ("mariadbd", "mariadb-install-db"))


def _found(name: str) -> str | None:
    # Debian puts servers where the path of an ordinary user does not lead to.
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def _program(name: str) -> str:
    found = _found(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed.")
    return found


def _run(program: str, *arguments: str) -> None:
    subprocess.run([_program(program), *arguments], check=True, capture_output=True)
