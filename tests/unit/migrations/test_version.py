"""Versions of modules and of migrations."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core import __version__
from core.migrator import Version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.2.3", Version(1, 2, 3)),
        ("v10.0.1", Version(10, 0, 1)),
        ("1.2", Version(1, 2, 0)),
        ("7", Version(7, 0, 0)),
        (" 1.2.3-beta1 ", Version(1, 2, 3)),
        ("1.2.3rc1", Version(1, 2, 3)),
        ("1.2.3+build.5", Version(1, 2, 3)),
    ],
)
def test_a_version_is_its_three_numbers(text: str, version: Version) -> None:
    assert Version.parse(text) == version


@pytest.mark.parametrize("text", ["", "latest", "1..2", "-1.2.3", "1,2"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no version; write it as 1\.2\.3"):
        Version.parse(text)


def test_versions_are_ordered_as_numbers() -> None:
    assert sorted(map(Version.parse, ["1.10.0", "1.9.9", "0.11.0", "1.10.1"])) == [
        Version(0, 11, 0),
        Version(1, 9, 9),
        Version(1, 10, 0),
        Version(1, 10, 1),
    ]


@pytest.mark.parametrize("name", ["V1Dot2", "v1Dot2Dot3", "V1dot2dot3", "V01Dot2Dot3", "V1Dot2Dot3Fix", "Version1"])
def test_a_file_of_another_name_is_no_migration(name: str) -> None:
    assert Version.of_file(name) is None


def test_the_name_of_a_file_and_its_version_belong_together() -> None:
    version = Version(1, 20, 3)

    assert version.class_name == "V1Dot20Dot3"
    assert Version.of_file("V1Dot20Dot3") == version


def test_core_says_the_version_that_it_is_published_as() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

    assert __version__ == project["version"]
