"""The files in `Migrations/` are found by name and judged before they run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from core.exceptions import MigrationError
from core.migrator.migration_file import MigrationFile, find_migrations, misnamed_files, misnamed_folders
from core.migrator.version import Version

GOOD = """
from core.Migrations import AbstractMigration

class {name}(AbstractMigration):
    def up(self):
        pass
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    # Packages that were imported stay in sys.modules: each test has a name of its own.
    folder = tmp_path / f"Module{abs(hash(str(tmp_path)))}"
    (folder / "Migrations").mkdir(parents=True)
    return folder


def write(module: Path, name: str, source: str = GOOD) -> MigrationFile:
    file = module / "Migrations" / f"{name}.py"
    file.write_text(textwrap.dedent(source.replace("{name}", name)))
    return MigrationFile(module.name, module.name, 1, Version.of_file(name) or Version(0, 0, 0), file)


def test_migrations_are_found_in_order_of_their_versions(module: Path) -> None:
    for name in ("V1Dot10Dot0", "V1Dot9Dot0", "_helper", "AbstractMigration", "V0Dot1Dot0"):
        write(module, name)

    found = find_migrations("Shop", module.name, module, 1)

    assert [str(each) for each in found] == ["Shop 0.1.0", "Shop 1.9.0", "Shop 1.10.0"]
    assert misnamed_files(module) == []


def test_a_module_without_the_folder_has_none(tmp_path: Path) -> None:
    assert find_migrations("Shop", "Shop", tmp_path, 1) == []
    assert misnamed_files(tmp_path) == []


def test_a_file_of_another_name_is_told(module: Path) -> None:
    write(module, "V1dot2dot3")

    [problem] = misnamed_files(module)
    assert problem.endswith(
        "V1dot2dot3.py: a migration's file is named V<major>Dot<minor>Dot<patch>.py, as V1Dot2Dot3.py."
    )


@pytest.mark.parametrize("name", ["migrations", "Migration", "Migratoins"])
def test_a_folder_of_nearly_the_name_is_told(tmp_path: Path, name: str) -> None:
    for folder in (name, "Migrations", "Jobs", "migrator"):
        (tmp_path / folder).mkdir()

    assert misnamed_folders(tmp_path) == [
        f"{tmp_path / name}: nobody looks into this folder. Did you mean 'Migrations'?"
    ]


def test_a_good_one_is_loaded(module: Path) -> None:
    assert write(module, "V1Dot0Dot0").load().__name__ == "V1Dot0Dot0"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere_to_be_found", "cannot be imported: .*line 1: ModuleNotFoundError"),
        ("class Other: pass", "cannot be imported: AttributeError"),
        ("V1Dot0Dot0 = 3", "is not a class"),
        ("class V1Dot0Dot0: pass", "has to extend core.Migrations.AbstractMigration"),
        (
            "from core.Migrations import AbstractMigration\nclass V1Dot0Dot0(AbstractMigration): pass",
            "is abstract: it lacks up",
        ),
        (GOOD + "    def __init__(self, number):\n        pass", "cannot be built: its parameter 'number'"),
    ],
)
def test_a_bad_one_is_told_with_its_file(module: Path, source: str, reason: str) -> None:
    migration = write(module, "V1Dot0Dot0", source)

    with pytest.raises(MigrationError, match=rf"Migrations/V1Dot0Dot0\.py: .*{reason}"):
        migration.load()
