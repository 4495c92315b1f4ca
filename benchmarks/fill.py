"""An installation with millions of jobs that stays, to look at what people and programs see of it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from sqlalchemy import URL, make_url

from benchmarks.arena import MODULE
from benchmarks.databases import DATABASES, TITLES
from benchmarks.options import Options
from benchmarks.rows import fill
from core.testing import Installation
from tests.databases import SQLITE, answering_server, create_database, drop_database

#: Beside `data/`; its text is the address of the server's database, if there is one.
NOTE = "filled-by-benchmarks"


def make(folder: Path, options: Options, finished: int, pending: int) -> None:
    """Makes the installation in a new folder, and says how to take it away; half of the pending jobs are due."""
    folder.mkdir(parents=True)
    kind = DATABASES[options.db]
    database = None if kind == SQLITE else create_database(_server(kind), "pyatro_filled")
    url = database and database.render_as_string(hide_password=False)
    (folder / NOTE).write_text(url or "")
    installation = Installation(folder, url)
    shutil.copytree(MODULE, installation.modules / MODULE.name)
    installation.write_config(maxConcurrentWorkers=options.workers)
    began = time.perf_counter()
    with installation.application() as application:
        fill(application.container, finished + pending, pending // 2, pending - pending // 2)
    seconds = time.perf_counter() - began
    print(f"{finished:,} jobs that have ended and {pending:,} that wait, made in {seconds:.0f} s: {folder}")
    print(f"Take it away with: python -m benchmarks fill --remove --folder {folder}")


def remove(folder: Path) -> None:
    """Stops its processes, and takes away its database and the folder; SystemExit where `make` has not made it."""
    note = folder / NOTE
    if not note.exists():
        raise SystemExit(f"{folder} was not made by `python -m benchmarks fill`.")
    Installation(folder).kill_everything()
    if address := note.read_text():
        database = make_url(address)
        drop_database(_server(database.get_backend_name()), database)
    shutil.rmtree(folder)


def _server(kind: str) -> URL:
    server = answering_server(kind)
    if server is None:
        raise SystemExit(f"No {TITLES[kind]} answers.")
    return make_url(server)
