"""What commands that put jobs into the queue, or wait for them, say where no job starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.__main__ import main
from core.testing import Installation

Type = Callable[..., tuple[str, list[str]]]

EVERYWHERE = '"python console.py job manager resume --everywhere" lets them go on.'
OF_GREET = '"python console.py job manager resume --type=Greet" lets them go on.'


@pytest.fixture
def console(installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """Types a command; what it prints, and the lines that it warns with, but for that nobody runs jobs here."""
    monkeypatch.chdir(installation.root)  # main() goes there, and the test comes back
    for name in ("Greet", "Other"):
        installation.add_job_type(name, "print('hello')", scheduledJob=True)

    def type_words(*words: str) -> tuple[str, list[str]]:
        main([str(installation.root), *words])
        said = capsys.readouterr()
        lines = [each for each in said.err.splitlines() if not each.startswith(("No job manager", "Timed out", "  "))]
        return said.out.strip(), lines

    return type_words


@pytest.mark.parametrize(
    ("option", "text", "remedy"),
    [
        ("--everywhere", "The job managers of all machines are paused by ", EVERYWHERE),
        ("--type=Greet", "Jobs of the type 'Greet' are paused by ", OF_GREET),
    ],
)
def test_who_adds_runs_or_waits_hears_of_the_pause(console: Type, option: str, text: str, remedy: str) -> None:
    schedule, _ = console("schedule", "add", "Greet", "--cron=@yearly")
    console("job", "manager", "pause", option, "--reason=moving")

    job_id, of_add = console("job", "add", "Greet")
    _, of_run = console("schedule", "run", schedule)
    _, of_wait = console("job", "wait", "--timeout=0.01")
    _, of_wait_for_one = console("job", "wait", job_id, "--timeout=0.01")

    for warnings in (of_add, of_run, of_wait, of_wait_for_one):
        (warning,) = warnings
        assert warning.startswith(text)
        assert warning.endswith(f'("moving"): {remedy}')


def test_a_pause_of_another_type_is_not_told(console: Type) -> None:
    console("job", "manager", "pause", "--type=Other")

    assert console("job", "add", "Greet")[1] == []


def test_all_that_has_to_be_resumed_is_told_at_once(console: Type) -> None:
    for options in ((), ("--everywhere",), ("--type=Greet",)):
        console("job", "manager", "pause", *options)

    _, warnings = console("job", "add", "Greet")

    assert [each.rpartition("paused by")[0].strip() for each in warnings] == [
        "The job managers of all machines are",
        "Jobs of the type 'Greet' are",
    ]


def test_who_adds_a_job_hears_that_nobody_runs_it(console: Type, capsys: pytest.CaptureFixture[str]) -> None:
    main([".", "job", "add", "Greet"])

    assert capsys.readouterr().err == 'No job manager is running: "python console.py cron" starts it.\n'
