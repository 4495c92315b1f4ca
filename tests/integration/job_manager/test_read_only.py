"""A SQLite file, or its folder, that cannot be written: that is said, and what waits is not lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import which

import pytest

from core.testing import Installation
from tests.integration.job_manager.manager import PATIENCE_SECONDS

pytestmark = pytest.mark.only_sqlite("what happens to a file")

_RIGHTS = "-dac_override,-dac_read_search,-fowner"
#: Permissions bind root only where it has laid down these rights.
_BOUND = ["setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}"]


@contextmanager
def _file(installation: Installation) -> Iterator[None]:
    files = list(installation.data.glob("atro.sqlite*"))
    for each in files:
        each.chmod(0o400)
    yield
    for each in files:
        each.chmod(0o600)


@contextmanager
def _folder(installation: Installation) -> Iterator[None]:
    for each in installation.data.glob("atro.sqlite*"):
        each.unlink()  # none is there yet, and none can be made
    installation.data.chmod(0o500)
    yield
    installation.data.chmod(0o700)


def _type(installation: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*_BOUND, sys.executable, str(installation.root / "console.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS * 2)


@pytest.mark.proof
@pytest.mark.skipif(which("setpriv") is None, reason="util-linux's setpriv takes root's rights away")
@pytest.mark.parametrize("read_only", [_file, _folder])
def test_what_cannot_be_written_is_said_in_a_line_and_nothing_is_lost(
    own_installation: Installation, read_only: Callable[[Installation], Iterator[None]]
) -> None:
    waiting = _type(own_installation, "job", "add", "Script").stdout.strip()

    with read_only(own_installation):
        refused = [_type(own_installation, *words) for words in (("job", "add", "Script"), ("cron",))]
        doctor = _type(own_installation, "doctor")

    for each in refused:
        assert (each.returncode, each.stdout) == (1, "")
        assert len(each.stderr.splitlines()) == 1
        assert "data" in each.stderr
        assert "ermission denied" in each.stderr or "belong to another user" in each.stderr
    assert (doctor.returncode, "chmod -R u+rwX" in doctor.stderr) == (1, True)
    if read_only is _folder:
        return
    own_installation.start_job_manager()
    own_installation.wait_until(lambda: own_installation.job(waiting)["status"] == "Success", PATIENCE_SECONDS)
