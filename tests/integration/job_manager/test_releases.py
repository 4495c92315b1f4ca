"""An installation whose code lies in `releases/N`, with a link to the one that counts, and one `data` for all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import clock
from core.job_manager.daemon_lock import DaemonLock
from core.job_queue.node import node_name
from core.testing import Installation
from core.testing.installation import REPOSITORY
from tests.integration.job_manager.manager import PATIENCE_SECONDS

# Of which release the module is, and core.
SAY = "import core\nfrom pathlib import Path\njob.set('message', '{text}, ' + Path(core.__file__).parents[1].name)\n"
WAIT = "import time\nmark = Path({folder!r}, job.id)\nmark.touch()\nwhile mark.exists():\n    time.sleep(0.01)\n"


class Site:
    """The folder of an administrator who deploys by links."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.folder = folder
        self.current = folder / "current"
        self.marks = folder / "marks"
        self.marks.mkdir()
        (folder / "data").mkdir()
        self.releases = [self._release(number, database_url) for number in ("1", "2")]
        self.first, self.second = self.releases
        self.switch_to(self.first)

    def switch_to(self, release: Installation) -> None:
        """As `ln -sfn` and `mv -T` do it."""
        draft = self.folder / "draft"
        draft.symlink_to(release.root)
        draft.replace(self.current)

    def console(self, *words: str, by_shell: bool = False) -> str:
        """By the link's path, or from a shell that has gone into the link."""
        where = self.current if by_shell else self.folder
        path = "console.py" if by_shell else str(self.current / "console.py")
        environment = {**os.environ, "PWD": str(where)}
        finished = subprocess.run(
            [sys.executable, path, *words], cwd=where, env=environment, capture_output=True, text=True, timeout=60
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.strip()

    def start(self, *, by_shell: bool = False) -> None:
        self.console("cron", by_shell=by_shell)
        self.first.wait_until(self.first.has_daemon, PATIENCE_SECONDS)

    def runs(self) -> Path:
        """Whose code the job manager runs."""
        holder = DaemonLock(self.current).holder()
        return Path(holder.root) if holder else Path()

    def ended(self, job_id: str) -> dict[str, object]:
        ends = ("Success", "Failed")
        self.first.wait_until(lambda: self.first.job(job_id)["status"] in ends, PATIENCE_SECONDS, "it does not end")
        return self.first.job(job_id)

    def _release(self, number: str, database_url: str | None) -> Installation:
        root = self.folder / "releases" / number
        root.mkdir(parents=True)
        (root / "data").symlink_to(self.folder / "data")
        shutil.copytree(REPOSITORY / "core", root / "core")  # the code of a release lies in its folder
        installation = Installation(root, database_url)
        installation.add_job_type("Say", SAY.format(text=number))
        installation.add_job_type("Wait", SAY.format(text=number) + WAIT.format(folder=str(self.marks)))
        return installation


@pytest.fixture
def site(tmp_path: Path, installation_database: str | None) -> Iterator[Site]:
    """Two releases, of which the first one counts."""
    site = Site(tmp_path, installation_database)
    yield site
    for release in site.releases:
        release.kill_everything()


@pytest.mark.proof
@pytest.mark.parametrize("by_shell", [False, True], ids=["by the link's path", "from a shell in the link"])
def test_the_job_manager_follows_the_link_and_what_runs_goes_on(site: Site, by_shell: bool) -> None:
    site.start(by_shell=by_shell)
    daemon = DaemonLock(site.current).holder()
    assert site.ended(site.console("job", "add", "Say"))["message"] == "1, 1"
    waiting = site.console("job", "add", "Wait")
    site.first.wait_until((site.marks / waiting).exists, PATIENCE_SECONDS, "it does not run")

    site.switch_to(site.second)
    site.console("cron")
    site.first.wait_until(lambda: site.runs() == site.second.root, PATIENCE_SECONDS, "it does not follow")

    assert site.ended(site.console("job", "add", "Say"))["message"] == "2, 2"
    (site.marks / waiting).unlink()
    row = site.ended(waiting)
    assert (row["status"], row["message"], row["attempt"]) == ("Success", "1, 1", 1)
    holder = DaemonLock(site.current).holder()
    assert daemon
    assert holder
    assert holder.process == daemon.process  # the same process, with the lock in its hand all the time


def test_two_releases_have_one_job_manager_one_name_and_one_bell(site: Site) -> None:
    site.start()

    site.second.console("cron")
    said = site.second.console("daemon", "job-manager", "main")
    job_id = site.second.console("job", "add", "Say").stdout.strip()

    assert "A job manager runs already" in said.stderr
    assert site.ended(job_id)["message"] == "1, 1"
    names = []
    for release in site.releases:
        with release.application() as application:
            names.append(node_name(application.container.get("config"), release.root))
    assert names[0] == names[1]


@pytest.mark.only_sqlite("the database is not what is looked at")
@pytest.mark.proof
def test_who_looks_from_another_release_is_told_whose_code_runs(site: Site) -> None:
    site.first.start_job_manager()

    status = json.loads(site.second.console("job", "manager", "status", "--json").stdout)

    assert f"The job manager runs the code in {site.first.root}, and this is {site.second.root}." in str(status)


@pytest.mark.only_sqlite("the database is not what is looked at")
@pytest.mark.proof
def test_a_link_to_an_installation_with_other_data_is_not_followed(site: Site, tmp_path: Path) -> None:
    site.start()
    began_at = _loaded_at(site)
    foreign = Installation(tmp_path / "foreign")

    site.switch_to(foreign)
    site.first.add_job_type("Late", "pass")  # a change that it obeys, and with it looks at all the others
    site.first.wait_until(lambda: _loaded_at(site) > began_at, PATIENCE_SECONDS, "it has not looked")

    holder = DaemonLock(site.first.root).holder()
    assert holder
    assert holder.root == str(site.first.root)
    assert foreign.processes() == []


def _loaded_at(site: Site) -> float:
    holder = DaemonLock(site.first.root).holder()
    return 0.0 if holder is None else round(clock.monotonic() - holder.loaded_seconds, 1)
