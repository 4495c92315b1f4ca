"""pluggy, told that every public method of a module's class is a hook."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

import pluggy

from core.exceptions import ModuleError, did_you_mean
from core.module_manager.abstract_module import PROJECT, AbstractModule

#: A hook without pluggy's extras.
PLAIN = pluggy.HookimplOpts(
    wrapper=False, hookwrapper=False, optionalhook=False, tryfirst=False, trylast=False, specname=None
)


class Hooks(pluggy.PluginManager):
    """The hooks of all modules; AbstractModule's methods specify them."""

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self.add_hookspecs(AbstractModule)

    def add(self, module: AbstractModule) -> None:
        """Take a module's methods as hooks; ModuleError for a method or an argument that no hook has."""
        for name in dir(module):
            if is_own_method(type(module), name) and not hasattr(AbstractModule, name):
                raise ModuleError(
                    f"Module has a method '{name}', which is no hook.{did_you_mean(name, self._names())} "
                    "Begin the names of methods of its own with an underscore."
                )
        try:
            self.register(module, module.id)
        except pluggy.PluginValidationError as error:
            raise ModuleError(" ".join(str(error).split())) from error

    def call(self, module: AbstractModule, name: str, **arguments: Any) -> None:
        """Call one module's hook with those of the arguments that it takes; nothing where it does not override it."""
        others = [plugin for plugin in self.get_plugins() if plugin is not module]
        self.subset_hook_caller(name, others)(**arguments)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """pluggy's question whether a method is a hook: no mark is needed."""
        return PLAIN if is_own_method(type(plugin), name) else None

    def _names(self) -> list[str]:
        return [name for name in vars(AbstractModule) if not name.startswith("_")]


def is_own_method(cls: type[Any], name: str) -> bool:
    """Whether a module's class has a public method of this name other than AbstractModule's."""
    return (
        not name.startswith("_")
        and isinstance(inspect.getattr_static(cls, name, None), FunctionType | staticmethod | classmethod)
        and getattr(cls, name) is not getattr(AbstractModule, name, None)
    )
