"""An installation with entities of a module, whose rows are outdated and cleared after different times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.application import Application
from core.testing import Installation


def entity(name: str, **scope: Any) -> dict[str, dict[str, Any]]:
    return {
        f"Resources/metadata/entityDefs/{name}.json": {"fields": {"name": {"type": "varchar"}}},
        f"Resources/metadata/scopes/{name}.json": {"entity": True, "type": "Base", **scope},
    }


@pytest.fixture
def installation(installation: Installation) -> Installation:
    notes = entity("Note", autoDeleteAfterDays=30, clearDeletedAfterDays=10)
    at_once = entity("Wisp", clearDeletedAfterDays=0)
    installation.add_module("Notes", {**notes, **entity("Scrap"), **at_once})
    return installation


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    with installation.application() as application:
        yield application
