"""`render`: fills a template with the language that every installation has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.config import Config
from core.metadata import Metadata
from core.templating import Twig

Render = Callable[..., Any]


@pytest.fixture(scope="session")
def plain_twig(tmp_path_factory: pytest.TempPathFactory) -> Twig:
    root = tmp_path_factory.mktemp("twig")
    return Twig(Metadata([], root / "cache"), Config(root), lambda reference: None)


@pytest.fixture
def render(plain_twig: Twig) -> Render:
    """Renders a template with the values of keywords; raises what `Twig.render` raises."""
    return lambda template, **values: plain_twig.render(template, values)
