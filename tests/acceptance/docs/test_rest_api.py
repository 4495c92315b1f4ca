"""What docs/rest-api.md shows can be typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.testing import Installation
from tests.acceptance.web.serving import PASSWORD, serving

DOCUMENT = Path(__file__).parents[3] / "docs" / "rest-api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="NO CURL: the examples of docs/rest-api.md are not tested")
def test_the_examples_with_curl_do_what_they_are_meant_to(installation: Installation) -> None:
    installation.add_job_type("Hello", "pass")
    installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    token = installation.console("user", "token", "anna").stdout.strip()
    (script,) = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    with serving(installation) as (address, _):
        script = script.replace("http://127.0.0.1:8000", address)

        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env={**os.environ, "TOKEN": token},
            capture_output=True,
            text=True,
        )

    assert (done.returncode, done.stderr) == (0, "")
    assert '"userName":"anna"' in done.stdout
    assert '"reason":"upgrade"' in done.stdout
    assert "pyatro_jobs_due" in done.stdout
    statuses = [row["status"] for row in installation.query("SELECT status FROM job ORDER BY id")]
    assert statuses == ["Canceled", "Pending"]
