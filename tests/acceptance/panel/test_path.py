"""The path of a person who runs jobs: make one, watch it, stop it, mend it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.testing import Installation
from tests.acceptance.panel.conftest import LONG_NAME, faults_of

#: Where pictures of the pages are kept, if somebody wants to look at them.
PICTURES = os.environ.get("PYATRO_PICTURES")


def look(page: Page, name: str) -> None:
    """No serious fault on this page; a picture of it, if somebody wants one."""
    assert faults_of(page) == []
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_a_job_is_made_watched_canceled_retried_and_debugged(page: Page, panel: Installation) -> None:
    status, file = page.locator("#job-live .panel-status").first, panel.root / "rows.csv"

    # It is made by the form of its schema, and watched without touching the page.
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.get_by_label("Type").fill("Import")
    page.get_by_role("button", name="Choose").click()
    look(page, "new-job")
    page.get_by_label("File").fill(str(file))
    page.get_by_label("Name").fill("Rows of March")
    page.get_by_role("button", name="Put it into the queue").click()
    expect(status).to_have_text("Running")
    expect(page.locator("[data-follow=log]")).to_contain_text("reading")
    expect(page.locator("#job-live progress")).to_be_visible()
    expect(page.get_by_text("MiB").first).to_be_visible()
    look(page, "job-running")

    # What runs is on the first page, in the list, and in the pop-up.
    page.goto("/")
    expect(page.get_by_role("link", name="Rows of March")).to_be_visible()
    look(page, "dashboard")
    page.goto("/Job")
    look(page, "jobs")
    page.keyboard.press("m")
    expect(page.locator(".panel-jm").get_by_text("Running")).to_be_visible()
    look(page, "job-manager")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(re.compile("/Job/[0-9a-f-]+$"))  # its scripts have run

    # It is canceled, and put back into the queue.
    page.keyboard.press("c")
    expect(status).to_have_text("Canceled")
    page.get_by_role("button", name="Retry").click()
    expect(status).to_have_text("Running")

    # It fails, and the page says why.
    file.touch()
    expect(status).to_have_text("Failed")
    expect(page.get_by_text("there is no row in it").first).to_be_visible()
    look(page, "job-failed")

    # A debug run shows its output and leaves the row alone.
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Debug run").click()
    expect(page.locator("#debug-output")).to_contain_text(re.compile(r"ValueError.*\[exit 1\]", re.DOTALL))
    expect(status).to_have_text("Failed")

    # It is removed, and brought back.
    page.get_by_text("More").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Rows of March")).to_be_visible()


def test_the_job_manager_is_paused_with_a_reason_and_started_again(page: Page) -> None:
    page.get_by_role("button", name="Job Manager").click()
    page.get_by_label("Reason").fill("a release")
    page.get_by_role("button", name="Pause").click()

    expect(page.locator(".panel-jm")).to_contain_text("a release")
    expect(page.locator("#job-manager-badge")).to_be_visible()
    look(page, "paused")

    page.get_by_role("button", name="Start").click()
    expect(page.get_by_label("Reason")).to_be_visible()
    expect(page.locator("#job-manager-badge")).to_be_hidden()


def test_a_page_is_refreshed_by_events_and_nobody_tells_it_while_it_is_hidden(page: Page) -> None:
    with page.expect_response(lambda response: "/api/events?" in response.url and response.ok):
        page.goto("/Job")
    page.evaluate("document.querySelector('#job-rows').dataset.seldom = 1000")  # so that events alone refresh it
    job = {"type": "Import", "name": "Followed", "payload": {"file": "x"}, "executeTime": "2100-01-01T00:00:00Z"}

    page.request.post("/api/Job", data=job, headers={"Sec-Fetch-Site": "same-origin"})

    expect(page.get_by_role("link", name="Followed")).to_be_visible()
    with page.expect_event("requestfailed", lambda request: "/api/events" in request.url):
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.proof)])
def test_no_page_has_a_serious_fault_on_a_telephone(page: Page, theme: str) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # it is one of the two
    job = {"type": LONG_NAME, "executeTime": "2100-01-01T00:00:00Z"}
    made = page.request.post("/api/Job", data=job, headers={"Sec-Fetch-Site": "same-origin"}).json()
    administration = (f"/Job/{made['id']}", "/ScheduledJob", "/modules", "/users", "/AuditRecord", "/Role", "/Role/new")
    for path in ("/", "/Job", "/Job?name=nothing", "/Job/new", *administration):
        page.goto(path)
        look(page, f"narrow-{theme}{path.replace('/', '-').replace('?', '-')}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
