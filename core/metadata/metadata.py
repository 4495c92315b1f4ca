"""The metadata of one installation."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from core.events import Event, EventManager
from core.exceptions import MetadataError
from core.metadata.cache import CacheKey, MetadataCache
from core.metadata.definitions import complete
from core.metadata.layer import CORE, OWN, Layer, list_folder
from core.metadata.merge import merge_arrays
from core.metadata.overrides import Override
from core.metadata.own_metadata import OwnMetadata
from core.metadata.tree import Tree, build_tree
from core.metadata.value_path import KeyPath, as_keys, remove_at, value_at
from core.set_aside import place_in, reason_of


class _MetadataEvent(Event):
    def set_argument(self, name: str, value: Any) -> Self:
        """Refuses what are no metadata where a listener sets them, so that the error names it."""
        return super().set_argument(name, _checked(value) if name == "data" else value)


class Metadata:
    """What core, the modules and the installation declare, merged in this order; what comes later wins.

    Entities have by convention more than they declare: see `core.metadata.definitions`.
    `cache_key_files` are files beyond the layers' that decide on the result: `modules.json`, the modules' manifests.
    Raises MetadataError, with all faults, where contents do not fit together, and where a listener fails, by its name.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        cache_directory: Path,
        event_manager: EventManager | None = None,
        cache_key_files: Sequence[Path] = (),
    ) -> None:
        self._layers = list(layers)
        self._cache = MetadataCache(cache_directory)
        self._cache_key_files = list(cache_key_files)
        self._event_manager = event_manager
        own = next((layer.directory for layer in layers if layer.owner == OWN), None)
        self._own = OwnMetadata(own)
        self.reload()

    def reload(self) -> None:
        """Look at the files again; unsaved changes are seen no more, but `save` still writes them."""
        self._tree = self._load()
        self._data = self._dispatch("modify", self._tree.data)
        if self._has_listeners("modify"):
            self._data = complete(self._data)
        self._data = self._dispatch("after_init", self._data)

    def get(self, key: KeyPath, default: Any = None) -> Any:
        """The value at `"app.jobTypes.X"` or `["app", "jobTypes", "X"]`; the default where it is missing or null.

        It is the tree's own: copy it before you change it.
        """
        value = value_at(self._data, as_keys(key))
        return default if value is None else value

    def set(self, section: str, name: str, data: dict[str, Any]) -> None:
        """Merge `data` into own metadata; seen at once, kept by `save`. MetadataError for what is no object of JSON."""
        data = self._own.set(section, name, data)
        self._change(section, name, merge_arrays(self.get([section, name], {}), data))

    def delete(self, section: str, name: str, paths: Sequence[KeyPath]) -> None:
        """Take keys (`["fields.color"]`) out of own metadata.

        They are gone at once; after `save` they are as the layers beneath say.
        """
        self._own.delete(section, name, paths)
        content = copy.deepcopy(self.get([section, name]))
        if content is None:
            return
        for path in paths:
            remove_at(content, as_keys(path))
        self._change(section, name, content)

    def save(self) -> None:
        """Write own metadata to `data/metadata/<section>/<Name>.json` and merge everything anew."""
        self._own.save()
        self.reload()

    def check(self) -> list[str]:
        """Everything that is wrong with the files as they are now, those of core included, judged without the cache."""
        tree = build_tree([(layer, list_folder(layer.directory)) for layer in self._layers], with_core=True)
        return [*tree.errors, *tree.problems]

    @property
    def problems(self) -> list[str]:
        """What is wrong but lets the rest work: broken files, what a schema refuses, unknown keys."""
        return self._tree.problems

    @property
    def overrides(self) -> list[Override]:
        """Each time that a layer names a job type of an earlier one, in the order of the layers."""
        return self._tree.overrides

    def override_messages(self) -> list[tuple[int, str]]:
        """A level of `logging` and a line for each override: INFO for a declared one, else WARNING."""
        return [override.message() for override in self._tree.overrides]

    def job_type_owner(self, job_type: str) -> str | None:
        """The last layer that named the job type: `core`, a module's id or `data/metadata`."""
        return self._tree.owners.get(job_type)

    def _load(self) -> Tree:
        folders = [(layer, list_folder(layer.directory)) for layer in self._layers]
        key = CacheKey.of(folders, self._cache_key_files)
        if tree := self._cache.load(key):
            return tree
        tree = build_tree(folders)
        if tree.errors:
            raise MetadataError("\n".join(tree.errors))
        tree.data = complete(self._dispatch("load_data", tree.data))
        self._cache.store(key, tree)
        return tree

    def _dispatch(self, action: str, data: dict[str, Any]) -> dict[str, Any]:
        if self._event_manager is None or not self._has_listeners(action):
            return data
        event = _MetadataEvent({"data": data})
        try:
            self._event_manager.dispatch("Metadata", action, event)
            return _checked(event.get_argument("data"))
        except (Exception, SystemExit) as error:
            who = ", ".join(getattr(error, "__notes__", ())) or f"by a listener of Metadata.{action}"
            text = f"The metadata cannot be had: {reason_of(error)} ({who})"
            raise MetadataError(f"{self._place_of(error)}{text}") from error

    def _place_of(self, error: BaseException) -> str:
        """File and line of the module's code that raised an error, as the beginning of a sentence."""
        modules = [layer.directory.parents[1] for layer in self._layers if layer.owner not in (CORE, OWN)]
        places = [place for module in modules if (place := place_in(module, error)) is not None]
        return f"{places[-1][0]}, line {places[-1][1]}: " if places else ""

    def _has_listeners(self, action: str) -> bool:
        return self._event_manager is not None and self._event_manager.has_listeners("Metadata", action)

    def _change(self, section: str, name: str, content: Any) -> None:
        self._data = complete({**self._data, section: {**self._data.get(section, {}), name: content}})


def _checked(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise TypeError(f"'data' is to be a dict, not {data!r:.100}")
    return data
