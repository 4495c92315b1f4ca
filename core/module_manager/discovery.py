"""Where modules are: folders in `modules/`, and installed packages. Nothing of them is loaded here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.module_manager.import_path import find_spec
from core.set_aside import SetAside, reason_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "pyatro.modules"


@dataclass(frozen=True)
class Found:
    """A place where a module is; `package` is what its Python files are imported from."""

    id: str
    package: str
    path: Path


def find_folders(directory: Path) -> list[Found]:
    """The folders in `modules/`, but those named `_...` and `.hidden`; none where there is no such directory."""
    if not directory.is_dir():
        return []
    folders = sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    return [Found(path.name, path.name, path) for path in folders]


def find_packages() -> Iterator[Found | SetAside]:
    """The installed packages that an entry point `<module id> = "<package>"` declares to be a module."""
    if not any(is_group_declared(Path(place)) for place in sys.path):
        return
    from importlib.metadata import entry_points  # takes 50 ms to load: a fifth of what a command may take in all

    for point in entry_points(group=GROUP):
        yield locate(point)


def is_group_declared(place: Path) -> bool:
    """Whether anything installed in a folder of the import path may declare modules."""
    with suppress(OSError):
        return any(GROUP.encode() in file.read_bytes() for file in place.glob("*-info/entry_points.txt"))
    return False


def locate(point: EntryPoint) -> Found | SetAside:
    """Where the package of an entry point is."""
    try:
        spec = find_spec(point.module)
    except Exception as error:  # noqa: BLE001 - finding a subpackage loads the packages around it
        return SetAside(point.name, None, None, f"The package '{point.module}' cannot be loaded: {reason_of(error)}")
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        return SetAside(point.name, None, None, f"There is no package '{point.module}', which its entry point names.")
    return Found(point.name, point.module, Path(places[0]))
