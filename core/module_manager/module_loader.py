"""From a place where a module is to the loaded module, or to the reason why it cannot be one."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from core.exceptions import MetadataError, ModuleError
from core.module_manager.abstract_module import AbstractModule
from core.module_manager.discovery import Found
from core.module_manager.hooks import Hooks
from core.module_manager.manifest import FILE, is_load_order, read_manifest
from core.module_manager.module import Module
from core.set_aside import SetAside, set_aside


def load_module(found: Found, hooks: Hooks) -> Module | SetAside:
    """Load manifest and `Module.py`, both of which may be missing, and take the module's hooks."""
    file = found.path / FILE
    try:
        manifest = read_manifest(file)
        file = found.path / "Module.py"
        instance = module_class(found, file)(found.id, found.path, manifest)
        hooks.add(instance)
        return Module(found.id, found.package, found.path, manifest, load_order(instance), instance)
    except MetadataError as error:
        return yaml_fault(found.id, file, str(error))
    except ModuleError as error:
        return SetAside(found.id, file, None, str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module's code may raise anything
        return set_aside(found.id, found.path, file, error)


def module_class(found: Found, file: Path) -> type[AbstractModule]:
    """The class `Module` of `Module.py`; AbstractModule where there is no such file."""
    if not file.exists():
        return AbstractModule
    cls = getattr(importlib.import_module(f"{found.package}.Module"), "Module", None)
    if not (isinstance(cls, type) and issubclass(cls, AbstractModule)):
        raise ModuleError("The file has no class Module(AbstractModule).")
    return cls


def load_order(instance: AbstractModule) -> int:
    """What the module says its load order is."""
    answer = instance.get_load_order()
    if not is_load_order(answer):
        raise ModuleError(f"get_load_order() answers {answer!r}, which is not a whole number.")
    return answer


def yaml_fault(module_id: str, file: Path, message: str) -> SetAside:
    """The report of a broken manifest, whose message begins with the file and perhaps the line."""
    match = re.fullmatch(rf"{re.escape(str(file))}(?::(\d+))?: (.*)", message, re.DOTALL)
    line, reason = match.groups() if match else (None, message)
    return SetAside(module_id, file, int(line) if line else None, reason)
