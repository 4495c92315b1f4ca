"""Versions of modules, and of their migrations."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FILE = re.compile(r"V(0|[1-9]\d*)Dot(0|[1-9]\d*)Dot(0|[1-9]\d*)")
# `1.2.3`, `v1.2`, `1.2.3-beta1`, `1.2.3+build`: what follows the three numbers does not matter to migrations.
_TEXT = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:(?:[-+]|\.?[a-z]).*)?", re.IGNORECASE)


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """`1.2.3`; a later one is greater."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def class_name(self) -> str:
        """The name of the migration's class and file: `V1Dot2Dot3`."""
        return f"V{self.major}Dot{self.minor}Dot{self.patch}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that a person or a manifest writes; raises ValueError for what is none."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no version; write it as 1.2.3.")
        return cls(*(int(number or 0) for number in found.groups()))

    @classmethod
    def of_file(cls, name: str) -> Version | None:
        """The version of a migration by the name of its file, or None where it is none."""
        found = _FILE.fullmatch(name)
        return cls(*map(int, found.groups())) if found else None
