"""Files that nobody reads, and entries that lack what they need."""

from __future__ import annotations

import pytest

from tests.unit.metadata.conftest import Layers


@pytest.mark.parametrize(
    ("path", "key", "near"),
    [
        ("app/jobtypes.json", "app.jobtypes", "app.jobTypes"),
        ("jobTypes.json", "jobTypes", "app.jobTypes"),
        ("App/jobTypes.json", "App.jobTypes", "app.jobTypes"),
        ("app/service.json", "app.service", "app.services"),
        ("twig/filter.json", "twig.filter", "twig.filters"),
        ("entitydefs/Shop.json", "entitydefs.Shop", "entityDefs"),
        ("scope/Shop.json", "scope.Shop", "scopes"),
    ],
)
def test_a_file_in_nearly_the_right_place_is_named(layers: Layers, path: str, key: str, near: str) -> None:
    file = layers.write("A", path, {"X": {}})

    assert layers.load().check() == [
        f"{file}: unknown key '{key}'. Did you mean '{near}'? Folder and name of a file are its key."
    ]


@pytest.mark.parametrize("path", ["app/jobs.json", "app/shop.json", "clientDefs/JobType.json", "shop/jobTypes/X.json"])
def test_a_module_s_own_files_are_its_own_business(layers: Layers, path: str) -> None:
    layers.write("A", path, {"X": {}})

    assert layers.load().check() == []


def test_a_type_without_a_handler_is_said_once(layers: Layers) -> None:
    file = layers.register("A", Empty={}, Erased=None)

    assert layers.load().check() == [f"{file}: app.jobTypes.Empty: it has no handler in any layer"]
