"""The container's `layoutManager`."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.events import Event, EventManager
from core.exceptions import Error, MetadataError, NotFound, did_you_mean
from core.layouts.default_layout import default_layout
from core.layouts.layout_file import layouts_in, read_layout
from core.layouts.layout_kind import kind_of
from core.layouts.merge import merge_layouts
from core.layouts.scope_fields import read_scope_fields
from core.log import logger
from core.metadata import Metadata
from core.set_aside import reason_of

#: So much alike are a word and its misspelling; a layout may also name a field of a module that is not there.
_MISSPELT = 0.8
_NAME = re.compile(r"[A-Za-z_]\w*")

#: A module's hook `load_layouts`: from scope, layout and what there is of it to what goes on.
Change = Callable[[str, str, Any], Any]


@dataclass(frozen=True)
class LayoutLayer:
    """The folder `Resources/layouts` of core or of a module, and what the module does before its file is added."""

    owner: str
    directory: Path
    change: Change | None = None


class LayoutManager:
    """Answers what a list or form of a scope shows. `own` is the installation's folder, whose layouts replace all."""

    def __init__(
        self, layers: Sequence[LayoutLayer], own: Path, metadata: Metadata, event_manager: EventManager
    ) -> None:
        self._layers = list(layers)
        self._own = own
        self._metadata = metadata
        self._event_manager = event_manager

    def get(
        self, scope: str, view_type: str, *, related_entity: str | None = None, related_link: str | None = None
    ) -> list[Any]:
        """The layout `list`, `detail`, `relationships` ... of a scope; listeners may change it (AtroCore, section 8.4).

        The file of the installation, else those of core and modules, added to each other, else a default one; without
        fields that the scope does not have. Where it is shown within another record, listeners hear that one's entity
        and link. A broken file counts for nothing, with a warning in the log. Raises NotFound for an unknown scope.
        """
        self._refuse_unknown(scope, view_type)
        problems: list[str] = []
        layout, is_custom = self._read(scope, view_type, problems)
        for problem in problems:
            logger.warning("%s", problem)
        params = {
            "scope": scope,
            "viewType": view_type,
            "relatedEntity": related_entity,
            "relatedLink": related_link,
            "isCustom": is_custom,
        }
        return self._told(scope, view_type, self._with_known_names(scope, view_type, layout), params)

    def check(self) -> list[str]:
        """Everything that is wrong with the files of all layouts, and with the modules' hooks for them."""
        problems: list[str] = []
        found = [(layer, scope, view) for layer in self._all_layers() for scope, view in layouts_in(layer.directory)]
        for layer, scope, view_type in found:
            problems += self._problems_of(layer, scope, view_type)
        for scope, view_type in sorted({(scope, view_type) for _, scope, view_type in found}):
            self._merged(scope, view_type, problems)
        return list(dict.fromkeys(problems))

    def _read(self, scope: str, view_type: str, problems: list[str]) -> tuple[list[Any], bool]:
        """The layout, with all names, and whether it is the installation's own."""
        own = _read_or_tell(self._own, scope, view_type, problems)
        if own is not None:
            return own, True
        merged = self._merged(scope, view_type, problems)
        if merged is not None:
            return merged, False
        fields = read_scope_fields(self._metadata, scope)
        return ([] if fields is None else default_layout(view_type, fields)), False

    def _merged(self, scope: str, view_type: str, problems: list[str]) -> list[Any] | None:
        """What core and modules say together; None where they say nothing."""
        layout: Any = None
        for layer in self._layers:
            layout = _changed(layer, scope, view_type, layout, problems)
            own = _read_or_tell(layer.directory, scope, view_type, problems)
            if own is not None:
                layout = own if layout is None else merge_layouts(layout, own)
        return layout  # type: ignore[no-any-return]  # a list, as `_changed` and `read_layout` see to

    def _with_known_names(self, scope: str, view_type: str, layout: list[Any]) -> list[Any]:
        kind, fields = kind_of(view_type), read_scope_fields(self._metadata, scope)
        if kind is None or fields is None:
            return layout
        return kind.keep(layout, kind.known(fields).__contains__)

    def _told(self, scope: str, view_type: str, layout: list[Any], params: dict[str, Any]) -> list[Any]:
        action = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", view_type).lower()
        event = Event({"params": params, "result": layout})
        for target in (f"{scope}Layout", "Layout"):
            if self._event_manager.has_listeners(target, action):
                self._event_manager.dispatch(target, action, event)
        result = event.get_argument("result")
        if not isinstance(result, list):
            raise Error(f"A listener of {scope}Layout.{action} set the result {result!r}; a layout is a list.")
        return result

    def _problems_of(self, layer: LayoutLayer, scope: str, view_type: str) -> Iterator[str]:
        file = layer.directory / scope / f"{view_type}.json"
        fields = read_scope_fields(self._metadata, scope)
        if fields is None and (hint := did_you_mean(scope, self._scopes(), _MISSPELT)) and scope not in self._scopes():
            yield f"{file}: there is no scope '{scope}'.{hint}"
        try:
            layout = read_layout(layer.directory, scope, view_type)
        except MetadataError as error:
            yield from str(error).splitlines()
            return
        kind = kind_of(view_type)
        if layout is None or kind is None or fields is None:
            return
        known = kind.known(fields)
        for name in kind.names(layout):
            if name not in known and (hint := did_you_mean(name, known, _MISSPELT)):
                yield f"{file}: {scope} has no '{name}'.{hint}"

    def _refuse_unknown(self, scope: str, view_type: str) -> None:
        known = self._scopes()
        if scope not in known:
            raise NotFound(f"There is no scope '{scope}'.{did_you_mean(scope, known)}")
        if not _NAME.fullmatch(view_type):
            raise NotFound(f"There is no layout '{view_type}'.")

    def _scopes(self) -> list[str]:
        sections = [self._metadata.get(section) for section in ("scopes", "entityDefs")]
        return [name for section in sections if isinstance(section, dict) for name in section if _NAME.fullmatch(name)]

    def _all_layers(self) -> list[LayoutLayer]:
        return [*self._layers, LayoutLayer("data/layouts", self._own)]


def _read_or_tell(directory: Path, scope: str, view_type: str, problems: list[str]) -> list[Any] | None:
    try:
        return read_layout(directory, scope, view_type)
    except MetadataError as error:
        problems += str(error).splitlines()
        return None


def _changed(layer: LayoutLayer, scope: str, view_type: str, layout: Any, problems: list[str]) -> Any:
    """What a module's hook makes of a layout; the hook gets a copy, so that one that fails has changed nothing."""
    if layer.change is None:
        return layout
    before = [] if layout is None else layout
    try:
        after = layer.change(scope, view_type, copy.deepcopy(before))
    except Exception as error:  # noqa: BLE001 - a module's code may raise anything
        problems.append(f"{layer.owner}: load_layouts() failed for {scope}/{view_type}: {reason_of(error)}")
        return layout
    if not isinstance(after, list):
        problems.append(f"{layer.owner}: load_layouts() answers {after!r} for {scope}/{view_type}; a layout is a list.")
        return layout
    return layout if after == before else after
