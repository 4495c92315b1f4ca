"""Which modules are found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.modules.conftest import AddModule, Load

Package = Path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """An installed package `acme_shop` that says it is the module `Shop`."""
    site = tmp_path / "site-packages"
    (site / "acme_shop" / "Jobs").mkdir(parents=True)
    (site / "acme_shop" / "__init__.py").touch()
    (site / "acme_shop" / "module.yaml").write_text('version: "2.0"')
    (site / "acme_shop-2.0.dist-info").mkdir()
    (site / "acme_shop-2.0.dist-info" / "METADATA").write_text("Name: acme-shop\nVersion: 2.0\n")
    (site / "acme_shop-2.0.dist-info" / "entry_points.txt").write_text("[pyatro.modules]\nShop = acme_shop\n")
    monkeypatch.syspath_prepend(site)
    return site


def test_a_root_without_modules_has_none(load: Load) -> None:
    assert load().modules == []


def test_folders_are_modules_but_hidden_and_private_ones_and_files_are_not(add_module: AddModule, load: Load) -> None:
    for name in ("Shop", "_draft", ".git", "__pycache__"):
        add_module(name)
    (add_module("Empty").parent / "README.md").touch()

    assert [module.id for module in load().modules] == ["Empty", "Shop"]


def test_a_module_without_a_manifest_has_defaults(add_module: AddModule, load: Load) -> None:
    path = add_module("Shop")

    [module] = load().modules

    assert (module.name, module.version, module.description) == ("Shop", None, None)
    assert (module.load_order, module.requires, module.package, module.path) == (10, (), "Shop", path)


def test_a_manifest_describes_its_module(add_module: AddModule, load: Load) -> None:
    add_module("Base")
    add_module("Shop", name="My shop", version="1.2", description="Sells.", loadOrder=77, require=["Base"])

    shop = load().modules[-1]

    assert (shop.name, shop.version, shop.description) == ("My shop", "1.2", "Sells.")
    assert (shop.load_order, shop.requires) == (77, ("Base",))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("my-shop", "'my-shop' cannot be the name of a Python package"),
        ("class", "'class' cannot be the name of a Python package"),
        ("json", "'json' is the name of a module of Python itself."),
        ("core", "'core' is also the name of the Python package "),
        ("yaml", "'yaml' is also the name of the Python package "),
        ("tests", "'tests' is also the name of the Python package "),
    ],
)
def test_a_folder_whose_name_is_taken_is_set_aside(add_module: AddModule, load: Load, name: str, reason: str) -> None:
    path = add_module(name)

    manager = load()

    assert manager.modules == []
    assert manager.set_aside[0].reason.startswith(reason)
    assert (manager.set_aside[0].module, manager.set_aside[0].file) == (name, path)


def test_closing_leaves_a_package_alone_whose_name_a_folder_wanted(add_module: AddModule, load: Load) -> None:
    import yaml

    add_module("yaml")

    load().close()

    assert sys.modules["yaml"] is yaml


def test_an_installed_package_is_a_module(package: Package, load: Load) -> None:
    [module] = load().modules

    assert (module.id, module.package, module.version) == ("Shop", "acme_shop", "2.0")
    assert module.path == package / "acme_shop"


def test_a_folder_of_the_same_id_wins_over_a_package_with_a_warning(
    package: Package, add_module: AddModule, load: Load
) -> None:
    path = add_module("Shop")

    manager = load()

    assert [module.path for module in manager.modules] == [path]
    assert manager.warnings == [
        f"There are two modules 'Shop': {path} is used, {package / 'acme_shop'} is not.",
    ]


def test_an_entry_point_without_its_package_is_set_aside(package: Package, load: Load) -> None:
    (package / "acme_shop-2.0.dist-info" / "entry_points.txt").write_text("[pyatro.modules]\nShop = gone.shop\n")

    manager = load()

    assert manager.modules == []
    assert str(manager.set_aside[0]) == (
        "The package 'gone.shop' cannot be loaded: ModuleNotFoundError: No module named 'gone'"
    )
