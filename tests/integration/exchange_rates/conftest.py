"""An installation with the module ExchangeRates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.application import Application
from core.testing import Installation
from core.testing.installation import REPOSITORY


@pytest.fixture
def installation(installation: Installation) -> Installation:
    (installation.modules / "ExchangeRates").symlink_to(REPOSITORY / "modules" / "ExchangeRates")
    return installation


@pytest.fixture
def application(installation: Installation) -> Iterator[Application]:
    with installation.application() as application:
        yield application
