"""What is written where, and in which colour."""

import io
import json

import pytest

from core.terminal import output
from core.terminal.table import cut, flat, width, write_table


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_there_is_no_colour_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    output.success("done")

    assert capsys.readouterr().out == "done\n"


def test_there_is_colour_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)

    output.success("done")

    assert terminal.getvalue() == "\033[0;32mdone\033[0m\n"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_may_want_no_colour(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv(name, value)

    output.success("done")

    assert terminal.getvalue() == "done\n"


def test_errors_and_warnings_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    output.error("wrong")
    output.warning("look")

    assert capsys.readouterr() == ("", "wrong\nlook\n")


def test_json_is_one_document_with_readable_letters(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_json({"name": "Käse", "jobs": []})

    text = capsys.readouterr().out
    assert json.loads(text) == {"name": "Käse", "jobs": []}
    assert "Käse" in text


def test_a_letter_that_the_terminal_does_not_have_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))

    output.write("Käse")

    assert raw.getvalue() == b"K\\xe4se\n"


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([["1", None, "x"], ["22", "日本", "y"]], ["id", "name", "z"])

    assert capsys.readouterr().out == "id  name  z\n1         x\n22  日本  y\n"


def test_a_table_without_rows_is_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    write_table([], ["id", "name"])

    assert capsys.readouterr().out == "id  name\n"


def test_a_cell_cannot_steer_the_terminal() -> None:
    assert flat("a\nb\x1b[31mc") == "a b [31mc"


def test_a_cut_line_fits_and_says_that_it_is_cut() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert width(cut("日本語", 4)) <= 4
    assert cut("abcd", 4) == "abcd"
