"""Classes by the names that metadata know them by."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from core.exceptions import ClassReferenceError
from core.set_aside import place_in, reason_of

#: AtroCore's root namespace.
ATRO = "Atro"


def load_class(reference: str) -> type[Any]:
    r"""The class behind `\Example\Jobs\ExampleJob`, `Example.Jobs.ExampleJob` or `Example.Jobs.ExampleJob:ExampleJob`.

    The first two name a file and in it the class of the same name; `\Atro\` is core. Raises ClassReferenceError, of
    kind "import" ("cannot be imported: <file>, line <n>: ...") or "class" ("is not a class").
    """
    module_name, class_name = split(reference)
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (Exception, SystemExit) as error:  # the file may be a module's, and raise anything
        reason = f"{_place(module_name, error)}{reason_of(error)}"
        raise ClassReferenceError(f"cannot be imported: {reason}", "import") from error
    if not isinstance(found, type):
        raise ClassReferenceError("is not a class", "class")
    return found


def _place(module_name: str, error: BaseException) -> str:
    """`/srv/pyatro/modules/Shop/Jobs/X.py, line 3: ` where the error was raised in the package, else nothing."""
    package = sys.modules.get(module_name.partition(".")[0])
    for directory in getattr(package, "__path__", ()):
        if found := place_in(Path(directory), error):
            return "{}, line {}: ".format(*found)
    return ""


def split(reference: str) -> tuple[str, str]:
    """The names of the Python module and of the class in it."""
    module_name, colon, class_name = reference.partition(":")
    if colon:
        return module_name, class_name
    parts = reference.lstrip("\\").split("\\") if "\\" in reference else reference.split(".")
    if "\\" in reference and parts[0] == ATRO:
        parts[0] = "core"
    return ".".join(parts), parts[-1]
