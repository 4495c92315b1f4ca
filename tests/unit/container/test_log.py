"""The log file."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.log import LogFile, logger


def test_a_text_that_is_no_utf8_is_logged_by_its_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger, "propagate", False)  # pytest-xdist cannot pass such a text on
    log = LogFile(tmp_path / "atro.log", "WARNING")
    try:
        logger.warning("There is no Product '%s'.", "\ud800")
    finally:
        log.close()

    assert "There is no Product '\\ud800'." in (tmp_path / "atro.log").read_text(encoding="utf-8")
