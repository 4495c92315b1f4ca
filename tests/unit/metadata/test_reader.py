"""Directories as objects, with the original's rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import MetadataError
from core.metadata.layer import Layer, list_folder
from core.metadata.reader import Reading, read_layer


def read(directory: Path, files: dict[str, str], **options: Any) -> Reading:
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return read_layer(Layer("A", directory), list_folder(directory), **options)


def test_a_file_is_filed_under_its_directory_and_its_name(tmp_path: Path) -> None:
    reading = read(tmp_path, {"app/jobTypes.json": '{"X": {}}', "top.json": '{"a": 1}'})

    assert reading.data == {"app": {"jobTypes": {"X": {}}}, "top": {"a": 1}}


def test_deeper_directories_are_not_looked_into(tmp_path: Path) -> None:
    assert read(tmp_path, {"app/deep/jobTypes.json": "{}", "app/x.json": "{}"}).data == {"app": {"x": {}}}


def test_names_are_read_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    reading = read(tmp_path, {f"s/{name}.json": "{}" for name in ("b", "B", "ä", "a", "10", "9")})

    assert list(reading.data["s"]) == ["10", "9", "B", "a", "b", "ä"]


def test_only_the_lower_case_ending_is_cut_off(tmp_path: Path) -> None:
    reading = read(tmp_path, {"s/UP.JSON": "{}", "s/job.types.json": "{}", "s/notes.txt": "x"})

    assert reading.data == {"s": {"UP.JSON": {}, "job.types": {}}}


def test_an_empty_directory_is_an_empty_section(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()

    assert read(tmp_path, {}).data == {"app": {}}


def test_hidden_files_are_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, {"s/.#x.json": "{", ".git/x.json": "{}"}).data == {"s": {}}


def test_a_missing_directory_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "missing", {}).data == {}


def test_a_file_beside_a_directory_of_its_name_replaces_it(tmp_path: Path) -> None:
    reading = read(tmp_path, {"app/jobTypes.json": '{"X": {}}', "app.json": '{"jobTypes": {"Y": {}}}'})

    assert reading.data == {"app": {"jobTypes": {"Y": {}}}}
    assert reading.file_of(["app", "jobTypes", "Y"]) == str(tmp_path / "app.json")


@pytest.mark.parametrize("text", ["[]", "0", '""', "false"])
def test_content_that_is_nothing_is_left_out_and_reported(tmp_path: Path, text: str) -> None:
    reading = read(tmp_path, {"s/x.json": text})

    assert reading.data == {"s": {}}
    assert "s/x.json: " in reading.problems[0]


def test_a_bare_string_is_kept_and_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, {"s/x.json": '"text"'})

    assert reading.data == {"s": {"x": "text"}}
    assert reading.problems == [f"{tmp_path}/s/x.json: a string stands here; it has to be an object"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,\n"b"}', "x.json:2: Expecting ':' delimiter"),
        ("", "x.json:1: the file is blank"),
        ("null", "x.json: the file is blank"),
        ('{"a": NaN}', "x.json: NaN is not JSON"),
        ("[" * 100_000, "x.json: "),
    ],
    ids=["syntax", "empty", "null", "NaN", "deep"],
)
def test_a_broken_file_counts_as_empty_and_is_reported(tmp_path: Path, text: str, reason: str) -> None:
    reading = read(tmp_path, {"s/x.json": text, "s/y.json": '{"a": 1}'})

    assert reading.data == {"s": {"x": {}, "y": {"a": 1}}}
    assert reason in reading.problems[0]


def test_a_file_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "x.json").write_bytes(b'{"a": "\xff"}')

    assert "x.json: it is not UTF-8" in read(tmp_path, {}).problems[0]


def test_a_link_to_nowhere_is_reported(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "x.json").symlink_to("nowhere")

    assert "x.json: No such file" in read(tmp_path, {}).problems[0]


def test_a_key_that_stands_twice_in_json_is_reported_and_the_last_counts(tmp_path: Path) -> None:
    text = '{"a": "{", "b": [{"c": 1}, {"c": 1,\n"x\\"": "c:",\n "\\u0063" : 2}],\n"a": {"b": 1}}'
    reading = read(tmp_path, {"s/x.json": text})

    assert reading.data["s"]["x"] == {"a": {"b": 1}, "b": [{"c": 1}, {"c": 2, 'x"': "c:"}]}
    assert reading.problems == [
        f"{tmp_path}/s/x.json:3: the key 'b.c' stands here a second time; the last one counts",
        f"{tmp_path}/s/x.json:4: the key 'a' stands here a second time; the last one counts",
    ]


def test_yaml_is_read_beside_json(tmp_path: Path) -> None:
    reading = read(tmp_path, {"app/jobTypes.yaml": "X:\n  handler: A.Jobs.X", "app/menu.yml": "a: on"})

    assert reading.data == {"app": {"jobTypes": {"X": {"handler": "A.Jobs.X"}}, "menu": {"a": "on"}}}


def test_a_broken_yaml_file_is_reported_with_its_line(tmp_path: Path) -> None:
    reading = read(tmp_path, {"s/x.yaml": "a: 1\na: 2"})

    assert reading.data == {"s": {"x": {}}}
    assert "s/x.yaml:2: the key 'a' stands here twice" in reading.problems[0]


@pytest.mark.parametrize("names", [("x.json", "x.yaml"), ("x.yaml", "x.yml"), ("unset.json", "unset.yml")])
def test_two_files_of_one_name_are_an_error(tmp_path: Path, names: tuple[str, str]) -> None:
    reading = read(tmp_path, {f"s/{name}": "[a]" for name in names})

    assert f"s/{names[1]}: {names[0]} in the same directory" in reading.errors[0]


def test_unset_takes_keys_out_of_its_own_directory_whatever_their_files_are_called(tmp_path: Path) -> None:
    files = {"s/a.json": '{"x": 1, "y": 1}', "s/z.json": '{"x": {"p": 1, "q": 1}}', "t/a.json": '{"x": 1}'}

    reading = read(tmp_path, {**files, "s/unset.json": '["a.x", ["z", "x", "p"], "missing.key"]'})

    assert reading.data == {"s": {"a": {"y": 1}, "z": {"x": {"q": 1}}}, "t": {"a": {"x": 1}}}


def test_unset_beside_the_sections_reaches_into_them(tmp_path: Path) -> None:
    assert read(tmp_path, {"s/a.json": '{"x": 1}', "unset.json": '["s.a.x"]'}).data == {"s": {"a": {}}}


def test_unset_by_scope_is_for_translations(tmp_path: Path) -> None:
    files = {"s/Job.json": '{"labels": {"x": 1}}', "s/unset.json": '{"Job": ["labels.x"]}'}

    metadata, translations = read(tmp_path, files), read(tmp_path, files, unset_by_scope=True)

    assert metadata.data == {"s": {"Job": {"labels": {"x": 1}}}}
    assert "unset.json: it has to be a list of paths" in metadata.problems[0]
    assert translations.data == {"s": {"Job": {"labels": {}}}}


@pytest.mark.parametrize("text", ['[""]', "[3]", "[[]]", '"a.x"'])
def test_an_unset_that_makes_no_sense_is_reported(tmp_path: Path, text: str) -> None:
    reading = read(tmp_path, {"s/a.json": '{"x": 1}', "s/unset.json": text}, unset_by_scope=True)

    assert reading.data == {"s": {"a": {"x": 1}}}
    assert "unset.json: it has to be a list" in reading.problems[0]


def test_a_broken_unset_is_reported_once(tmp_path: Path) -> None:
    reading = read(tmp_path, {"s/a.json": '{"x": 1}', "s/unset.json": "["})

    assert reading.data == {"s": {"a": {"x": 1}}}
    assert len(reading.problems) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_directory_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir(mode=0)

    with pytest.raises(MetadataError, match="s: Permission denied"):
        list_folder(tmp_path)
