"""YAML files: what is a string, what is refused, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.exceptions import MetadataError
from core.metadata.yaml_reader import load_yaml


def load(tmp_path: Path, text: str) -> Any:
    file = tmp_path / "some.yaml"
    file.write_text(text, "utf-8")
    return load_yaml(file)


@pytest.mark.parametrize(
    "text", ["on", "off", "yes", "no", "Yes", "NO", "y", "n", "2026-11-23", "12:30:45", "1_000", "0b11", "=", ".inf"]
)
def test_what_only_older_yaml_reads_otherwise_is_a_string(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, f"key: {text}") == {"key": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("+3", 3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("'true'", "true"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_scalars_are_those_of_yaml_1_2(tmp_path: Path, text: str, value: Any) -> None:
    loaded = load(tmp_path, f"key: {text}")["key"]

    assert loaded == value
    assert type(loaded) is type(value)


def test_keys_are_texts_as_in_json(tmp_path: Path) -> None:
    assert load(tmp_path, "1: one\non: switch\ntrue: yes") == {"1": "one", "on": "switch", "true": "yes"}


def test_an_anchor_is_repeated(tmp_path: Path) -> None:
    assert load(tmp_path, "a: &x [1]\nb: *x") == {"a": [1], "b": [1]}


def test_a_blank_file_is_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "# only a comment\n") is None


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands here twice"),
        ("a:\n  x: 1\n  x: 2", 3, "the key 'x' stands here twice"),
        ("a: 1\n? [1, 2]\n: 3", 2, "a key is a text"),
        ("base: &x {a: 1}\nb:\n  <<: *x", 3, "merge key"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "could not determine a constructor"),
        ("a: 1\n\tb: 2", 2, "a tab character"),
        ("a: &x [*x]", 1, "recursive"),
        ("a: 1\n---\nb: 2", 2, "another document"),
    ],
)
def test_a_broken_file_is_named_with_line_and_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(MetadataError) as error:
        load(tmp_path, text)

    assert f"some.yaml:{line}: " in str(error.value)
    assert reason in str(error.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_bytes(b"a: \xff")

    with pytest.raises(MetadataError, match=r"some\.yaml"):
        load_yaml(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match=r"some\.yaml: No such file"):
        load_yaml(tmp_path / "some.yaml")
