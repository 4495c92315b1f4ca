"""What a process remembers."""

from __future__ import annotations

from core.memory_storage import MemoryStorage


def test_values_are_kept_by_key_until_they_are_deleted() -> None:
    storage = MemoryStorage()
    storage.set("a", 1)
    storage.set("b", None)

    assert (storage.get("a"), storage.get("c"), storage.has("b"), storage.has("c")) == (1, None, True, False)
    assert storage.get_keys() == ["a", "b"]

    storage.delete("a")
    storage.delete("a")
    assert storage.get_keys() == ["b"]

    storage.clear()
    assert storage.get_keys() == []
