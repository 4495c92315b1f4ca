"""The creator dies between making its children and releasing them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.testing import Installation
from tests.integration.exchange_rates.rates import write_rates

# Kills the first process that is about to release children.
KILLER = """\
import os
import signal

from core.Listeners import AbstractListener


class JobEntity(AbstractListener):
    def before_save(self, event):
        job = event.get_argument("entity")
        flag = self.get_config().root / "data" / "killed.txt"
        if job.get("status") == "Pending" and not job.is_new() and not flag.exists():
            flag.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a file of two currencies can be downloaded."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    file = write_rates(tmp_path, "Date,USD,JPY", "2020-01-02,1.1193,121.75")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{file.name}"
        server.shutdown()
        thread.join()


def test_the_next_attempt_cancels_what_the_killed_one_left_and_imports_everything(
    installation: Installation, url: str
) -> None:
    installation.add_module("Killer", {"Listeners/JobEntity.py": KILLER})
    installation.write_config(exchangeRates={"source": "download", "url": url})
    creator_id = installation.console("exchange", "rates", "import").stdout.strip()

    installation.start_job_manager()
    waited = installation.console("job", "wait", "--timeout=60", timeout=90)

    children = installation.query("SELECT status FROM job WHERE type = 'ImportCurrencyRates' ORDER BY status")
    assert (installation.data / "killed.txt").exists(), waited.stderr
    assert installation.job(creator_id)["attempt"] == 2
    assert [child["status"] for child in children] == ["Canceled", "Canceled", "Success", "Success"]
    assert installation.query("SELECT count(*) AS rates FROM exchange_rate") == [{"rates": 2}]
