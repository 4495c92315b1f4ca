"""Saving settings into a file that its author wrote."""

from __future__ import annotations

import stat
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.config.config_file import Values, evaluate
from core.config.rewrite import literal, rewrite
from core.exceptions import ConfigurationError

#: Texts without halves of surrogate pairs, which no file in UTF-8 can hold.
TEXT = st.characters(exclude_categories=["Cs"])

WRITTEN = """\
import os

# The settings of the shop.
config: dict = {
    "maxConcurrentWorkers": 10,  # as many as we have cores
    "seconds": 24 * 60 * 60,
    "größe": "ä",  # umlauts count as two bytes
    "database": {
        "password": os.environ.get("PASSWORD", "none"),
        "lockTimeout": 30,
    },  # the database
    'list': [1,
             2],
    "last": None
}  # the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "config.py"
    path.parent.mkdir()
    path.write_text(WRITTEN)
    return path


@pytest.fixture
def config(tmp_path: Path, file: Path) -> Config:
    return Config(tmp_path)


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ({"maxConcurrentWorkers": 8}, '"maxConcurrentWorkers": 10,  #', '"maxConcurrentWorkers": 8,  #'),
        ({"größe": 'a"\n'}, '"ä",  # uml', '"a\\"\\n",  # uml'),
        ({"list": [1, "x", {}]}, "[1,\n             2],", '[1, "x", {}],'),
        ({"last": True}, '"last": None', '"last": True'),
        ({"new": 1}, '"last": None\n}', '"last": None,\n    "new": 1,\n}'),
        (
            {"new": {"a": {"b": 1}}},
            "None\n}",
            'None,\n    "new": {\n        "a": {\n            "b": 1,\n        },\n    },\n}',
        ),
        ({"list": []}, "[1,\n             2],", "[],"),
    ],
)
def test_only_the_changed_value_is_rewritten(
    config: Config, file: Path, change: dict[str, object], before: str, after: str
) -> None:
    config.set(change)
    config.save()

    assert file.read_text() == WRITTEN.replace(before, after)
    assert {name: config.get(name, []) for name in change} == change


def test_a_section_is_changed_key_by_key_around_its_expressions(config: Config, file: Path) -> None:
    config.set("database", {**config.get("database"), "lockTimeout": 5, "port": 1})
    config.save()

    assert file.read_text() == WRITTEN.replace(
        '"lockTimeout": 30,',
        '"lockTimeout": 5,\n        "reconnectTimeout": 30,\n        "synchronous": "FULL",\n        "port": 1,',
    )


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("seconds", 5, "config.py: line 6: 'seconds' comes from an expression, `24 * 60 * 60`"),
        ("database", {"password": "x", "lockTimeout": 30}, "line 9: 'database.password' comes from an expression"),
        ("database", 5, "line 8: 'database' comes from an expression"),
    ],
)
def test_an_expression_is_never_replaced(config: Config, file: Path, name: str, value: object, place: str) -> None:
    config.set(name, value)

    with pytest.raises(ConfigurationError, match="freeze its present value") as caught:
        config.save()

    assert place in str(caught.value)
    assert file.read_text() == WRITTEN


def test_setting_an_expression_to_the_value_that_it_has_is_no_change(config: Config, file: Path) -> None:
    config.set("seconds", 86400)
    config.save()

    assert file.read_text() == WRITTEN


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("maxConcurrentWorkers", '    "maxConcurrentWorkers": 10,  # as many as we have cores\n'),
        ("seconds", '    "seconds": 24 * 60 * 60,\n'),
        ("list", "    'list': [1,\n             2],\n"),
        ("last", '    "last": None\n'),
    ],
)
def test_removing_takes_the_entry_with_its_lines(config: Config, file: Path, name: str, gone: str) -> None:
    config.remove(name)
    config.save()

    assert file.read_text() == WRITTEN.replace(gone, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("config = {}", 'config = {\n    "a": 2,\n}'),
        ("config = {'a': 1}", "config = {'a': 2}"),
        ("config = {'b': 1}", "config = {'b': 1, \"a\": 2}"),
        ("config = {'b': (1), }", "config = {'b': (1), \"a\": 2 }"),
        ("config = {\n  'b': 1}", "config = {\n  'b': 1,\n    \"a\": 2,\n}"),
        (
            "config = {\n    'b': 1  # one\n    # more\n}",
            "config = {\n    'b': 1,  # one\n    # more\n    \"a\": 2,\n}",
        ),
        ("config = {'a': 0, 'a': 1}", "config = {'a': 0, 'a': 2}"),
        ("config = {**{'a': 1}}", "config = {**{'a': 1}, \"a\": 2}"),
        (
            "config = {'x': 1}\r\nconfig = {\r\n    'a': 1,\r\n}\r\n",
            "config = {'x': 1}\r\nconfig = {\r\n    'a': 2,\r\n}\r\n",
        ),
    ],
)
def test_entries_of_any_shape_are_found(tmp_path: Path, file: Path, before: str, after: str) -> None:
    file.write_bytes(before.encode())
    config = Config(tmp_path)

    config.set("a", 2)
    config.save()

    assert file.read_bytes() == after.encode()


def test_removing_and_adding_go_together(tmp_path: Path, file: Path) -> None:
    file.write_text("config = {'a': 1, 'b': 2}")
    config = Config(tmp_path)

    config.remove("b")
    config.set("c", 3)
    config.save()

    assert file.read_text() == "config = {'a': 1, \"c\": 3 }"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("config = dict(a=1)", "`config` comes from an expression, `dict(a=1)`"),
        ("config = {'a': 1}\nconfig['a'] = 5", "changes `config` below its dict"),
        ("config = {'a'", "line 1"),
    ],
)
def test_a_file_that_cannot_be_rewritten_is_left_alone(tmp_path: Path, file: Path, text: str, why: str) -> None:
    file.write_text(text)
    config = Config(tmp_path)
    config.set("a", 2)

    with pytest.raises(ConfigurationError) as caught:
        config.save()

    assert why in str(caught.value)
    assert file.read_text() == text


def test_removing_what_a_spread_brings_in_is_refused(tmp_path: Path, file: Path) -> None:
    file.write_text("config = {**{'a': 1}}")
    config = Config(tmp_path)
    config.remove("a")

    with pytest.raises(ConfigurationError, match="'a' comes from an expression"):
        config.save()


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    config = Config(tmp_path / "new")
    config.set("a", 1)
    config.save()

    assert (tmp_path / "new" / "data" / "config.py").read_text() == 'config = {\n    "a": 1,\n}\n'


def test_what_others_saved_meanwhile_is_kept(tmp_path: Path, config: Config) -> None:
    other = Config(tmp_path)
    config.set("mine", 1)
    other.set("theirs", 2)

    other.save()
    config.save()

    assert (config.get("mine"), config.get("theirs")) == (1, 2)


def test_many_who_save_at_once_lose_nothing(tmp_path: Path, file: Path) -> None:
    def save(number: int) -> None:
        config = Config(tmp_path)
        config.set(f"key{number}", number)
        config.save()

    threads = [Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [Config(tmp_path).get(f"key{number}") for number in range(8)] == list(range(8))


def test_what_is_set_is_in_force_at_once_and_outlives_a_reload(config: Config, file: Path) -> None:
    config.set("maxConcurrentWorkers", 20)
    file.write_text("config = {'a': 1}")

    config.reload_if_changed()

    assert config.max_concurrent_workers == 20
    assert config.get("a") == 1


@pytest.mark.parametrize("value", [object(), float("nan"), {"a": {1, 2}}, b"x"])
def test_what_has_no_literal_cannot_be_set(config: Config, value: object) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written into a configuration"):
        config.set("a", value)


@pytest.mark.parametrize("change", ["set", "remove"])
def test_a_part_of_a_setting_is_refused(config: Config, change: str) -> None:
    with pytest.raises(ConfigurationError, match=r"'logger\.level' is a part of the setting 'logger'"):
        getattr(config, change)("logger.level")


def test_the_mode_of_the_file_and_a_link_to_it_stay(tmp_path: Path, file: Path, config: Config) -> None:
    shared = tmp_path / "shared.py"
    file.rename(shared)
    shared.chmod(0o640)
    file.symlink_to(shared)

    config.set("a", 1)
    config.save()

    assert file.is_symlink()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o640
    assert Config(tmp_path).get("a") == 1


def test_a_file_that_is_made_is_not_read_by_others(tmp_path: Path) -> None:
    config = Config(tmp_path)
    config.set("a", 1)
    config.save()

    assert stat.S_IMODE((tmp_path / "data" / "config.py").stat().st_mode) == 0o640


def test_nothing_but_the_file_and_its_lock_is_left_behind(config: Config, file: Path) -> None:
    config.set("a", 1)
    config.save()

    assert sorted(path.name for path in file.parent.iterdir()) == ["config.py", "config.py.lock"]


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(TEXT)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(TEXT), inner), max_leaves=8)
settings_of_a_file = st.dictionaries(st.text(TEXT), values, max_size=5)


@given(settings_of_a_file, settings_of_a_file, st.booleans())
def test_any_settings_become_any_others(before: Values, after: Values, is_one_line: bool) -> None:
    source = f"config = {before!r}\n" if is_one_line else f"config = {literal(before)}\n"

    written = rewrite(source, before, after)

    assert repr(sort(evaluate(written.encode(), Path("config.py")))) == repr(sort(after))


def sort(value: Any) -> Any:
    """The value with the keys of its dicts in order: a changed dict keeps the order that it had."""
    if isinstance(value, dict):
        return {key: sort(value[key]) for key in sorted(value)}
    return [sort(item) for item in value] if isinstance(value, list) else value


def test_what_comes_from_an_expression_is_known(tmp_path: Path) -> None:
    path = tmp_path / "data" / "config.py"
    path.parent.mkdir()
    path.write_text(
        'level = "INFO"\n'
        'config = {"maxConcurrentWorkers": 2 * 4, "language": "de_DE", "logger": {"level": level, "jobLevel": "INFO"},'
        ' "web": dict(url=None)}\n'
    )
    names = ["maxConcurrentWorkers", "language", "logger.level", "logger.jobLevel", "web.url", "timeZone"]

    assert Config(tmp_path).expressions(names) == {"maxConcurrentWorkers", "logger.level", "web.url"}
    assert Config(tmp_path / "elsewhere").expressions(names) == set()
