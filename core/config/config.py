"""The settings of one installation: defaults, under what `data/config.py` says, under what was set but not saved."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any

from core.config import database_url, settings
from core.config.config_file import ConfigFile
from core.config.rewrite import literal
from core.exceptions import ConfigurationError
from core.sentence import Sentence, joined, verbatim

FEWEST_WORKERS = 4
MOST_WORKERS = 50


class Config:
    """Answers with a value for every setting of core, whatever is wrong with the file.

    In the place of a single one that cannot be, the last good one is in force, or else the default. `problem` says what
    is wrong with the file as a whole: then the last good one, or else the defaults, are in force.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problem: Sentence | None = None
        self._file = ConfigFile(root / "data" / "config.py")
        self._written: dict[str, Any] = {}
        self._unsaved: dict[str, Any] = {}
        self._removed: set[str] = set()
        self._values: dict[str, Any] = {}
        self._complaints: list[str] = []
        self._is_read = False
        self._read()

    def get(self, name: str, default: Any = None) -> Any:
        """The setting `logger.level`, say; a missing one or None is the default. A dict or list is a copy."""
        value: Any = self._values
        for key in name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
            if value is None:
                return default
        return copy.deepcopy(value) if isinstance(value, dict | list) else value

    def has(self, name: str) -> bool:
        """Whether the setting has a value other than None."""
        return self.get(name) is not None

    def to_dict(self) -> dict[str, Any]:
        """A copy of all settings, secrets included."""
        return copy.deepcopy(self._values)

    def set(self, name: str | Mapping[str, Any], value: Any = None) -> None:
        """Change a top-level setting, or several as a mapping; `save` writes them to disk.

        Raises ConfigurationError for a part of a setting (`logger.level`) and a value that cannot stand in the file.
        """
        changes = {name: value} if isinstance(name, str) else dict(name)
        for changed, new in changes.items():
            _refuse_part(changed)
            literal(new)
        self._unsaved.update(copy.deepcopy(changes))
        self._removed -= changes.keys()
        self._settle()

    def remove(self, name: str) -> None:
        """Take a top-level setting away, not a part of one; `save` takes it out of the file."""
        _refuse_part(name)
        self._unsaved.pop(name, None)
        self._removed.add(name)
        self._settle()

    def save(self) -> None:
        """Write what was set and removed, and nothing else, into the file.

        Raises ConfigurationError where the file is broken or the old value is an expression; nothing is written then.
        """
        if self._unsaved or self._removed:
            self._file.write(self._unsaved, self._removed)
            self._unsaved, self._removed = {}, set()
            self._read()

    def reload_if_changed(self) -> bool:
        """Take over a changed file; says whether other settings are in force now. Else it costs a `stat`."""
        return self._file.may_have_changed() and self._read()

    def expressions(self, names: Iterable[str]) -> Set[str]:
        """Those of the settings that come from an expression in the file, so that `save` refuses to change them."""
        return self._file.expressions(names)

    def check(self) -> list[str]:
        """Everything that is wrong with the configuration, a sentence each."""
        complaints = [*self._complaints, *settings.misspelt(self._written)]
        complaints += database_url.complaints(self._values["database"])
        complaints += _out_of_range(self._values["maxConcurrentWorkers"], self.max_concurrent_workers)
        complaints += settings.too_many_reserved(self._values["reservedWorkers"], self.max_concurrent_workers)
        return ([self.problem] if self.problem else []) + [f"{self._file.path}: {text}" for text in complaints]

    def fault_of(self, name: str) -> str | None:
        """What is wrong with the value of a single setting; None where nothing is."""
        found = next((text for text in self._complaints if text.startswith(f"{name} is ")), None)
        return None if found is None else f"{self._file.path}: {found}"

    @property
    def max_concurrent_workers(self) -> int:
        """How many jobs run at a time: 4 to 50."""
        workers: int = self._values["maxConcurrentWorkers"]
        return max(FEWEST_WORKERS, min(MOST_WORKERS, workers))

    @property
    def database_url(self) -> str:
        """The address of the database, as SQLAlchemy reads it."""
        return database_url.database_url(self._values["database"], self.root)

    @property
    def is_on_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url.startswith(database_url.SQLITE)

    @property
    def database_dialect(self) -> str:
        """The kind of database: sqlite, postgresql or mariadb."""
        return database_url.dialect_of(self.database_url)

    def _read(self) -> bool:
        try:
            written = self._file.read()
            if written is None and self._is_read:
                raise ConfigurationError(f"{self._file.path} is gone.")
        except ConfigurationError as error:
            self.problem = verbatim(str(error))
            if self._is_read:
                self.problem = joined([self.problem, Sentence("The last good settings stay in force.")])
            self._settle()
            return False
        before = self._values
        self.problem, self._written, self._is_read = None, written or {}, written is not None
        self._settle()
        return self._values != before

    def _settle(self) -> None:
        written = {key: value for key, value in self._written.items() if key not in self._removed}
        self._values, self._complaints = settings.settle({**written, **self._unsaved}, self._values)


def _out_of_range(wanted: int, used: int) -> list[str]:
    range_ = f"a whole number from {FEWEST_WORKERS} to {MOST_WORKERS}"
    return [] if wanted == used else [f"maxConcurrentWorkers is {wanted}, which is not {range_}; {used} is used."]


def _refuse_part(name: str) -> None:
    section, dot, key = name.partition(".")
    if dot:
        raise ConfigurationError(
            f"'{name}' is a part of the setting '{section}', which is set and removed as a whole: "
            f"take config.get('{section}'), change '{key}' in it, and hand it to config.set('{section}', ...)."
        )
