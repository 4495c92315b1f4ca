"""`shop`: one installation for all tests that bring no code of their own; `open_shop`: one for a test with its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from core.testing import Installation
from tests.database_kinds import parametrize_kinds
from tests.databases import SQLITE, Servers
from tests.integration.services.shop import FILES, Shop

OpenShop = Callable[..., Shop]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """See `parametrize_kinds`."""
    parametrize_kinds(metafunc, "shop_kind")


@pytest.fixture(scope="session")
def shared_shop(shop_kind: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("services")
    with servers.new_database(shop_kind, folder) as url:
        installation = Installation(folder / "installation", None if shop_kind == SQLITE else url)
        installation.add_module("SharedShop", FILES)  # it stays open while other tests have a `Shop`
        with installation.application() as application:
            yield Shop(application)


@pytest.fixture
def shop(shared_shop: Shop) -> Shop:
    """On each kind of database. Its records stay for the session: a test looks at its own."""
    return shared_shop


@pytest.fixture
def open_shop(installation: Installation) -> Iterator[OpenShop]:
    """Opens an installation whose module has more files than the shop: `open_shop({"Listeners/Entity.py": ...})`."""
    with ExitStack() as stack:

        def open_it(files: dict[str, str | dict[str, Any]]) -> Shop:
            # Not named as the one of `shop`, whose application may be open in this process.
            installation.add_module("Market", {**FILES, **files})
            return Shop(stack.enter_context(installation.application()))

        yield open_it
