"""The files `Resources/i18n/<locale>/<Scope>.json` of all layers as one object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.metadata import Layer
from core.metadata.layer import Folder, list_folder
from core.metadata.merge import merge_arrays
from core.metadata.reader import Reading, read_layer

#: The locale that has every text.
BASE_LOCALE = "en_US"


def read_translations(layers: Sequence[Layer], locales: Sequence[str], problems: list[str]) -> dict[str, Any]:
    """The layers of each locale on top of each other, then the locales; what is wrong goes into `problems`."""
    last_first = dict.fromkeys(reversed(locales))
    merged: dict[str, Any] = merge_arrays({}, *(_read(layers, locale, problems) for locale in reversed(last_first)))
    return merged


def locales_of(layers: Sequence[Layer]) -> list[str]:
    """The locales that any layer has a directory for."""
    entries = [entry for layer in layers for entry in list_folder(layer.directory).entries]
    return sorted({entry.name for entry in entries if isinstance(entry, Folder)})


def _read(layers: Sequence[Layer], locale: str, problems: list[str]) -> Any:
    readings = []
    for layer in layers:
        directory = layer.directory / locale
        reading = read_layer(Layer(layer.owner, directory), list_folder(directory, depth=0), unset_by_scope=True)
        problems += [*reading.errors, *reading.problems, *_no_texts(reading)]
        readings.append(reading.data)
    return merge_arrays({}, *readings)


def _no_texts(reading: Reading) -> Iterator[str]:
    """Numbers, and texts without a name, where texts should stand; with their file."""
    for scope, categories in reading.data.items():
        file = reading.file_of([scope])
        for category, texts in categories.items() if isinstance(categories, dict) else ():
            if isinstance(texts, str):
                yield f"{file}: {category}: it has to be an object of texts by their names"
            for path, value in _leaves(texts, category):
                if isinstance(value, bool | int | float):
                    yield f"{file}: {path}: {value!r} is not a text"


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield path, value
        return
    for key, item in value.items():
        yield from _leaves(item, f"{path}.{key}")
