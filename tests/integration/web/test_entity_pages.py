"""Pages of an entity that a module defines, without a line of code, and a page of the module's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.access import Accounts
from core.application import Application
from core.testing import Installation
from tests.integration.web.conftest import PASSWORD

pytestmark = pytest.mark.only_sqlite("pages ask services, which are tested on each database")

PRODUCT = {
    "fields": {
        "name": {"type": "varchar", "required": True},
        "code": {"type": "varchar", "unique": True},
        "price": {"type": "float", "min": 0},
        "stock": {"type": "int"},
        "isNew": {"type": "bool"},
        "state": {"type": "enum", "options": ["draft", "ready"]},
        "tags": {"type": "multiEnum", "options": ["light", "heavy"]},
        "more": {"type": "jsonObject"},
        "secret": {"type": "varchar", "readOnly": True},
        "maker": {"type": "link"},
        "modifiedAt": {"type": "datetime", "readOnly": True},
    },
    "links": {"maker": {"type": "belongsTo", "entity": "Maker", "foreign": "products"}},
    "collection": {"sortBy": "name", "asc": True},
}
MAKER = {
    "fields": {"name": {"type": "varchar", "required": True}},
    "links": {"products": {"type": "hasMany", "entity": "Product", "foreign": "maker"}},
}
SCOPE = {"entity": True, "type": "Base", "tab": True, "acl": True, "object": True}
SALES = """
class Sales:
    def panel_page(self, params):
        return {"total": params.get("year", "none")}
"""
TEMPLATE = (
    '{% extends "base.html" %}{% block title %}{{ page_label }}{% endblock %}'
    "{% block content %}<p>sold: {{ data.total }}</p>{% endblock %}"
)
RESOURCES = "Resources/metadata"


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    files: dict[str, Any] = {
        f"{RESOURCES}/entityDefs/Product.json": PRODUCT,
        f"{RESOURCES}/entityDefs/Maker.json": MAKER,
        f"{RESOURCES}/scopes/Product.json": SCOPE,
        f"{RESOURCES}/scopes/Maker.json": SCOPE,
        f"{RESOURCES}/app/jobTypes.json": {"Sell": {"handler": "\\Shop\\Jobs\\Sell"}},
        f"{RESOURCES}/app/panelPages.json": {
            "sales": {"template": "Shop/sales.html", "service": "Sales", "label": "Sales"}
        },
        f"{RESOURCES}/app/adminPanel.json": {
            "shop": {"label": "Shop", "itemList": [{"url": "/pages/sales", "label": "Sales"}]}
        },
        "Resources/i18n/en_US/Product.json": {"options": {"state": {"ready": "Ready to sell"}}},
        "Services/Sales.py": SALES,
        "templates/sales.html": TEMPLATE,
        "Resources/layouts/Product/filters.json": json.dumps(
            ["code", "price", "stock", "isNew", "state", {"name": "maker"}, "modifiedAt", "more"]
        ),
    }
    installation.add_module("Shop", files)
    with installation.application() as application:
        yield application


def sent(**values: str | list[str]) -> dict[str, str | list[str]]:
    """What a form sends: a box that is not ticked is known by `has.` alone."""
    names = ("name", "price", "isNew", "state", "tags", "more", "makerId")
    return {**{f"has.{name}": "1" for name in names}, **values}


def make(browser: TestClient, scope: str = "Product", **values: str | list[str]) -> str:
    answer = browser.post(f"/{scope}/new", data=sent(**values))
    assert answer.url.path.startswith(f"/{scope}/"), answer.text
    return answer.url.path


def test_a_record_is_made_shown_changed_removed_and_brought_back(browser: TestClient) -> None:
    maker = make(browser, "Maker", name="ACME").split("/")[-1]
    values: dict[str, Any] = {
        "price": "5.5",
        "isNew": "1",
        "state": "ready",
        "tags": ["light", "heavy"],
        "makerId": maker,
    }
    path = make(browser, name="Anvil", more='{"kg": 12}', **values)

    record = browser.get(f"/api{path}").json()
    expected = (5.5, True, ["light", "heavy"], {"kg": 12}, maker)
    assert (record["price"], record["isNew"], record["tags"], record["more"], record["makerId"]) == expected
    page = browser.get(path).text
    assert ("Ready to sell" in page, "ACME" in page, "kg" in page) == (True, True, True)
    assert "Anvil" in browser.get(f"/Maker/{maker}").text

    browser.post(f"{path}/edit", data=sent(name="Hammer", price=""))
    record = browser.get(f"/api{path}").json()
    assert (record["name"], record["price"], record["isNew"], record["tags"]) == ("Hammer", None, False, [])

    assert "Undo" in browser.post(f"{path}/delete").text
    assert browser.get(path).status_code == 404
    browser.post(f"{path}/restore")
    assert browser.get(path).status_code == 200


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(browser: TestClient) -> None:
    answer = browser.post("/Product/new", data=sent(name="Anvil", price="-3"))
    no_json = browser.post("/Product/new", data=sent(name="Anvil", more="{"))

    assert (answer.status_code, no_json.status_code) == (400, 400)
    assert 'id="fault-price"' in answer.text
    assert 'value="Anvil"' in answer.text
    assert "panel-alert-danger" in no_json.text
    assert ">{</textarea>" in no_json.text


def test_what_is_wrong_is_said_in_the_language_of_the_reader(browser: TestClient) -> None:
    browser.headers["Accept-Language"] = "de-DE"

    low = browser.post("/Product/new", data=sent(name="Anvil", price="-3")).text
    no_number = browser.post("/Product/new", data=sent(name="", price="much")).text

    assert "Ist kleiner als 0." in low
    assert "Ist keine Zahl." in no_number


def test_a_number_is_shown_with_all_its_digits(browser: TestClient) -> None:
    path = make(browser, name="Anvil", price="20275.24")

    assert "20275.24" in browser.get(path).text
    assert "1234567.89" in browser.get(make(browser, name="Crane", price="1234567.89")).text


def test_a_value_that_another_record_has_is_refused_in_words_for_people(browser: TestClient) -> None:
    make(browser, name="Anvil", **{"has.code": "1", "code": "A1"})

    answer = browser.post("/Product/new", data=sent(name="Saw", **{"has.code": "1", "code": "A1"}))

    assert answer.status_code == 400
    assert "another record has the same code" in answer.text
    assert "existing_id" not in answer.text
    again = sent(name="Saw", **{"has.code": "1", "code": "A1"})
    german = browser.post("/Product/new", data=again, headers={"Accept-Language": "de-DE"}).text
    assert "Product: Ein anderer Datensatz hat denselben Wert von code." in german


def test_a_change_of_somebody_elses_is_not_overwritten(browser: TestClient) -> None:
    path = make(browser, name="Anvil")
    form = browser.get(f"{path}/edit").text
    seen = re.search(r'name="modifiedAt" value="([^"]+)"', form)[1]
    browser.post(f"{path}/edit", data=sent(name="Hammer"))

    answer = browser.post(f"{path}/edit", data=sent(name="Saw", modifiedAt=seen))

    assert answer.status_code == 409
    assert browser.get(f"/api{path}").json()["name"] == "Hammer"


def test_a_list_is_searched_sorted_and_gone_on_with(browser: TestClient) -> None:
    for number in range(55):
        make(browser, name=f"Thing {number:02}")

    first = browser.get("/Product").text
    rest = browser.get(re.search(r'href="(/Product\?after=[^"]+)"', first)[1].replace("&amp;", "&")).text
    down = browser.get("/Product?sort=name&down=1").text

    assert (first.count("data-href"), rest.count("data-href")) == (50, 5)
    assert down.index("Thing 54") < down.index("Thing 53")
    assert browser.get("/Product?q=thing+07").text.count("data-href") == 1


FILTERS = {
    "filter.code=a": {"Anvil"},
    "filter.price=5.50": {"Anvil"},
    "filter.stock=7": {"Anvil"},
    "filter.stock=8": set(),
    "filter.stock=7.5": {"Anvil", "Saw"},
    "filter.stock=1e30": {"Anvil", "Saw"},
    "filter.isNew=1": {"Anvil"},
    "filter.isNew=0": {"Saw"},
    "filter.state=ready": {"Anvil"},
    "filter.state=ready&filter.isNew=0": set(),
    "filter.modifiedAt=2999-01-01": set(),
    "filter.modifiedAt.until=2999-01-01": {"Anvil", "Saw"},
    "filter.modifiedAt=2020-01-01&filter.modifiedAt.until=2020-01-02": set(),
    # What cannot be is no condition.
    "filter.price=much&filter.state=gone&filter.isNew=x&filter.modifiedAt=soon&filter.more=1": {"Anvil", "Saw"},
}


def test_a_list_is_narrowed_by_what_its_layout_offers(browser: TestClient) -> None:
    maker = make(browser, "Maker", name="ACME").split("/")[-1]
    tools = {
        "Anvil": {"code": "A1", "price": "5.5", "stock": "7", "isNew": "1", "state": "ready", "makerId": maker},
        "Saw": {},
    }
    for name, values in tools.items():
        make(browser, name=name, **{"has.code": "1", "has.stock": "1", **values})

    found = {query: _found(browser, query) for query in [*FILTERS, f"filter.maker={maker}", "filter.maker=nobody"]}

    assert found == {**FILTERS, f"filter.maker={maker}": {"Anvil"}, "filter.maker=nobody": set()}
    page = browser.get(f"/Product?filter.maker={maker}&filter.code=A").text
    assert f'<option value="{maker}" selected>ACME</option>' in page
    assert f"/Product?sort=name&amp;down=1&amp;filter.code=A&amp;filter.maker={maker}" in page
    assert 'value="&#34;&gt;"' in browser.get("/Product?filter.code=%22%3E").text


def _found(browser: TestClient, query: str) -> set[str]:
    return {name for name in ("Anvil", "Saw") if f">{name}<" in browser.get(f"/Product?{query}").text}


def test_a_page_of_a_module_is_a_template_with_what_its_service_answers(browser: TestClient) -> None:
    assert 'href="/pages/sales"' in browser.get("/").text
    assert "sold: 2026" in browser.get("/pages/sales?year=2026").text
    assert browser.get("/pages/nothing").status_code == 404


def test_whoever_may_not_is_refused(browser: TestClient, accounts: Accounts) -> None:
    path = make(browser, name="Anvil")
    accounts.add("nora", PASSWORD)
    browser.post("/logout")
    browser.post("/login", data={"userName": "nora", "password": PASSWORD})

    for address in ("/Product", path, "/Product/new", f"{path}/edit", "/pages/sales", "/User"):
        assert browser.get(address).status_code == 403, address
    for address in ("/Product/new", f"{path}/edit", f"{path}/delete", f"{path}/restore"):
        assert browser.post(address, data=sent(name="x")).status_code == 403, address
    assert browser.get("/UserPassword").status_code == 404
    assert browser.get("/Nothing").status_code == 404


def test_a_handler_that_cannot_be_loaded_is_told_among_the_modules(browser: TestClient) -> None:
    assert "of job type &#39;Sell&#39; cannot be imported" in browser.get("/modules").text
