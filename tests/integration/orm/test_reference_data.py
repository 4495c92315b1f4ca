"""Entities that stand in a JSON file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.exceptions import BadRequest, Conflict, Error, NotFound, NotUnique
from tests.integration.orm.conftest import DataLayer

FIELDS = {
    "code": {"type": "varchar", "required": True, "unique": True},
    "name": {"type": "varchar"},
    "decimals": {"type": "int", "min": 0},
    "symbols": {"type": "array"},
}


@pytest.fixture
def currencies(data: DataLayer) -> DataLayer:
    data.define("Currency", FIELDS, {"type": "ReferenceData"})
    data.define(
        "Price",
        {"name": {"type": "varchar"}, "currency": {"type": "link"}},
        links={"currency": {"type": "belongsTo", "entity": "Currency"}},
    )
    return data


def make(data: DataLayer, code: str, **values: Any) -> Any:
    currency = data.entities.get_entity("Currency")
    currency.set({"code": code, **values})
    data.entities.save_entity(currency)
    return currency


def content(data: DataLayer) -> Any:
    return json.loads((data.root / "data/reference-data/Currency.json").read_text())


def test_a_record_is_kept_by_its_code(currencies: DataLayer) -> None:
    euro = make(currencies, "EUR", name="Euro", decimals=2, symbols=["€"])

    item = content(currencies)["EUR"]
    assert (item["id"], item["name"], item["symbols"]) == (euro.id, "Euro", ["€"])
    found = currencies.entities.get_entity("Currency", euro.id)
    assert found is not None
    assert found.to_dict() == euro.to_dict()


def test_records_are_found_as_in_a_table(currencies: DataLayer) -> None:
    for code, decimals in (("EUR", 2), ("JPY", 0), ("TND", 3)):
        make(currencies, code, decimals=decimals)
    repository = currencies.entities.get_repository("Currency")

    found = repository.where({"decimals>": 0}).order("decimals", "DESC").find()
    assert [each.get("code") for each in found] == ["TND", "EUR"]
    assert repository.count() == 3


def test_a_file_of_a_person_is_read_and_its_changes_are_seen(currencies: DataLayer) -> None:
    currencies.write("data/reference-data/Currency.json", {"CHF": {"name": "Franken", "note": "kept"}})
    repository = currencies.entities.get_repository("Currency")
    franken = repository.where({"code": "CHF"}).find_one()
    assert (franken.id, franken.get("name")) == ("CHF", "Franken")

    franken.set("decimals", 2)
    currencies.entities.save_entity(franken)
    assert content(currencies)["CHF"]["note"] == "kept"
    currencies.write("data/reference-data/Currency.json", {"SEK": {"name": "Krona"}})
    assert [each.get("name") for each in repository.find()] == ["Krona"]


def test_a_removed_record_is_gone(currencies: DataLayer) -> None:
    euro = make(currencies, "EUR")

    currencies.entities.remove_entity(euro)

    assert content(currencies) == {}
    assert currencies.entities.get_repository("Currency").restore(euro.id) is False
    make(currencies, "EUR")


def test_a_link_leads_into_the_file(currencies: DataLayer) -> None:
    euro = make(currencies, "EUR", name="Euro")
    price = currencies.entities.get_entity("Price")
    price.set({"name": "low", "currencyId": euro.id})
    currencies.entities.save_entity(price)

    assert (price.get("currency").get("code"), price.get("currencyName")) == ("EUR", "Euro")


def test_no_condition_looks_into_the_file_from_outside(currencies: DataLayer) -> None:
    prices = currencies.entities.get_repository("Price")

    with pytest.raises(BadRequest, match=r"'currency\.code': the link 'currency' leads to or from reference data"):
        prices.where({"currency.code": "EUR"}).find()
    with pytest.raises(BadRequest, match="leads to or from reference data"):
        prices.order("currencyName")


def test_rules_hold(currencies: DataLayer) -> None:
    euro = make(currencies, "EUR", decimals=2)
    before = content(currencies)

    with pytest.raises(NotUnique, match="another record has the same code"):
        make(currencies, "EUR")
    with pytest.raises(BadRequest, match="decimals = -1 is less than 0"):
        make(currencies, "XXX", decimals=-1)
    other = currencies.entities.get_entity("Currency", euro.id)
    assert other is not None
    other.set("name", "first")
    assert content(currencies) == before
    currencies.entities.save_entity(other)
    euro.set("name", "second")
    with pytest.raises(Conflict):
        currencies.entities.save_entity(euro, {"check_version": True})
    currencies.entities.remove_entity(other)
    with pytest.raises(NotFound):
        currencies.entities.save_entity(euro)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", r"Currency\.json cannot be read"),
        ("[1]", "has to hold an object with one object for each code"),
        ('{"EUR": {"decimals": "two"}}', r"Currency\.json: EUR\.decimals = 'two' is not a whole number"),
    ],
)
def test_a_broken_file_is_told_and_kept(currencies: DataLayer, text: str, what: str) -> None:
    currencies.write("data/reference-data/Currency.json", text)

    with pytest.raises(Error, match=what):
        currencies.entities.get_repository("Currency").find()
    with pytest.raises(Error, match=what):
        make(currencies, "JPY")
    assert (currencies.root / "data/reference-data/Currency.json").read_text() == text
