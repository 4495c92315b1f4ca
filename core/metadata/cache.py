"""The merged tree on disk, so that a boot with unchanged files reads one file instead of hundreds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from core import clock
from core.exceptions import MetadataError
from core.metadata.atomic_write import write_atomically
from core.metadata.layer import Folder, Layer, SourceFile, list_folder, look_at
from core.metadata.overrides import Override
from core.metadata.tree import Tree

FILE_NAME = "metadata.json"

#: Within one tick of its file system's clock a file may change again without showing it.
SETTLED_NS = 2_000_000_000

#: This room itself: another version of the reader, the merge or the schemas makes another tree.
_ROOM = Path(__file__).parent


@dataclass(frozen=True)
class CacheKey:
    """The state of all files that a tree depends on; equal states are equal trees."""

    state: str
    newest_ns: int

    @classmethod
    def of(cls, layers: Sequence[tuple[Layer, Folder]], others: Sequence[Path]) -> CacheKey:
        """The layers' files as they were listed, and other files (that need not exist) as they are now."""
        files = [look_at(path) for path in others]
        lines = [_code()]
        for layer, folder in layers:
            lines.append(f"{layer.owner} {layer.directory}")
            lines += [entry.path for entry in folder.entries if isinstance(entry, Folder)]
            files += folder.files()
        return cls("\n".join([*lines, *map(_line, files)]), max((file.modified_ns for file in files), default=0))

    def is_settled(self) -> bool:
        """Whether the files are old enough for their state to tell every later change."""
        return abs(clock.now().timestamp() * 1e9 - self.newest_ns) > SETTLED_NS


@cache
def _code() -> str:
    """Once for a process: it goes on with the code that it has loaded."""
    files = [*map(look_at, sorted(_ROOM.glob("*.py"))), *list_folder(_ROOM / "schemas").files()]
    return "\n".join(map(_line, files))


def _line(file: SourceFile) -> str:
    return f"{file.path} {file.size} {file.modified_ns}"


class MetadataCache:
    """One tree in one file. A cache that cannot be read or written only costs time."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE_NAME

    def load(self, key: CacheKey) -> Tree | None:
        """The tree that was stored under an equal key, else None."""
        try:
            stored = json.loads(self.path.read_bytes())
            if stored["state"] != key.state:
                return None
            overrides = [Override(**{**item, "keys": tuple(item["keys"])}) for item in stored["overrides"]]
            return Tree(dict(stored["data"]), dict(stored["owners"]), overrides, list(stored["problems"]))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def store(self, key: CacheKey, tree: Tree) -> None:
        """Keeps a tree until the next one, unless a file of it is younger than two seconds."""
        if not key.is_settled():
            return
        content = {
            "state": key.state,
            "data": tree.data,
            "owners": tree.owners,
            "overrides": [asdict(override) for override in tree.overrides],
            "problems": tree.problems,
        }
        try:
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        except (TypeError, ValueError) as error:
            raise MetadataError(f"A listener of Metadata.load_data left something that is not JSON: {error}") from error
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, text)
