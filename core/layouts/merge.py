"""How a module's layout comes to that of core and of the modules before it: as AtroCore merges them (section 1.2)."""

from __future__ import annotations

from typing import Any


def merge_layouts(base: Any, overlay: Any) -> Any:
    """Items of lists are added at the end; objects are merged key by key, and two values of one key become a list."""
    if isinstance(base, list) and isinstance(overlay, list):
        return [*base, *overlay]
    if isinstance(base, dict) and isinstance(overlay, dict):
        merged = dict(base)
        for key, value in overlay.items():
            merged[key] = merge_layouts(merged[key], value) if key in merged else value
        return merged
    return [*_as_list(base), *_as_list(overlay)]


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value in ({}, None) else [value]
