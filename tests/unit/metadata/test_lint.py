"""Files that nobody reads, and entries that lack what they need."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.metadata.conftest import Layers


@pytest.mark.parametrize(
    ("path", "key", "near"),
    [
        ("app/jobtypes.json", "app.jobtypes", "app.jobTypes"),
        ("jobTypes.json", "jobTypes", "app.jobTypes"),
        ("App/jobTypes.json", "App.jobTypes", "app.jobTypes"),
        ("app/service.json", "app.service", "app.services"),
        ("twig/filter.json", "twig.filter", "twig.filters"),
        ("entitydefs/Shop.json", "entitydefs.Shop", "entityDefs"),
        ("scope/Shop.json", "scope.Shop", "scopes"),
    ],
)
def test_a_file_in_nearly_the_right_place_is_named(layers: Layers, path: str, key: str, near: str) -> None:
    file = layers.write("A", path, {"X": {}})

    assert layers.load().check() == [
        f"{file}: unknown key '{key}'. Did you mean '{near}'? Folder and name of a file are its key."
    ]


@pytest.mark.parametrize("path", ["app/jobs.json", "app/shop.json", "clientDefs/JobType.json", "shop/jobTypes/X.json"])
def test_a_module_s_own_files_are_its_own_business(layers: Layers, path: str) -> None:
    layers.write("A", path, {"X": {}})

    assert layers.load().check() == []


def test_files_of_core_are_judged_where_all_is_asked_for(layers: Layers) -> None:
    layers.register("core", Odd={"handler": 7})
    layers.register("A", Odder={"handler": 8})

    metadata = layers.load()

    assert [text.partition(": ")[2].split(":")[0] for text in metadata.problems] == ["app.jobTypes.Odder.handler"]
    assert len(metadata.check()) == 2


def test_a_type_without_a_handler_is_said_once(layers: Layers) -> None:
    file = layers.register("A", Empty={}, Erased=None)

    assert layers.load().check() == [f"{file}: app.jobTypes.Empty: it has no handler in any layer"]


def test_a_limit_for_keys_without_a_key_is_said(layers: Layers) -> None:
    handler = {"handler": "A.Jobs.X"}
    file = layers.register("A", One={**handler, "maxConcurrentPerKey": 2}, Two={**handler, "maxConcurrentPerKey": 2})
    layers.register("B", Two={"concurrencyKey": "{id}"})

    assert layers.load().check() == [
        f"{file}: app.jobTypes.One.maxConcurrentPerKey: it has no concurrencyKey in any layer, and so limits nothing"
    ]


def test_a_schedule_that_cannot_be_is_said_before_it_is_planted(layers: Layers) -> None:
    layers.register("A", Sync={"handler": "A.Jobs.Sync", "scheduledJob": True}, Part={"handler": "A.Jobs.Part"})
    schedules = {
        "Good": {"type": "Sync", "scheduling": "0 2 * * *", "timeZone": "Europe/Berlin"},
        "Misspelt": {"type": "Snc", "scheduling": "0 2 * * *"},
        "Part": {"type": "Part", "scheduling": "0 2 * * *"},
        "Never": {"type": "Sync", "scheduling": "0 0 31 2 *"},
    }
    file = layers.write("A", "app/scheduledJobs.json", schedules)

    misspelt, part, never = layers.load().check()

    assert misspelt.startswith(f"{file}: app.scheduledJobs.Misspelt: the job type 'Snc' cannot be scheduled. Did you")
    assert part == f"{file}: app.scheduledJobs.Part: the job type 'Part' cannot be scheduled."
    assert never.startswith(f"{file}: app.scheduledJobs.Never: Wrong crontab configuration '0 0 31 2 *': ")


def test_a_schedule_may_come_in_layers_and_leave_out_what_has_a_default(layers: Layers) -> None:
    layers.register("A", Sync={"handler": "A.Jobs.Sync", "scheduledJob": True})
    layers.write("A", "app/scheduledJobs.json", {"Nightly": {"type": "Sync"}})
    layers.write("B", "app/scheduledJobs.json", {"Nightly": {"isActive": True}})

    assert layers.load().check() == []


def test_a_schedule_without_a_type_is_said(layers: Layers) -> None:
    file = layers.write("A", "app/scheduledJobs.json", {"Nightly": {"scheduling": "0 2 * * *"}})

    assert layers.load().check() == [f"{file}: app.scheduledJobs.Nightly: it has no type in any layer"]


UNUSABLE = {
    "a place that is none": ({"$ref": "#/nope"}, "the $ref '#/nope' leads nowhere"),
    "an address": ({"properties": {"a": {"$ref": "http://127.0.0.1:9/a.json"}}}, "a.json' leads nowhere"),
    "no address": ({"$ref": "http://["}, "leads nowhere"),
    "a text": ({"$ref": "#/title", "title": "A"}, "leads nowhere"),
    "itself": ({"$ref": "#"}, "a $ref leads back to itself"),
    "what no form knows": ({"$ref": "#/x-a", "x-a": {"type": "frob"}}, "UnknownType: Unknown type 'frob'"),
    "pattern": ({"properties": {"a": {"pattern": "("}}}, "the pattern '(' is no regular expression: missing )"),
    "key": ({"patternProperties": {"(": {}}}, "the pattern '(' is no regular expression"),
    "older dialect": ({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a"}, "nowhere"),
    "dialect": ({"$schema": "urn:mine"}, "$schema 'urn:mine' is no dialect of JSON Schema"),
}


@pytest.mark.parametrize(("schema", "fault"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_payload_schema_that_cannot_be_used_is_told(layers: Layers, schema: Any, fault: str) -> None:
    file = layers.register("A", X={"handler": "\\A\\Jobs\\X", "payloadSchema": schema})

    [problem] = layers.load().problems

    assert problem.startswith(f"{file}: app.jobTypes.X.payloadSchema: ")
    assert fault in problem


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"$ref": {"type": "string"}, "pattern": {"const": {"$ref": "#/x"}}}},
        {"properties": {"children": {"items": {"$ref": "#"}}}},
        {"$ref": "#price", "$defs": {"price": {"$anchor": "price", "type": "object"}}},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
    ],
)
def test_a_payload_schema_whose_references_lead_into_itself_is_fine(layers: Layers, schema: Any) -> None:
    layers.register("A", X={"handler": "\\A\\Jobs\\X", "payloadSchema": schema})

    assert layers.load().problems == []
