"""The files `Resources/i18n/<locale>/<Scope>.json` of all layers as one object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.metadata import Layer
from core.metadata.layer import Folder, list_folder
from core.metadata.merge import merge_arrays
from core.metadata.reader import read_layer

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
        problems += [*reading.errors, *reading.problems]
        readings.append(reading.data)
    return merge_arrays({}, *readings)
