"""The cache is used exactly as long as no file has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.exceptions import MetadataError
from core.metadata import CORE, OWN, Layer, Metadata
from tests.unit.metadata.conftest import Layers, date_back

HANDLER = "\\A\\Jobs\\X"


@pytest.fixture
def cached(layers: Layers) -> Layers:
    """Layers of which a tree lies in the cache."""
    layers.register(CORE, X={"handler": HANDLER}, Y={"handler": HANDLER})
    layers.register("A", X={"priority": 1, "prioryti": 2})
    layers.load()
    assert is_from_cache(layers)
    return layers


def is_from_cache(layers: Layers) -> bool:
    """Marks the stored tree, and looks for the mark in what a new process would see."""
    file = layers.cache / "metadata.json"
    if not file.exists():
        return False
    stored = json.loads(file.read_text())
    file.write_text(json.dumps({**stored, "data": {**stored["data"], "mark": {"seen": True}}}))
    return bool(layers.load().get("mark.seen", False))


def test_the_cached_tree_is_the_merged_one(cached: Layers) -> None:
    warm = cached.load()
    (cached.cache / "metadata.json").unlink()
    cold = cached.load()

    warm_tree = {key: value for key, value in warm.get([]).items() if key != "mark"}
    assert json.dumps(warm_tree) == json.dumps(cold.get([]))


def test_overrides_owners_and_problems_come_from_the_cache_as_well(cached: Layers) -> None:
    warm = cached.load()
    (cached.cache / "metadata.json").unlink()
    cold = cached.load()

    assert warm.override_messages() == cold.override_messages() != []
    assert warm.overrides == cold.overrides
    assert warm.problems == cold.problems != []
    assert warm.job_type_owner("X") == cold.job_type_owner("X") == "A"


CHANGES: dict[str, Callable[[Layers], object]] = {
    "content": lambda layers: layers.register("A", X={"priority": 22, "prioryti": 2}),
    "only the time": lambda layers: date_back(layers.root / "A" / "app" / "jobTypes.json", 99),
    "a new file": lambda layers: layers.write("B", "scopes/Product.json", {}),
    "a new directory": lambda layers: (layers.root / CORE / "scopes").mkdir(),
    "a removed file": lambda layers: (layers.root / "A" / "app" / "jobTypes.json").unlink(),
    "own metadata": lambda layers: layers.register(OWN, X={"priority": 3}),
    "the order of the layers": lambda layers: layers.layers.reverse(),
    "one layer less": lambda layers: layers.layers.pop(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen_at_once(cached: Layers, change: Callable[[Layers], object]) -> None:
    change(cached)

    assert cached.load().get("mark.seen") is None


def test_files_beyond_the_layers_count_also_when_they_come_and_go(cached: Layers) -> None:
    modules = cached.root / "modules.json"
    cached.load(cache_key_files=[modules])
    modules.write_text("[]")
    date_back(modules)

    assert cached.load(cache_key_files=[modules]).get("mark.seen") is None


def test_nothing_is_cached_while_a_file_is_young(layers: Layers) -> None:
    file = layers.register("A", X={"handler": HANDLER})
    date_back(file, 1)
    layers.load()
    assert not layers.cache.exists()

    date_back(file, 3)
    layers.load()
    assert is_from_cache(layers)


def test_nothing_is_cached_while_a_file_beyond_the_layers_is_young(layers: Layers) -> None:
    manifest = layers.root / "module.yaml"
    manifest.write_text("name: A")

    layers.load(cache_key_files=[manifest])

    assert not layers.cache.exists()


def test_an_old_cache_stays_unused_beside_a_young_file(cached: Layers) -> None:
    date_back(cached.register("A", X={"priority": 9}), 0)

    assert cached.load().get("app.jobTypes.X.priority") == 9


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '"x"', "[" * 100_000, "\udcff"])
def test_a_corrupt_cache_is_ignored_and_made_anew(cached: Layers, content: str) -> None:
    (cached.cache / "metadata.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    assert cached.load().get("app.jobTypes.X.priority") == 1
    assert is_from_cache(cached)


@pytest.mark.parametrize("key", ["data", "owners", "overrides", "problems"])
@pytest.mark.parametrize("value", [None, 3, "x", [3], [{"type": "X"}]])
def test_a_cache_of_another_shape_is_ignored(cached: Layers, key: str, value: object) -> None:
    file = cached.cache / "metadata.json"
    stored = json.loads(file.read_text())
    file.write_text(json.dumps({**stored, key: value}))

    assert cached.load().get("app.jobTypes.X.priority") == 1


def test_a_cache_that_cannot_be_written_is_no_failure(layers: Layers) -> None:
    layers.cache.write_text("a file where the directory should be")
    layers.register("A", X={"handler": HANDLER})

    assert layers.load().get("app.jobTypes.X.handler") == HANDLER


def test_no_drafts_are_left_beside_the_cache(cached: Layers) -> None:
    assert [file.name for file in cached.cache.iterdir()] == ["metadata.json"]


def test_metadata_that_do_not_fit_together_are_not_cached(layers: Layers) -> None:
    layers.write("A", "scopes/X.json", {"list": [1]})
    layers.write("B", "scopes/X.json", {"list": {"a": 1}})

    for _ in range(2):
        with pytest.raises(MetadataError):
            layers.load()

    assert not layers.cache.exists()


def test_installations_with_one_cache_directory_do_not_take_each_others_tree(tmp_path: Path) -> None:
    for name in ("one", "two", "one"):
        layers = Layers(tmp_path / name, [CORE])
        layers.register(CORE, X={"handler": HANDLER, "description": name})
        metadata = Metadata([Layer(CORE, tmp_path / name / CORE)], tmp_path / "cache")

        assert metadata.get("app.jobTypes.X.description") == name
