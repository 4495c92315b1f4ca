"""Where an application may be, and what is left of a closed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.application import Application
from core.exceptions import ConfigurationError


def test_a_root_that_is_no_folder_is_named_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for name in ("typo", "file"):
        with pytest.raises(ConfigurationError, match=f"There is no folder {tmp_path / name}"):
            Application(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_root_may_be_empty(tmp_path: Path) -> None:
    with Application(tmp_path) as application:
        assert application.run(["modules"]) == 0
