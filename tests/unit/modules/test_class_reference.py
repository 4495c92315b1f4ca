"""Classes by the names that metadata know them by."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from core.exceptions import ClassReferenceError
from core.Jobs import AbstractJob, JobInterface
from core.module_manager import load_class
from tests.unit.modules.conftest import AddModule, Load

FILES = {
    "Jobs/ExampleJob.py": "class ExampleJob: pass\nclass Other: pass\nnothing = 1",
    "Jobs/Broken.py": "1 / 0",
    "Jobs/Number.py": "Number = 5",
    "Jobs/Quits.py": "raise SystemExit(3)",
}


@pytest.fixture(autouse=True)
def example(add_module: AddModule, load: Load) -> None:
    add_module("Example", FILES)
    load()


@pytest.mark.parametrize(
    "reference",
    [
        r"\Example\Jobs\ExampleJob",
        r"Example\Jobs\ExampleJob",
        "Example.Jobs.ExampleJob",
        "Example.Jobs.ExampleJob:ExampleJob",
    ],
)
def test_every_notation_leads_to_the_class(reference: str) -> None:
    cls = load_class(reference)

    assert (cls.__module__, cls.__name__) == ("Example.Jobs.ExampleJob", "ExampleJob")


def test_the_form_with_a_colon_names_any_class_of_the_file() -> None:
    assert load_class("Example.Jobs.ExampleJob:Other").__name__ == "Other"


def test_atro_is_core() -> None:
    assert load_class(r"\Atro\Jobs\AbstractJob") is AbstractJob
    assert load_class("core.Jobs.AbstractJob") is AbstractJob


@pytest.mark.parametrize(
    ("reference", "kind", "text"),
    [
        (
            "Example.Jobs.Missing",
            "import",
            "cannot be imported: ModuleNotFoundError: No module named 'Example.Jobs.Missing'",
        ),
        (
            "Example.Jobs.Broken",
            "import",
            "cannot be imported: {jobs}/Broken.py, line 1: ZeroDivisionError: division by",
        ),
        ("Example.Jobs.Quits", "import", "cannot be imported: {jobs}/Quits.py, line 1: SystemExit: 3"),
        ("Example.Jobs.ExampleJob:Gone", "import", "cannot be imported: AttributeError: "),
        ("", "import", "cannot be imported: ValueError: Empty module name"),
        ("Example.Jobs.Number", "class", "is not a class"),
        ("Example.Jobs.ExampleJob:nothing", "class", "is not a class"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, reference: str, kind: str, text: str) -> None:
    with pytest.raises(ClassReferenceError) as caught:
        load_class(reference)

    assert caught.value.kind == kind
    assert str(caught.value).startswith(text.format(jobs=tmp_path / "modules/Example/Jobs"))


def test_a_room_hands_on_the_class_and_not_the_file_of_the_same_name() -> None:
    importlib.import_module("core.Jobs.AbstractJob")
    importlib.import_module("core.Jobs.JobInterface")

    room = importlib.import_module("core.Jobs")

    assert room.AbstractJob is AbstractJob
    assert room.JobInterface is JobInterface
    assert isinstance(AbstractJob, type)
