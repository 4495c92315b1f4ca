"""The events that core dispatches: every target with its actions, their arguments, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.exceptions import did_you_mean


@dataclass(frozen=True)
class Action:
    """An event of a target: the names of its arguments, and a sentence."""

    arguments: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Target:
    """The actions of a target. An open one has further actions, which its own code dispatches."""

    actions: Mapping[str, Action]
    is_open: bool = False


#: So much alike are a word and its misspelling; other words of a module's own are not.
MISSPELT = 0.8

SAVE = ("entityType", "entity", "options")
RELATE = ("entityType", "entity", "options", "relationName", "relationParams", "relationData", "foreign")
LAYOUT = ("params", "result")

ENTITY = {
    "before_save": Action(SAVE, "A person or code saves an entity; an exception keeps it from being saved."),
    "after_save": Action(SAVE, "An entity was saved, and the save is committed."),
    "before_remove": Action(SAVE, "An entity is about to be removed; an exception keeps it."),
    "after_remove": Action(SAVE, "An entity was removed, and that is committed."),
    "before_relate": Action(RELATE, "Two entities are about to be related; an exception prevents it."),
    "after_relate": Action(RELATE, "Two entities were related, and that is committed."),
    "before_unrelate": Action(RELATE, "A relation is about to end; an exception prevents it."),
    "after_unrelate": Action(RELATE, "A relation was ended, and that is committed."),
}
METADATA = {
    "load_data": Action(("data",), "The metadata of all layers were merged; what a listener sets is cached."),
    "modify": Action(
        ("data",), "The metadata are ready, also from the cache; what a listener sets holds for this process."
    ),
    "after_init": Action(("data",), "All listeners of `modify` are through."),
}
LANGUAGE = {
    "modify": Action(("data", "locale"), "The translations of a locale were merged; a listener may set others.")
}
#: What record services do: the arguments of the `before_...`, what the `after_...` has beside them, and a sentence.
_OF_RECORDS = {
    "create_entity": (("attachment",), ("entity", "result"), "a record is created from `attachment`"),
    "get_entity": (("id",), ("entity",), "a record is looked up, for whatever purpose"),
    "read_entity": (("id",), ("entity", "result"), "a record is read"),
    "update_entity": (("id", "data"), ("entity", "result"), "the attributes of a record in `data` are changed"),
    "delete_entity": (("id", "permanently"), ("entity", "result"), "a record is removed, or deleted for good"),
    "restore_entity": (("id",), ("entity", "result"), "a removed record is brought back"),
    "find_entities": (("params",), ("result",), "records are listed"),
    "find_linked_entities": (("id", "link", "params"), ("result",), "the records that a link leads to are listed"),
    "link_entity": (("id", "link", "foreignId", "data"), ("entity", "result"), "two records are related"),
    "unlink_entity": (("id", "link", "foreignId"), ("entity", "result"), "a relation of two records is ended"),
    "mass_update": (("data", "params"), ("result",), "the attributes of many records in `data` are changed"),
    "mass_delete": (("params",), ("result",), "many records are removed"),
    "mass_restore": (("params",), ("result",), "many removed records are brought back"),
}
_OF_SERVICE = ("entityType", "service")


def _actions_of_records() -> dict[str, Action]:
    actions = {}
    for name, (before, after, what) in _OF_RECORDS.items():
        meaning = f"Before {what}: a listener may change the arguments, or refuse by an exception."
        actions[f"before_{name}"] = Action((*_OF_SERVICE, *before), meaning)
        meaning = f"After {what}; a change is committed then. A listener may set another `{after[-1]}`."
        actions[f"after_{name}"] = Action((*_OF_SERVICE, *before, *after), meaning)
    return actions


SERVICE = {
    **_actions_of_records(),
    "prepare_entity_for_output": Action(
        (*_OF_SERVICE, "entity", "result"),
        "A record goes out as the dict `result`, in which a listener may change what it likes.",
    ),
    "prepare_collection_for_output": Action(
        (*_OF_SERVICE, "collection", "result", "params"),
        "Records go out as the list of dicts `result`; each of them is then prepared by itself.",
    ),
}
LAYOUT_ACTIONS = {
    view: Action(LAYOUT, f"The layout `{view}` of a scope was put together; a listener may change the result.")
    for view in ("list", "list_small", "detail", "detail_small", "relationships")
}

#: `Listeners/<Target>.py`
TARGETS = {
    "Entity": Target(ENTITY),
    "Metadata": Target(METADATA),
    "Language": Target(LANGUAGE),
    "Service": Target(SERVICE, is_open=True),
    "Layout": Target(LAYOUT_ACTIONS, is_open=True),
}
#: `Listeners/<Name><Ending>.py`: the events of one entity, one service, one scope.
ENDINGS = {"Entity": TARGETS["Entity"], "Service": TARGETS["Service"], "Layout": TARGETS["Layout"]}


def find_target(name: str) -> Target | None:
    """The contract of a target, or None for a target of a module's own."""
    return TARGETS.get(name) or next((target for ending, target in ENDINGS.items() if name.endswith(ending)), None)


def wrong_target(name: str) -> str | None:
    """What is wrong with the name of a target that is nearly, but not quite, a known one."""
    if find_target(name) is not None:
        return None
    suggestion = did_you_mean(name, TARGETS, MISSPELT)
    stem, last_word = re.fullmatch(r"(.*?)([A-Z]?[a-z]*)", name, re.DOTALL).groups()  # type: ignore[union-attr]  # fits all
    if not suggestion and stem:
        suggestion = did_you_mean(last_word, ENDINGS, MISSPELT).replace("'", f"'{stem}", 1)
    return f"There is no event target '{name}'.{suggestion}" if suggestion else None


def wrong_action(target: str, action: str) -> str | None:
    """What is wrong with the name of a listener's public method, if the target is known and has no such action."""
    contract = find_target(target)
    if contract is None or action in contract.actions:
        return None
    suggestion = did_you_mean(action, contract.actions, MISSPELT if contract.is_open else 0.6)
    if contract.is_open and not suggestion:
        return None
    return f"{target} has no event '{action}'.{suggestion}"
