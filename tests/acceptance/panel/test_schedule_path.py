"""The path of a person who lets jobs run by themselves, and changes a setting."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.panel.conftest import faults_of


def make_schedule(page: Page, expression: str) -> None:
    page.goto("/ScheduledJob/new?type=Tick")
    page.locator("#field-scheduling").fill(expression)
    page.locator("#field-name").fill("Clockwork")
    active = page.locator("input[type=checkbox][name=isActive]")
    if active.count() and not active.is_checked():
        active.check(force=True)
    page.locator("main form[method=post] button.btn-primary").click()
    page.wait_for_url(re.compile("/ScheduledJob/[0-9a-f-]+$"))


def test_a_schedule_is_made_in_sight_of_its_next_times_and_run_at_once(page: Page) -> None:
    page.goto("/ScheduledJob/new?type=Tick")
    page.locator("#field-scheduling").fill("30 4 * * 1-5")
    expect(page.locator("#cron-preview")).to_contain_text("04:30")
    assert faults_of(page) == []

    make_schedule(page, "30 4 * * 1-5")
    page.get_by_role("button", name="Execute Now").click()
    page.wait_for_url(re.compile("/(Scheduled)?Job/[0-9a-f-]+$"))
    page.goto("/Job?name=Clockwork&status=Success")

    expect(page.get_by_role("link", name="Clockwork").first).to_be_visible()
    page.goto("/ScheduledJob")
    expect(page.get_by_role("link", name="Clockwork")).to_be_visible()
    assert faults_of(page) == []


@pytest.mark.proof
def test_a_schedule_fires_by_itself(page: Page) -> None:
    expect.set_options(timeout=120_000)  # its minute has to come
    make_schedule(page, "* * * * *")
    page.goto("/Job?name=Clockwork&status=Success")

    expect(page.get_by_role("link", name="Clockwork").first).to_be_visible()


def test_a_setting_is_changed_and_the_workers_follow(page: Page) -> None:
    page.goto("/settings")
    page.locator("[name=maxConcurrentWorkers]").fill("9")
    assert faults_of(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto("/workers")

    expect(page.get_by_text("0 at work, 9 free, 9 at most")).to_be_visible()
    assert faults_of(page) == []
