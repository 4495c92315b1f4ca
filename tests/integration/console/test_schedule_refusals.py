"""What the commands about schedules refuse; in one process, with a real database."""

from pathlib import Path

import pytest

from core.__main__ import main
from core.orm.backends.sqlite import open_sqlite
from core.testing import Installation


@pytest.fixture
def root(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with the job type Greet, which may be scheduled, and Import, which may not."""
    monkeypatch.chdir(installation.root)  # main() goes there, and the test comes back
    installation.add_job_type("Greet", "print('hello')", scheduledJob=True, payloadSchema={"required": ["name"]})
    installation.add_job_type("Import", "print('hello')")
    return installation.root


NAMED = '--payload={"name": "Ada"}'


def add(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main([str(root), "schedule", "add", "Greet", "--cron=0 2 * * *", NAMED, *options]) == 0
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Gret", "--cron=@daily"], "The job type 'Gret' cannot be scheduled: no module has it. Did you mean 'Greet'?"),
        (["Import", "--cron=@daily"], "The job type 'Import' cannot be scheduled: its entry in"),
        (["Greet", "--cron=@daily", NAMED, "--name= "], "--name needs a text."),
        (["Greet"], '--cron is missing, such as --cron="0 2 * * *".'),
        (["Greet", "--cron=99 * * * *", NAMED], "Wrong crontab configuration '99 * * * *': minute '99': "),
        (["Greet", "--cron=@daily"], "The payload of the schedule 'Greet' does not fit its type: payload: 'name' is"),
        (["Greet", "--cron=@daily", "--payload=["], "--payload is not JSON: "),
        (["Greet", "--cron=@daily", NAMED, "--time-zone=Berlin"], "The time zone 'Berlin' is not known"),
        (["Greet", "--cron=@daily", NAMED, "--overlap=skp"], "--overlap cannot be 'skp'. Did you mean 'skip'?"),
        (["Greet", "--cron=@daily", NAMED, "--catch-up=every"], "--catch-up cannot be 'every'. It is one of last, "),
        (["Greet", "--cron=@daily", NAMED, "--jitter=-1"], "--jitter needs a whole number, 0 or more, not '-1'."),
        (["Greet", "--cron=@daily", NAMED, "--jitter=90000"], "ScheduledJob 'Greet': jitterSeconds = 90000 is more "),
        (["Greet", "--cron=@daily", NAMED, "--max-failures=0"], "--max-failures needs a whole number, 1 or more"),
        (["Greet", "--cron=@daily", NAMED, "--starts-at=noon"], "--starts-at needs a time in UTC"),
        (["Greet", "--cron=@daily", NAMED, "--ends-at=2001-01-01"], "'@daily' has no fire time left before endsAt"),
        (["Greet", "--crn=@daily"], "--crn is no option of \"schedule add <type>\". Did you mean '--cron'?"),
    ],
)
def test_a_wrong_schedule_is_refused_and_not_saved(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main([str(root), "schedule", "add", *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert main([str(root), "schedule", "list", "--json"]) == 0
    assert '"Greet"' not in capsys.readouterr().out


def test_no_jitter_may_be_said_as_well(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(root, capsys, "--jitter=0")


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "run", "remove"])
def test_an_unknown_schedule_is_an_error_with_the_near_name(
    root: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    add(root, capsys, "--name=Good morning")

    assert main([str(root), "schedule", verb, "Good mourning"]) == 1
    assert capsys.readouterr() == ("", "There is no schedule 'Good mourning'. Did you mean 'Good morning'?\n")


def test_active_and_inactive_together_are_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(root), "schedule", "list", "--active", "--inactive"]) == 1
    assert capsys.readouterr() == ("", "--active and --inactive leave nothing; take one of them.\n")


@pytest.mark.parametrize(
    "words", [["cron", "explain", "@daily"], ["schedule", "list"], ["schedule", "add", "Greet", "--cron=@daily", NAMED]]
)
def test_a_misspelt_zone_in_the_configuration_is_said_once(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    (root / "data" / "config.py").write_text("config = {'timeZone': 'Europe/Berln'}")

    assert main([str(root), *words]) == 0
    assert capsys.readouterr().err.count("timeZone is 'Europe/Berln', which is not a time zone") == 1


@pytest.mark.parametrize("assignment", ["scheduling = 'now and then'", "time_zone = 'Nowhere'", "ends_at = 'garbage'"])
def test_a_schedule_that_bare_sql_broke_is_listed_shown_and_removed(
    root: Path, capsys: pytest.CaptureFixture[str], assignment: str
) -> None:
    broken = add(root, capsys)
    with open_sqlite(root / "data" / "atro.sqlite") as connection:
        connection.execute(f"UPDATE scheduled_job SET {assignment} WHERE id = ?", (broken,))

    for words in (["list"], ["show", broken], ["show", broken, "--json"], ["remove", broken]):
        assert main([str(root), "schedule", *words]) == 0, words
        assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["* * * *"], "Wrong crontab configuration '* * * *': "),
        (["0 0 31 2 *"], "Wrong crontab configuration '0 0 31 2 *': "),
        (["@daily", "--tz=Europe/Berln"], "The time zone 'Europe/Berln' is not known"),
        ([""], "Wrong crontab configuration"),
    ],
)
def test_an_expression_that_means_nothing_is_an_error(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main([str(root), "cron", "explain", *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
