"""What is around every page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.panel.conftest import faults_of, log_in


def test_one_logs_in_chooses_language_and_theme_and_logs_out(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")

    page.get_by_text("anna").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_text("anna").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("link", name="Geplante Jobs")).to_be_visible()
    assert faults_of(page) == []

    page.get_by_text("anna").click()
    page.get_by_role("button", name="English").click()
    page.get_by_text("anna").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/login$"))


@pytest.mark.proof
def test_the_keys_are_told_and_lead_to_pages(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def test_reading_needs_no_script(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    log_in(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    expect(page.get_by_role("link", name="Scheduled Jobs")).to_be_visible()
    context.close()
