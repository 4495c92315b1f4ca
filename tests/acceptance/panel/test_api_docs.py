"""The document of the API, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.proof
def test_the_document_is_read_and_tried_out_without_another_machine(page: Page) -> None:
    page.goto("/api-docs")
    page.locator("#operations-tag-JobNode").click()
    operation = page.locator("#operations-JobNode-listJobNode")
    operation.locator(".opblock-summary-control").click()

    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
