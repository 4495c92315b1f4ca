"""The modules of one installation, from finding them to unloading them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.container import Container
from core.exceptions import ModuleError
from core.module_manager.discovery import Found, find_folders, find_packages
from core.module_manager.hooks import Hooks
from core.module_manager.import_path import ImportPath
from core.module_manager.load_order import as_listed, in_order, lacking, read_list
from core.module_manager.manifest import FILE
from core.module_manager.module import Module
from core.module_manager.module_loader import load_module
from core.set_aside import SetAside, in_one_line, set_aside


class ModuleManager:
    """Finds the modules of a root and brings them into load order; one that cannot be loaded is set aside.

    Raises ModuleError for a wrong `data/modules.json`, and where it is strict also for all that was set aside.
    """

    def __init__(self, root: Path, strict: bool = False) -> None:
        self.modules: list[Module] = []
        self.set_aside: list[SetAside] = []
        self.warnings: list[str] = []
        self._strict = strict
        self._hooks = Hooks()
        self._packages: set[str] = set()
        self._import_path = ImportPath(root.resolve() / "modules")
        try:
            self._find_modules(root.resolve())
        except BaseException:
            self.close()
            raise

    def load(self, container: Container) -> None:
        """Call `on_load` of each module, in load order.

        A module that fails in it is set aside, and so are those that require it. What of them was read before, such as
        their listeners, stays.
        """
        for module in list(self.modules):
            if fault := self._call_on_load(module, container):
                self.modules.remove(module)
                self.set_aside.append(fault)
        self._complain_if_strict()

    def change_layout(self, module: Module, scope: str, name: str, data: list[Any]) -> Any:
        """What a module's hook `load_layouts` makes of a layout; `data`, perhaps changed, where it answers nothing."""
        answer = self._hooks.call(module.instance, "load_layouts", scope=scope, name=name, data=data)
        return data if answer is None else answer

    def close(self) -> None:
        """Unload the modules: their folder leaves the import path, and their code memory."""
        self.modules.clear()
        self._import_path.close(self._packages)

    def _call_on_load(self, module: Module, container: Container) -> SetAside | None:
        if unmet := lacking({each.id: each for each in self.modules}, self._broken_ids()).get(module.id):
            return SetAside(module.id, module.path / FILE, None, unmet)
        try:
            self._hooks.call(module.instance, "on_load", container=container)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module's code may raise anything
            return set_aside(module.id, module.path, module.path / "Module.py", error)
        return None

    def _find_modules(self, root: Path) -> None:
        file = root / "data" / "modules.json"
        found = self._find_places(root / "modules")
        listed = read_list(file, found.keys() | {item.module for item in self.set_aside})
        if listed is not None:
            found = {module_id: place for module_id, place in found.items() if module_id in listed}
            self.set_aside = [item for item in self.set_aside if item.module in listed]
        loaded = [load_module(place, self._hooks) for place in found.values()]
        self.set_aside += [item for item in loaded if isinstance(item, SetAside)]
        modules = [item for item in loaded if isinstance(item, Module)]
        broken_ids = self._broken_ids()
        ordered = in_order(modules, broken_ids) if listed is None else as_listed(modules, listed, file, broken_ids)
        self.modules = ordered[0]
        self.set_aside += ordered[1]
        self._complain_if_strict()

    def _broken_ids(self) -> set[str]:
        return {item.module for item in self.set_aside}

    def _find_places(self, directory: Path) -> dict[str, Found]:
        places: dict[str, Found] = {}
        for folder in find_folders(directory):
            if reason := self._import_path.obstacle(folder.package):
                name, path = in_one_line(folder.id), Path(in_one_line(str(folder.path)))
                self.set_aside.append(SetAside(name, path, None, in_one_line(reason)))
            else:
                places[folder.id] = folder
                self._packages.add(folder.package)
        for package in find_packages():
            if isinstance(package, SetAside):
                self.set_aside.append(package)
            elif former := places.setdefault(package.id, package):
                self._warn_of_twins(former, package)
        return places

    def _warn_of_twins(self, used: Found, other: Found) -> None:
        if used is not other:
            self.warnings.append(f"There are two modules '{used.id}': {used.path} is used, {other.path} is not.")

    def _complain_if_strict(self) -> None:
        if self._strict and self.set_aside:
            raise ModuleError("\n".join(f"The module '{item.module}' is set aside: {item}" for item in self.set_aside))
