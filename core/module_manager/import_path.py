"""The folder `modules/` on Python's import path, and every trace of it taken away at the end."""

from __future__ import annotations

import importlib.util
import keyword
import os
import sys
from collections.abc import Collection
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


class ImportPath:
    """Makes `modules/Example/Jobs/ExampleJob.py` the module `Example.Jobs.ExampleJob`, also without `__init__.py`."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self._inside = self._directory + os.sep
        # Last on the path: a stray `modules/json.py` must not come in the way of Python's own.
        sys.path.append(self._directory)
        self._forget_listings()

    def obstacle(self, name: str) -> str | None:
        """Why a folder of this name cannot be imported as a module, or would come in the way of something else."""
        if keyword.iskeyword(name):
            return f"'{name}' cannot be the name of a Python package: it is a word of the language."
        if not name.isidentifier():
            return f"'{name}' cannot be the name of a Python package; letters, digits and underscores make one."
        if name in sys.stdlib_module_names:
            return f"'{name}' is the name of a module of Python itself."
        spec = find_spec(name)
        if spec is None or all(self._is_inside(place) for place in places_of(spec)):
            return None
        elsewhere = next(place for place in places_of(spec) if not self._is_inside(place))
        return f"'{name}' is also the name of the Python package {elsewhere}."

    def close(self, names: Collection[str]) -> None:
        """Take the folder from the import path, and unload all that came from it, and the packages of these names."""
        # To look at those below the few packages that can be ours is a tenth of looking at all.
        tops = {name for name, module in list(sys.modules.items()) if "." not in name and self._came_from_here(module)}
        below = [(name, module) for name, module in sys.modules.items() if name.partition(".")[0] in tops]
        loaded = [name for name, module in below if self._came_from_here(module)]
        loaded += [name for name in sys.modules if name.partition(".")[0] in names]
        if self._directory in sys.path:
            sys.path.remove(self._directory)
        for name in loaded:
            sys.modules.pop(name, None)
        self._forget_listings()

    def _forget_listings(self) -> None:
        """What Python has noted of these folders; not `invalidate_caches`, after which it lists all packages anew."""
        for path in [path for path in sys.path_importer_cache if self._is_inside(path)]:
            del sys.path_importer_cache[path]

    def _came_from_here(self, module: ModuleType) -> bool:
        spec = getattr(module, "__spec__", None)
        return isinstance(spec, ModuleSpec) and any(self._is_inside(place) for place in places_of(spec))

    def _is_inside(self, place: str) -> bool:
        return place == self._directory or place.startswith(self._inside)


def find_spec(name: str) -> ModuleSpec | None:
    """What `import name` would find."""
    try:
        return importlib.util.find_spec(name)
    except ValueError:  # it was loaded in an unusual way, as `__main__` is
        return ModuleSpec(name, None, origin=f"'{name}' that is loaded already")


def places_of(spec: ModuleSpec) -> list[str]:
    """The file or the folders of a module."""
    if spec.origin is not None:
        return [spec.origin]
    try:
        return [str(place) for place in spec.submodule_search_locations or ()]
    except KeyError:  # the package that it lies in was unloaded
        return []
