"""Documents judged by the schemas, with lines that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.metadata.judge import SCHEMAS, judge

NAMES = [file.stem for file in sorted(SCHEMAS.glob("*.json"))]


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_schemas(name: str) -> None:
    from jsonschema import Draft202012Validator  # heavy: only this test needs it by itself

    Draft202012Validator.check_schema(json.loads((SCHEMAS / f"{name}.json").read_text()))


def test_a_whole_job_type_is_fine() -> None:
    entry = {
        "handler": "\\A\\Jobs\\X",
        "scheduledJob": True,
        "unique": False,
        "override": True,
        "description": "x",
        "payloadSchema": {"type": "object", "properties": {"id": {"type": "string"}}},
        "priority": 12.5,
        "maxAttempts": 3,
        "backoff": {"type": "exponential", "seconds": 1, "max": 60, "jitter": 0.5},
        "timeout": 0.5,
        "cancelGracePeriod": 0,
        "maxMemory": 512,
        "maxConcurrent": 2,
        "concurrencyKey": "{productId}",
        "maxConcurrentPerKey": 2,
        "rateLimit": "100/minute",
        "uniqueKey": "{productId}",
        "poisonLimit": 2,
        "isolation": "process",
    }

    assert judge({"X": entry}, "jobTypes") == []


@pytest.mark.parametrize("handler", ["\\A\\Jobs\\X", "A\\Jobs\\X", "A.Jobs.X", "A.Jobs.X:X", "\\Atro\\Jobs\\Rebuild"])
def test_the_three_notations_of_a_handler_are_fine(handler: str) -> None:
    assert judge({"X": {"handler": handler}}, "jobTypes") == []


@pytest.mark.parametrize(
    ("key", "value", "path", "expected"),
    [
        ("handler", 3, "handler", "a class: "),
        ("handler", "ExampleJob", "handler", "a class: "),
        ("handler", "A/Jobs/X", "handler", "a class: "),
        ("scheduledJob", "yes", "scheduledJob", "true or false"),
        ("override", 1, "override", "true or false"),
        ("priority", "high", "priority", "a number"),
        ("maxAttempts", 0, "maxAttempts", "a whole number from 1"),
        ("maxAttempts", 1.5, "maxAttempts", "a whole number from 1"),
        ("backoff", [], "backoff", "a list of seconds"),
        ("backoff", [1, -1], "backoff.1", "a number of seconds from 0"),
        ("backoff", {"type": "linear"}, "backoff", "an object with seconds"),
        ("backoff", {"seconds": 1, "type": "random"}, "backoff.type", "one of constant, linear, exponential"),
        ("backoff", {"seconds": 1, "jitter": 2}, "backoff.jitter", "a share from 0 to 1"),
        ("timeout", 0, "timeout", "a number of seconds above 0"),
        ("cancelGracePeriod", -1, "cancelGracePeriod", "a number of seconds from 0"),
        ("maxMemory", 0, "maxMemory", "a number of MiB above 0"),
        ("maxConcurrent", 0, "maxConcurrent", "a whole number from 1"),
        ("concurrencyKey", "", "concurrencyKey", "names of the payload stand in single braces"),
        ("concurrencyKey", "{{ payload.id }}", "concurrencyKey", "names of the payload stand in single braces"),
        ("maxConcurrentPerKey", 0, "maxConcurrentPerKey", "a whole number from 1"),
        ("rateLimit", "many", "rateLimit", "such as 100/minute"),
        ("uniqueKey", [], "uniqueKey", "names of the payload stand in single braces"),
        ("poisonLimit", 0, "poisonLimit", "a whole number from 1"),
        ("isolation", "thread", "isolation", "one of worker, process"),
    ],
)
def test_a_wrong_value_is_named_with_file_path_and_what_it_has_to_be(
    key: str, value: Any, path: str, expected: str
) -> None:
    [line] = judge({"X": {key: value}}, "jobTypes", "some/jobTypes.json", ["app", "jobTypes"])

    assert line.startswith(f"some/jobTypes.json: app.jobTypes.X.{path}: ")
    assert " is not " in line
    assert expected in line


def test_a_payload_schema_that_is_none_is_named() -> None:
    [line] = judge({"X": {"payloadSchema": {"type": "objekt"}}}, "jobTypes", "f", ["app", "jobTypes"])

    assert line.startswith("f: app.jobTypes.X.payloadSchema.type: 'objekt' is not")


def test_what_several_parts_of_a_schema_refuse_is_said_once() -> None:
    assert len(judge({"X": {"payloadSchema": []}}, "jobTypes")) == 1


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"X": {"schedueldJob": True}}, "X: unknown key 'schedueldJob'. Did you mean 'scheduledJob'?"),
        ({"X": {"backoff": {"seconds": 1, "secnods": 1}}}, "X.backoff: unknown key 'secnods'. Did you mean 'seconds'?"),
        ({"X": {"zzz": 1}}, "X: unknown key 'zzz'."),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest(document: Any, line: str) -> None:
    assert judge(document, "jobTypes") == [line]


def test_all_faults_are_said_at_once() -> None:
    assert len(judge({"X": {"a": 1, "b": 1, "unique": 1}, "Y": []}, "jobTypes")) == 4


def test_what_belongs_to_the_merge_is_not_judged() -> None:
    assert judge({"X": None, "Y": {"priority": None, "backoff": ["__APPEND__", 5]}}, "jobTypes") == []


def test_a_long_value_is_shown_in_part() -> None:
    [line] = judge({"X": {"priority": "p" * 1000}}, "jobTypes")

    assert len(line) < 120


def test_a_manifest_is_judged() -> None:
    assert judge({"name": "A", "version": "1.0.0", "loadOrder": 7, "require": ["B"]}, "module") == []
    assert judge({"loadorder": 7, "version": 1.0}, "module", "module.yaml") == [
        "module.yaml: unknown key 'loadorder'. Did you mean 'loadOrder'?",
        "module.yaml: version: 1.0 is not a text: write it in quotes",
    ]


@pytest.mark.parametrize("name", ["entityDefs", "scopes"])
def test_keys_that_only_a_user_interface_knows_are_free(name: str) -> None:
    document = {"iconClass": "x", "acl": {"level": "all"}, "fields": {"a": {"type": "varchar", "view": "views/x"}}}

    assert judge(document, name) == []


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"fields": {"a": {"required": "yes"}}}, 'fields.a.required: "yes" is not true or false'),
        ({"fields": []}, "fields: [] is not an object that has the fields by name"),
        ({"links": {"a": {"entity": 3}}}, "links.a.entity: 3 is not a text"),
        ({"indexes": {"a": {"columns": "name"}}}, 'indexes.a.columns: "name" is not a list of columns'),
        ({"uniqueIndexes": {"a": ["deleted", 3]}}, "uniqueIndexes.a.1: 3 is not the name of a column"),
        ({"fields": {"a": {"min": []}}}, "fields.a.min: [] is not a number, a date or a moment"),
        ({"fields": {"a": {"link": 5}}}, "fields.a.link: 5 is not a text"),
        (
            {"fields": {"a": {"conditionalProperties": {"required": {"conditionGroup": {}}}}}},
            "fields.a.conditionalProperties.required.conditionGroup: {} is not a list of conditions",
        ),
        (
            {"fields": {"a": {"conditionalProperties": {"visible": {"conditionGroup": ["isTrue"]}}}}},
            'fields.a.conditionalProperties.visible.conditionGroup.0: "isTrue" is not a condition, such as '
            '{"type": "isTrue", "attribute": "isActive"}',
        ),
        (
            {"links": {"a": {"midKeys": ["aId"]}}},
            'links.a.midKeys: ["aId"] is not a list of two attributes of the middle entity, this side\'s first',
        ),
        ({"collection": {"textFilterFields": "name"}}, 'collection.textFilterFields: "name" is not a list of texts'),
    ],
)
def test_wrong_types_in_an_entity_are_named(document: Any, line: str) -> None:
    assert judge(document, "entityDefs") == [line]


@pytest.mark.parametrize(
    ("name", "document", "line"),
    [
        ("entityDefs", {"feilds": {}}, "unknown key 'feilds'. Did you mean 'fields'?"),
        (
            "entityDefs",
            {"fields": {"a": {"requird": True}}},
            "fields.a: unknown key 'requird'. Did you mean 'required'?",
        ),
        (
            "entityDefs",
            {"fields": {"a": {"maxLenght": 5}}},
            "fields.a: unknown key 'maxLenght'. Did you mean 'maxLength'?",
        ),
        ("entityDefs", {"links": {"a": {"entitty": "B"}}}, "links.a: unknown key 'entitty'. Did you mean 'entity'?"),
        (
            "entityDefs",
            {"fields": {"a": {"conditionalProperties": {"requird": {}}}}},
            "fields.a.conditionalProperties: unknown key 'requird'. Did you mean 'required'?",
        ),
        ("scopes", {"entitty": True}, "unknown key 'entitty'. Did you mean 'entity'?"),
        ("scopes", {"hasOwnr": True}, "unknown key 'hasOwnr'. Did you mean 'hasOwner'?"),
    ],
)
def test_a_free_key_that_is_nearly_a_known_one_is_named(name: str, document: Any, line: str) -> None:
    assert judge(document, name) == [line]


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("services", {"Cart": 5}, "Cart: 5 is not a class: "),
        ("services", [1], "[1] is not an object that has the services by name"),
        ("twig", {"price": "Shop.Price"}, 'price: "Shop.Price" is not an object with handler'),
        ("twig", {"price": {"handler": 5}}, "price.handler: 5 is not a class: "),
        ("twig", {"price": {"handlr": "Shop.Price"}}, "price: unknown key 'handlr'. Did you mean 'handler'?"),
    ],
)
def test_services_and_handlers_of_templates_are_judged(name: str, document: Any, expected: str) -> None:
    [line] = judge(document, name)

    assert line.startswith(expected)


@pytest.mark.parametrize("group", [[], {"required": None}, {"visible": {"conditionGroup": []}}])
def test_conditional_properties_may_be_empty(group: Any) -> None:
    assert judge({"fields": {"a": {"conditionalProperties": group}}}, "entityDefs") == []


@pytest.mark.parametrize("name", ["Base", "Hierarchy", "Relation", "ReferenceData", "Archive"])
def test_the_types_of_entities(name: str) -> None:
    assert judge({"type": name}, "scopes") == []


def test_an_unknown_type_of_entity_suggests_the_near_one() -> None:
    assert judge({"type": "Hierachy"}, "scopes") == [
        "type: \"Hierachy\" is not one of Base, Hierarchy, Relation, ReferenceData, Archive. Did you mean 'Hierarchy'?"
    ]


def test_wrong_types_in_a_scope_are_named() -> None:
    assert judge({"autoDeleteAfterDays": "21"}, "scopes") == ['autoDeleteAfterDays: "21" is not a whole number of days']
