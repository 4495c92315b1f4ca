"""The folder whose code an installation runs, where it is reached through a link that leads to another one some day."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

_CODE = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Release:
    """The folder `root` as it really is, and the `place` by which it was called: itself, or a link to it."""

    root: Path
    place: Path
    #: Where its folder `data` really is; known also when somebody has taken the release away.
    data: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data = (self.root / "data").resolve()

    def latest(self) -> Release:
        """Where the place leads to now, if that is an installation with the same `data`; otherwise this one."""
        root = self.place.resolve()
        return Release(root, self.place) if (root / "data").resolve() == self.data else self

    def of_code(self, former: Release) -> Path:
        """The folder that `core` lies in, for a process of the former release."""
        return self._own(_CODE, former)

    def of_interpreter(self, former: Release) -> str:
        """The Python for this release, for a process of the former one: it may lie in the release's folder."""
        return str(self._own(Path(sys.executable), former))

    def _own(self, path: Path, former: Release) -> Path:
        if not path.is_relative_to(former.root):
            return path
        own = self.root / path.relative_to(former.root)
        return own if own.exists() else path
