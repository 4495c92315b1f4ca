"""A job type that is registered twice is told, by whom and what."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from core.metadata import CORE, OWN, Layer, Metadata
from tests.unit.metadata.conftest import Layers

CORE_HANDLER = "\\Atro\\Jobs\\Rebuild"
A_HANDLER = "\\A\\Jobs\\Rebuild"
B_HANDLER = "\\B\\Jobs\\Rebuild"


def warnings(metadata: Metadata) -> list[str]:
    return [text for level, text in metadata.override_messages() if level == logging.WARNING]


def test_distinct_types_override_nothing(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    layers.register("A", Import={"handler": A_HANDLER})

    assert layers.load().overrides == []


def test_a_module_over_core_is_a_warning_with_owners_keys_and_handlers(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER, "unique": True})
    file = layers.register("A", Rebuild={"handler": A_HANDLER, "scheduledJob": True})

    assert warnings(layers.load()) == [
        "module 'A' overrides the job type 'Rebuild' of core "
        f"(keys: handler, scheduledJob; handler: {CORE_HANDLER} -> {A_HANDLER}) in {file}. "
        'If it is meant, write "override": true into the entry.'
    ]


def test_one_changed_key_is_a_warning_without_handlers(layers: Layers) -> None:
    layers.register("A", Import={"handler": A_HANDLER})
    layers.register("B", Import={"priority": 7})

    [warning] = warnings(layers.load())

    assert "module 'B' overrides the job type 'Import' of module 'A' (keys: priority)" in warning


def test_a_declared_override_is_an_info_line(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    layers.register("A", Rebuild={"handler": A_HANDLER, "override": True})

    [(level, text)] = layers.load().override_messages()

    assert level == logging.INFO
    assert "module 'A' overrides the job type 'Rebuild' of core (keys: handler; handler:" in text


@pytest.mark.parametrize("entry", [{}, {"override": True}, {"override": False}, {"handler": CORE_HANDLER}])
def test_an_override_that_changes_nothing_is_named(layers: Layers, entry: dict[str, object]) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    layers.register("A", Rebuild=entry)

    [override] = layers.load().overrides

    assert (override.type, override.owner, override.overridden_owner) == ("Rebuild", "A", CORE)
    assert override.handler_before == override.handler_after == CORE_HANDLER


def test_three_layers_name_each_step(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    layers.register("A", Rebuild={"handler": A_HANDLER})
    layers.register("B", Rebuild={"handler": B_HANDLER})

    metadata = layers.load()

    assert [(each.overridden_owner, each.owner) for each in metadata.overrides] == [(CORE, "A"), ("A", "B")]
    assert [(each.handler_before, each.handler_after) for each in metadata.overrides] == [
        (CORE_HANDLER, A_HANDLER),
        (A_HANDLER, B_HANDLER),
    ]
    assert metadata.job_type_owner("Rebuild") == "B"


def test_a_declaration_holds_for_its_own_layer_only(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    layers.register("A", Rebuild={"handler": A_HANDLER, "override": True})
    layers.register("B", Rebuild={"handler": B_HANDLER})

    assert [override.declared for override in layers.load().overrides] == [True, False]


def test_own_metadata_are_the_last_layer_and_are_told(layers: Layers) -> None:
    layers.register("A", Import={"handler": A_HANDLER})
    layers.register(OWN, Import={"priority": 1})

    [warning] = warnings(layers.load())

    assert "data/metadata overrides the job type 'Import' of module 'A' (keys: priority)" in warning


def test_of_modules_with_equal_load_order_the_later_in_the_list_overrides(tmp_path: Path) -> None:
    layers = Layers(tmp_path, [CORE, "B", "A"])
    layers.register("A", Import={"handler": A_HANDLER})
    layers.register("B", Import={"handler": B_HANDLER})

    [override] = layers.load().overrides

    assert (override.owner, override.overridden_owner) == ("A", "B")


def test_a_type_that_is_erased_is_told(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    layers.register("A", Rebuild=None)

    [warning] = warnings(layers.load())

    assert f"(keys: none; handler: {CORE_HANDLER} -> none)" in warning


@pytest.mark.parametrize("content", ["[]", "[1]"])
def test_a_layer_that_takes_all_job_types_away_is_told_for_each(layers: Layers, content: str) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER}, ClearEntities={"handler": CORE_HANDLER})
    layers.write("A", "app.json", f'{{"jobTypes": {content}}}')

    assert [override.type for override in layers.load().overrides] == ["Rebuild", "ClearEntities"]


def test_yaml_and_json_override_each_other(layers: Layers) -> None:
    layers.register(CORE, Rebuild={"handler": CORE_HANDLER})
    file = layers.write("A", "app/jobTypes.yaml", "Rebuild:\n  unique: true\n")

    [override] = layers.load().overrides

    assert override.keys == ("unique",)
    assert override.file == str(file)


def test_the_owner_of_an_unknown_type_is_nobody(layers: Layers) -> None:
    assert layers.load().job_type_owner("Missing") is None


def test_a_module_may_override_a_job_type_of_core_itself(tmp_path: Path) -> None:
    core = Path(__file__).parents[3] / "core" / "Resources" / "metadata"
    layers = Layers(tmp_path, ["A"])
    layers.register("A", ClearEntities={"handler": "\\A\\Jobs\\ClearEntities"})

    metadata = Metadata([Layer(CORE, core), *layers.layers], tmp_path / "cache")

    assert metadata.get("app.jobTypes.ClearEntities.handler") == "\\A\\Jobs\\ClearEntities"
    assert metadata.get("app.jobTypes.ClearEntities.scheduledJob") is True
    assert len(warnings(metadata)) == 1
