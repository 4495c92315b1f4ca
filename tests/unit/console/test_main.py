"""`python -m core <root> <words>`, as far as it goes before an application is there."""

from pathlib import Path

import pytest

from core.__main__ import main


@pytest.mark.parametrize("argv", [[], [""], ["/no/such/folder", "list"]])
def test_without_an_installation_the_usage_is_shown(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: python -m core <root> <words>")


def test_a_file_is_no_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()

    assert main([str(tmp_path / "file"), "list"]) == 2
