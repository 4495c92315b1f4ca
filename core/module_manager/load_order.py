"""In which order modules load: by load order, then id, and never before what they require."""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from core.exceptions import ModuleError, did_you_mean
from core.module_manager.manifest import FILE
from core.module_manager.module import Module
from core.set_aside import SetAside


def in_order(modules: Collection[Module], broken_ids: Collection[str] = ()) -> tuple[list[Module], list[SetAside]]:
    """The modules that can load, in load order, and those that cannot: what they require is missing, or needs them.

    `broken_ids` are the modules that are set aside already.
    """
    left: dict[str, Module] = {module.id: module for module in modules}
    set_aside: list[SetAside] = []
    while broken := lacking(left, {*broken_ids, *(item.module for item in set_aside)}) or circular(left):
        set_aside += [SetAside(name, left.pop(name).path / FILE, None, reason) for name, reason in broken.items()]
    return sort(left), set_aside


def as_listed(
    modules: Collection[Module], listed: Sequence[str], file: Path, broken_ids: Collection[str] = ()
) -> tuple[list[Module], list[SetAside]]:
    """The modules in the order of `data/modules.json`, and those whose requirements could not be loaded.

    Raises ModuleError where the list puts a module before one that it requires, or does not have that at all.
    """
    for module in modules:
        for required in module.requires:
            if required not in listed[: listed.index(module.id)]:
                fault = f"puts '{module.id}' before '{required}'" if required in listed else f"lacks '{required}'"
                raise ModuleError(f"{file} {fault}, which '{module.id}' requires.")
    left, set_aside = in_order(modules, broken_ids)
    return sorted(left, key=lambda module: listed.index(module.id)), set_aside


def read_list(file: Path, known: Collection[str]) -> list[str] | None:
    """The ids in `data/modules.json`, or None where there is no such file; ModuleError for a broken one."""
    try:
        listed = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModuleError(f"{file} cannot be read: {error}.") from error
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise ModuleError(f'{file} is to be a list of module ids: ["Example", "Shop"].')
    for position, module_id in enumerate(listed):
        if module_id not in known:
            raise ModuleError(f"{file} lists '{module_id}', which is not there.{did_you_mean(module_id, known)}")
        if module_id in listed[:position]:
            raise ModuleError(f"{file} lists '{module_id}' twice.")
    return listed


def lacking(left: Mapping[str, Module], broken_ids: Collection[str]) -> dict[str, str]:
    """The modules that require one which is not among them, with the reason."""
    return {
        module.id: f"It requires '{required}', which {absence(module, required, left, broken_ids)}"
        for module in left.values()
        for required in module.requires
        if required not in left
    }


def absence(module: Module, required: str, left: Mapping[str, Module], broken_ids: Collection[str]) -> str:
    """Why a required module is not among those that can load."""
    if required in broken_ids:
        return "is set aside."
    return f"is not there.{did_you_mean(required, (left.keys() | broken_ids) - {module.id})}"


def circular(left: Mapping[str, Module]) -> dict[str, str]:
    """The modules of one circle of requirements, with the reason."""
    try:
        TopologicalSorter({module.id: module.requires for module in left.values()}).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]  # a module stands before what it requires
        return dict.fromkeys(circle, f"Modules require each other: {' -> '.join(circle)}.")
    return {}


def sort(modules: Mapping[str, Module]) -> list[Module]:
    """All modules, each after what it requires, else by load order and id."""
    graph = TopologicalSorter({module.id: module.requires for module in modules.values()})
    graph.prepare()
    ordered: list[Module] = []
    ready: list[tuple[int, str]] = []
    while graph.is_active():
        for module_id in graph.get_ready():
            heapq.heappush(ready, (modules[module_id].load_order, module_id))
        _, first = heapq.heappop(ready)
        ordered.append(modules[first])
        graph.done(first)
    return ordered
