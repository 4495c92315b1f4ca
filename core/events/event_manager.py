"""Who listens to what, and telling them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

from core.events.contracts import wrong_target
from core.events.event import Event
from core.events.listener_file import ListenerFile, actions_of
from core.exceptions import EventError, did_you_mean
from core.log import logger
from core.set_aside import SetAside, set_aside

Build = Callable[[type[Any]], Any]


@dataclass
class Listener:
    """A loaded listener; its one instance is made when it is first told something."""

    file: ListenerFile
    cls: type[Any]
    build: Build

    @cached_property
    def instance(self) -> Any:
        return self.build(self.cls)

    def tell(self, action: str, event: Event) -> None:
        """Call the method; what it raises says in a note where it comes from."""
        try:
            getattr(self.instance, action)(event)
        except BaseException as error:
            error.add_note(f"raised by {self.file.import_name}.{action} (module {self.file.owner})")
            raise


class EventManager:
    """Finds listeners by their files and tells them of events, core's first, then the modules' in load order.

    A file is loaded when its target is first asked about. One that cannot be loaded, or does not fit the contract of
    its target, is set aside with a warning, or raises EventError where the manager is strict.
    """

    def __init__(self, build: Build, *, strict: bool = False) -> None:
        self.set_aside: list[SetAside] = []
        self._build = build
        self._strict = strict
        self._lock = RLock()
        self._files: dict[str, list[ListenerFile]] = defaultdict(list)
        self._entity_files: list[ListenerFile] = []
        self._listeners: dict[tuple[str, str], list[Listener]] = defaultdict(list)

    def add_directory(self, owner: str, path: Path, package: str) -> None:
        """Take the files of a `Listeners` folder, importable as `package`; a missing folder has none.

        Files named `Abstract...` and `_...` are no listeners.
        """
        for file in sorted(path.glob("*.py")):
            if file.name.startswith(("Abstract", "_")):
                continue
            if problem := wrong_target(file.stem):  # judged now: nobody would ever ask about such a target
                self._put_aside(SetAside(owner, file, None, problem))
            else:
                self._add(ListenerFile(owner, file, f"{package}.{file.stem}"))

    def has_listeners(self, target: str, action: str) -> bool:
        """Whether anybody listens; after the first question about a target the cost of a look into a dict."""
        if target in self._files:
            self._load(target)
        return (target, action) in self._listeners

    def dispatch(self, target: str | Event, action: str, event: Event | None = None) -> Event:
        """Tell all listeners, and answer the event; what a listener raises keeps those after it from being told.

        AtroCore's second form, `dispatch(event, "Target.action")`, means the same. EventError for what is neither.
        """
        if not isinstance(target, str):
            return self.dispatch(*_in_first_form(target, action, event))
        event = event or Event()
        if self.has_listeners(target, action):
            for listener in self._listeners[target, action]:
                listener.tell(action, event)
        return event

    def wrong_entities(self, known: Collection[str]) -> list[str]:
        """Complaints about listeners of entities that are none of the known ones; nobody would ever tell them."""
        return [
            f"{file.path}: there is no entity '{name}' to listen to.{did_you_mean(name, known)}"
            for file in self._entity_files
            if (name := file.target.removesuffix("Entity")) not in known
        ]

    def check(self) -> list[SetAside]:
        """Load every listener, and answer all that are set aside."""
        for target in list(self._files):
            self._load(target)
        return self.set_aside

    def _add(self, file: ListenerFile) -> None:
        self._files[file.target].append(file)
        if file.target.endswith("Entity") and file.target != "Entity":
            self._entity_files.append(file)

    def _load(self, target: str) -> None:
        with self._lock:
            files = self._files.get(target, [])
            while files:
                self._register(files.pop(0))
            self._files.pop(target, None)  # last: until then other threads come here, and wait

    def _register(self, file: ListenerFile) -> None:
        try:
            cls = file.load()
        except EventError as error:
            self._put_aside(SetAside(file.owner, file.path, None, str(error)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module's file may raise anything while it is loaded
            self._put_aside(set_aside(file.owner, file.path.parent.parent, file.path, error))
        else:
            listener = Listener(file, cls, self._build)
            for action in actions_of(cls):
                self._listeners[file.target, action].append(listener)

    def _put_aside(self, item: SetAside) -> None:
        if self._strict:
            raise EventError(str(item))
        self.set_aside.append(item)
        logger.warning("A listener of the module '%s' is set aside: %s", item.module, item)


def _in_first_form(event: Any, name: Any, more: Any) -> tuple[str, str, Event]:
    target, dot, action = name.partition(".") if isinstance(name, str) else ("", "", "")
    if not isinstance(event, Event) or not dot or more is not None:
        raise EventError(
            f"dispatch() got {event!r}, {name!r}; it takes target, action and Event, or an Event and 'Target.action'."
        )
    return target, action, event
