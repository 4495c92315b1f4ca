"""pluggy, told that every public method of a module's class is a hook."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

import pluggy

from core.exceptions import ModuleError, did_you_mean
from core.module_manager.abstract_module import PROJECT, AbstractModule
from core.signature import not_run_by_a_call

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
        for name in self._names():
            if problem := wrong_hook(type(module), name):
                raise ModuleError(problem)
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

    def call(self, module: AbstractModule, name: str, /, **arguments: Any) -> Any:
        """Call one module's hook with those of the arguments that it takes, and answer what it does.

        None where it answers nothing, and where the module does not override it.
        """
        others = [plugin for plugin in self.get_plugins() if plugin is not module]
        return next(iter(self.subset_hook_caller(name, others)(**arguments)), None)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """pluggy's question whether a method is a hook: no mark is needed."""
        return PLAIN if is_own_method(type(plugin), name) else None

    def _names(self) -> list[str]:
        return [name for name in vars(AbstractModule) if not name.startswith("_")]


def wrong_hook(cls: type[Any], name: str) -> str | None:
    """What is wrong with a module's own form of a hook, or None."""
    hook, own = getattr(AbstractModule, name), inspect.getattr_static(cls, name)
    if own is hook:
        return None
    if not isinstance(own, FunctionType | staticmethod | classmethod):
        return f"'{name}' is a {type(own).__name__}, and has to be a method: def {name}(self)."
    function: Any = getattr(own, "__func__", own)
    if problem := not_run_by_a_call(function, name):
        return problem
    known = inspect.signature(hook).parameters.keys() - {"self"}
    for parameter in list(inspect.signature(function).parameters.values())[not isinstance(own, staticmethod) :]:
        is_wanted = parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        if is_wanted and parameter.name not in known:
            hint = did_you_mean(parameter.name, known)
            return f"'{name}' has a parameter '{parameter.name}', which it is not given.{hint}"
    return None


def is_own_method(cls: type[Any], name: str) -> bool:
    """Whether a module's class has a public method of this name other than AbstractModule's."""
    return (
        not name.startswith("_")
        and isinstance(inspect.getattr_static(cls, name, None), FunctionType | staticmethod | classmethod)
        and getattr(cls, name) is not getattr(AbstractModule, name, None)
    )
