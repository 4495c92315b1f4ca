"""A client that a generator makes of the document."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from core.testing import Installation
from tests.acceptance.web.serving import PASSWORD, serving

GENERATOR = Path(sys.executable).with_name("openapi-python-client")


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the client is to be; it is unloaded again."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "made_client"
    for name in [each for each in sys.modules if each.partition(".")[0] == "made_client"]:
        del sys.modules[name]


def generate(document: bytes, folder: Path) -> None:
    file = folder.with_suffix(".json")
    file.write_bytes(document)
    command = [GENERATOR, "generate", "--path", file, "--output-path", folder, "--meta", "none", "--fail-on-warning"]
    path = f"{GENERATOR.parent}{os.pathsep}{os.environ['PATH']}"  # it formats what it makes by ruff
    made = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=100)
    assert made.returncode == 0, made.stdout + made.stderr


def part(name: str) -> ModuleType:
    return importlib.import_module(f"made_client.{name}")


@pytest.mark.proof
def test_a_generated_client_creates_watches_and_cancels_a_job(installation: Installation, generated: Path) -> None:
    installation.add_job_type("Hello", "pass")
    installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    token = installation.console("user", "token", "anna").stdout.strip()
    with serving(installation) as (address, _):
        headers = {"Authorization": f"Bearer {token}"}
        generate(httpx2.get(f"{address}/api/openapi.json", headers=headers, timeout=60).content, generated)
        models = part("models")
        with part("client").AuthenticatedClient(base_url=address, token=token, timeout=60) as client:
            create_watch_and_cancel(client, models)


def create_watch_and_cancel(client: Any, models: ModuleType) -> None:
    new = models.JobCreate(type_=models.JobCreateType.HELLO, priority=7)
    job = part("api.job.create_job").sync(client=client, body=new)
    assert job.status == models.JobStatus.PENDING
    assert part("api.job.why_job").sync(job.id, client=client).reason == "cronNotSeen"
    part("api.job.cancel_job").sync(job.id, client=client)

    seen = part("api.job.read_job").sync(job.id, client=client)
    assert (seen.status, seen.priority) == (models.JobStatus.CANCELED, 7)
    refused = part("api.job.read_job").sync("nothing", client=client)
    assert (type(refused), refused.code) == (models.Error, "not_found")
