"""What the commands about jobs refuse; in one process, with a real database."""

from pathlib import Path

import pytest

from core.__main__ import main
from core.application import Application
from core.orm.backends.sqlite import open_sqlite
from core.testing import Installation


@pytest.fixture
def root(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with the job type Greet."""
    monkeypatch.chdir(installation.root)  # main() goes there, and the test comes back
    installation.add_job_type("Greet", "print('hello')")
    return installation.root


def add_job(root: Path, status: str = "Pending") -> str:
    with Application(root) as application:
        manager = application.container.get("entityManager")
        job = manager.get_entity("Job")
        job.set({"name": "Hello", "type": "Greet", "status": status})
        manager.save_entity(job)
        return str(job.id)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Gret"], "There is no job type 'Gret'. Did you mean 'Greet'?"),
        (["Greet", "--payload={"], "--payload is not JSON: "),
        (["Greet", "--at=noon"], "--at needs a time"),
        (["Greet", "--priority"], "--priority needs a value."),
        (["Greet", "--priority=high"], "--priority needs a number, not 'high'."),
    ],
)
def test_a_wrong_job_is_refused_and_not_saved(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main([str(root), "job", "add", *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    main([str(root), "job", "list", "--json"])
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.parametrize(
    "words",
    [
        ["job", "nope", "--run"],
        ["job", "debug_nope", "--run"],
        ["job", "wait", ""],
        *(["job", verb, "nope"] for verb in ("show", "cancel", "retry", "wait", "log")),
    ],
    ids=" ".join,
)
def test_an_unknown_job_is_an_error(root: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main([str(root), *words]) == 1
    assert capsys.readouterr() == ("", "No such job!\n")


@pytest.mark.parametrize("job_id", ["", "debug_"])
def test_an_empty_id_is_a_silent_error(root: Path, capsys: pytest.CaptureFixture[str], job_id: str) -> None:
    assert main([str(root), "job", job_id, "--run"]) == 1
    assert capsys.readouterr() == ("", "")


def test_a_forbidden_change_is_an_error_in_atrocores_words(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job_id = add_job(root)
    main([str(root), "job", job_id, "--run"])
    capsys.readouterr()

    assert main([str(root), "job", "cancel", job_id]) == 1
    message = "It is impossible to change the status from 'Success' to 'Canceled'.\n"
    assert capsys.readouterr() == ("", message)


@pytest.mark.parametrize(
    "assignment",
    [
        "execute_time = 'garbage'",
        "execute_time = x'ff'",
        "name = CAST(x'ff' AS TEXT)",
        "name = x'ff'",
        "payload = '{oh'",
    ],
)
def test_a_job_that_bare_sql_broke_is_listed_shown_and_canceled(
    root: Path, capsys: pytest.CaptureFixture[str], assignment: str
) -> None:
    broken, whole = add_job(root), add_job(root)
    with open_sqlite(root / "data" / "atro.sqlite") as connection:
        connection.execute(f"UPDATE job SET {assignment} WHERE id = ?", (broken,))

    assert main([str(root), "job", "list"]) == 0
    out = capsys.readouterr().out
    assert broken in out
    assert whole in out
    assert main([str(root), "job", "show", broken, "--json"]) == 0
    assert main([str(root), "job", "cancel", broken]) == 0


@pytest.mark.parametrize("words", [["job", "list"], ["job", "add", "Greet"], ["cron"]], ids=" ".join)
def test_a_field_that_the_job_manager_needs_is_named_where_it_was_taken_away(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    definitions = root / "data" / "metadata" / "entityDefs"
    definitions.mkdir(parents=True)
    (definitions / "Job.json").write_text('{"fields": {"payload": null, "name": null}}')

    assert main([str(root), *words]) == 1
    assert capsys.readouterr().err.startswith("Job lacks name, payload, which core cannot do without.")


@pytest.mark.parametrize("entry", ["null", "[]", '"text"'])
def test_a_job_type_that_is_no_object_is_none(root: Path, capsys: pytest.CaptureFixture[str], entry: str) -> None:
    own = root / "data" / "metadata" / "app"
    own.mkdir(parents=True)
    (own / "jobTypes.json").write_text(f'{{"Odd": {entry}}}')

    assert main([str(root), "job", "types", "--json"]) == 0
    assert '"Greet"' in capsys.readouterr().out
    assert main([str(root), "job", "add", "Odd"]) == 1
    assert capsys.readouterr().err.startswith("There is no job type 'Odd'.")


def test_a_list_by_an_unknown_status_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(root), "job", "list", "--status=failed"]) == 1
    assert capsys.readouterr().err == "--status cannot be 'failed'. Did you mean 'Failed'?\n"


def test_an_empty_list_by_an_unknown_type_names_the_near_one(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(root), "job", "list", "--type=Gret", "--json"]) == 0
    assert capsys.readouterr() == ("[]\n", "There is no job type 'Gret'. Did you mean 'Greet'?\n")


def test_a_job_that_awaits_its_release_can_be_canceled(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(root), "job", "cancel", add_job(root, "Awaiting")]) == 0
    assert capsys.readouterr() == ("The job has been canceled.\n", "")
