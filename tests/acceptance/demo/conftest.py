"""A clone in a folder of its own: the script takes the folder above its own for the clone's."""

from __future__ import annotations

import shutil

import pytest

from core.testing import Installation
from core.testing.installation import REPOSITORY


@pytest.fixture
def clone(installation: Installation) -> Installation:
    (installation.root / "scripts").mkdir()
    shutil.copy(REPOSITORY / "scripts" / "demo.py", installation.root / "scripts")
    (installation.modules / "ExchangeRates").symlink_to(REPOSITORY / "modules" / "ExchangeRates")
    return installation
