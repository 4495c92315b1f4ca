"""The panel in a real browser: Debian's Chromium, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.testing import Installation
from core.testing.fixtures import stop
from tests.acceptance.web.serving import PASSWORD, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "NO CHROMIUM: the panel is not tested in a browser. apt-get install chromium"
#: Nothing is fetched from elsewhere; a container has no user namespaces for the sandbox.
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
_AXE = Path(__file__).parent / "axe" / "axe.min.js"


SCHEMA = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "title": "File"}}}
#: Goes on until its file is there, and then fails.
IMPORT = """
import pathlib, time
print("reading " + job.get_payload()["file"])
for number in range(1200):
    job.report_progress(number, 1200, "rows")
    if pathlib.Path(job.get_payload()["file"]).exists():
        raise ValueError("there is no row in it")
    time.sleep(0.05)
"""
#: As long as names in use are, and in one piece.
LONG_NAME = "SynchroniseProductDescriptionsAndPricesWithTheMarketplaceOfEachCountries"
#: A machine that tests on all its processors takes its time.
PATIENCE_MS = 45_000


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with the package: its event loop would be in the way of other tests."""
    if CHROMIUM is None:
        pytest.skip(reason=MISSING)  # a machine may lack it; .ci/run installs it
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation of all tests of this room: a server and a job manager take longer to start than most of them."""
    installation = Installation(tmp_path_factory.mktemp("panel"))
    installation.add_job_type("Import", IMPORT, payloadSchema=SCHEMA)
    installation.add_job_type("Tick", "print('tick')", scheduledJob=True)
    installation.add_job_type(LONG_NAME, "pass")
    added = installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    try:
        installation.start_job_manager()
        yield installation
        stop(installation)
    finally:
        installation.kill_everything()


@pytest.fixture(scope="package")
def address(panel: Installation) -> Iterator[str]:
    """A server with the administrator anna."""
    with serving(panel) as (address, _):
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Anna has logged in. A test fails if a page said something in the console, or asked another machine."""
    context = browser.new_context(base_url=address, locale="en-US", timezone_id="Europe/Berlin")
    page, said = context.new_page(), []
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((address, "data:")) else said.append(request.url))
    log_in(page)
    yield page
    context.close()
    assert said == []


def log_in(page: Page, name: str = "anna", password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)  # its scripts have run


def faults_of(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the element, for levels A and AA."""
    page.evaluate(_AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{page.url}: {each['id']}: {node['html']} ({node['failureSummary']})"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
