"""`module.yaml`, what a module says about itself; it may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.exceptions import ModuleError, did_you_mean
from core.metadata.yaml_reader import load_yaml

FILE = "module.yaml"
DEFAULT_LOAD_ORDER = 10


@dataclass(frozen=True)
class Manifest:
    """A manifest that was read; `requires` are ids of modules that have to load before."""

    name: str | None = None
    version: str | None = None
    description: str | None = None
    load_order: int = DEFAULT_LOAD_ORDER
    requires: tuple[str, ...] = ()


def read_manifest(file: Path) -> Manifest:
    """The manifest of a module; MetadataError where it is no YAML, ModuleError with all that is wrong in it."""
    written = (load_yaml(file) if file.exists() else None) or {}
    if not isinstance(written, dict):
        raise ModuleError("A manifest is a mapping: `name: My module`.")
    faults = [fault for key, value in written.items() if (fault := fault_in(key, value))]
    if faults:
        raise ModuleError(" ".join(faults))
    return Manifest(
        written.get("name"),
        written.get("version"),
        written.get("description"),
        written.get("loadOrder", DEFAULT_LOAD_ORDER),
        tuple(written.get("require", ())),
    )


def fault_in(key: str, value: Any) -> str | None:
    """What is wrong with one entry of a manifest."""
    if key in ("name", "version", "description"):
        # 1.10 without quotes is the number 1.1
        return None if isinstance(value, str) else f"'{key}' is to be a text, in quotes, and not {value!r}."
    if key == "loadOrder":
        return None if is_load_order(value) else f"'loadOrder' is to be a whole number, and not {value!r}."
    if key == "require":
        is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if is_list else f"'require' is to be a list of module ids, and not {value!r}."
    known = ("name", "version", "description", "loadOrder", "require")
    return f"A manifest has no '{key}'.{did_you_mean(key, known)}"


def is_load_order(value: Any) -> bool:
    """Whether a value can be a load order."""
    return isinstance(value, int) and not isinstance(value, bool)
