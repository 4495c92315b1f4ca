"""What is known of the events."""

from __future__ import annotations

import pytest

from core.events.contracts import TARGETS, wrong_action, wrong_target


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("Entity", None),
        ("JobEntity", None),
        ("SettingsService", None),
        ("ProductLayout", None),
        ("ExampleGreeter", None),
        ("Entities", None),
        ("importer", None),
        ("Entitiy", "There is no event target 'Entitiy'. Did you mean 'Entity'?"),
        ("Metadat", "There is no event target 'Metadat'. Did you mean 'Metadata'?"),
        ("JobEntitiy", "There is no event target 'JobEntitiy'. Did you mean 'JobEntity'?"),
        ("ProductLayuot", "There is no event target 'ProductLayuot'. Did you mean 'ProductLayout'?"),
    ],
)
def test_a_target_that_is_nearly_a_known_one_is_wrong(name: str, wrong: str | None) -> None:
    assert wrong_target(name) == wrong


@pytest.mark.parametrize(
    ("target", "action", "wrong"),
    [
        ("JobEntity", "before_save", None),
        ("Metadata", "modify", None),
        ("ExampleGreeter", "befor_save", None),
        ("JobEntity", "befor_save", "JobEntity has no event 'befor_save'. Did you mean 'before_save'?"),
        ("Entity", "beforeSave", "Entity has no event 'beforeSave'. Did you mean 'before_save'?"),
        ("Language", "xyz", "Language has no event 'xyz'."),
        ("SettingsService", "after_purge", None),
        (
            "JobService",
            "befor_update_entity",
            "JobService has no event 'befor_update_entity'. Did you mean 'before_update_entity'?",
        ),
        ("ProductService", "before_mass_update", None),
        ("Service", "prepare_entity_for_output", None),
        (
            "ProductService",
            "after_mass_updat",
            "ProductService has no event 'after_mass_updat'. Did you mean 'after_mass_update'?",
        ),
        ("JobLayout", "kanban", None),
        ("JobLayout", "detial", "JobLayout has no event 'detial'. Did you mean 'detail'?"),
    ],
)
def test_an_action_is_wrong_where_its_target_has_no_such_event(target: str, action: str, wrong: str | None) -> None:
    assert wrong_action(target, action) == wrong


def test_every_event_has_a_sentence() -> None:
    assert all(action.meaning.endswith(".") for target in TARGETS.values() for action in target.actions.values())
