"""From a saved job to how it ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock
from core.orm.column_types import to_moment
from tests.integration.job_manager.manager import Manager, title_of


@pytest.mark.every_database
def test_a_job_runs_and_its_row_says_how(manager: Manager) -> None:
    row = manager.run("import os; job.set('message', f'ran as {os.getpid()}')")

    assert (row["status"], row["attempt"], row["run_process"]) == ("Success", 1, None)
    assert row["message"] == f"ran as {row['pid']}"
    assert row["created_at"] <= row["started_at"] <= row["ended_at"]


def test_while_it_runs_the_row_and_the_process_say_so(manager: Manager) -> None:
    job_id = manager.begin("import os; reach('here', os.getpid()); wait_for('end')")

    row = manager.row(job_id)
    pid = int(manager.reached(job_id, "here"))
    title = title_of(next(process for process in manager.installation.processes() if process.pid == pid))
    manager.let(job_id, "end")

    assert (row["status"], row["pid"], row["ended_at"]) == ("Running", pid, None)
    assert row["run_process"].split(":")[2] == str(pid)
    assert title.strip() == f"pyatro job {job_id} (Script) [{manager.root}]"


def test_what_the_code_changes_in_message_and_payload_is_kept_and_nothing_else(manager: Manager) -> None:
    row = manager.run(
        "job.get('payload')['rates'] = 42; job.set({'message': 'done', 'status': 'Failed', 'priority': 7})"
    )

    assert (row["status"], row["message"], row["priority"]) == ("Success", "done", 100)
    assert '"rates":42' in row["payload"]


def test_a_failed_job_keeps_its_payload_too(manager: Manager) -> None:
    row = manager.run("job.get('payload')['done'] = 3; raise ValueError('half way')")

    assert (row["status"], row["message"]) == ("Failed", "half way")
    assert '"done":3' in row["payload"]


def test_a_long_payload_reaches_the_job(manager: Manager) -> None:
    row = manager.run("job.set('message', str(len(job.get_payload()['text'])))", payload=None)
    job = manager.new()
    job.set("payload", {"code": "job.set('message', str(len(job.get_payload()['text'])))", "text": "x" * 300_000})
    manager.entity_manager.save_entity(job)

    assert row["status"] == "Success"
    assert manager.ended(job.id)["message"] == "300000"


def test_each_run_has_a_handler_of_its_own(manager: Manager) -> None:
    code = "job.set('message', getattr(handler, 'seen', 'new')); handler.seen = 'used'"

    rows = [manager.ended(job_id) for job_id in [manager.add(code) for _ in range(12)]]

    assert {row["message"] for row in rows} == {"new"}


def test_progress_can_be_read_while_the_job_runs(manager: Manager) -> None:
    job_id = manager.begin("job.report_progress(3, 10, 'rates'); reach('here'); wait_for('end')")

    progress = manager.row(job_id)["progress"]
    manager.let(job_id, "end")

    assert progress == '{"done":3,"total":10,"text":"rates"}'


def test_the_progress_that_was_reported_last_is_kept(manager: Manager) -> None:
    row = manager.run("for done in range(1000): job.report_progress(done, 0)")

    assert row["progress"] == '{"done":999,"total":0,"text":""}'


def test_a_job_starts_other_jobs(manager: Manager) -> None:
    row = manager.run("""
em = handler.get_entity_manager()
child = em.get_entity("Job")
child.set({"name": "child", "type": "Script", "payload": {"code": ""}})
em.save_entity(child)
job.set("message", child.id)
""")

    assert manager.ended(row["message"])["status"] == "Success"


def test_an_unknown_type_fails_with_atrocores_message(manager: Manager) -> None:
    row = manager.run(job_type="Nonsense")

    assert (row["status"], row["message"]) == ("Failed", "Type class for 'Nonsense' does not exist.")


def test_a_saved_job_runs_after_its_commit_only(manager: Manager) -> None:
    with manager.entity_manager.transaction():
        job_id = manager.add("job.set('message', 'ran')")
        # Another job that is over shows that the job manager looked meanwhile.
        other = manager.installation.console("job", "list")
        with pytest.raises(LookupError):
            manager.row(job_id)

    assert other.returncode == 0
    assert manager.ended(job_id)["message"] == "ran"


def test_a_job_whose_transaction_rolls_back_never_runs(manager: Manager) -> None:
    with pytest.raises(ZeroDivisionError), manager.entity_manager.transaction():
        job_id = manager.add("reach('here')")
        raise ZeroDivisionError
    manager.run()

    assert list((manager.installation.data / "marks").glob(f"{job_id}*")) == []
    with pytest.raises(LookupError):
        manager.row(job_id)


def test_a_job_for_later_waits_and_then_starts_by_itself(manager: Manager) -> None:
    row = manager.run(executeTime=clock.now() + timedelta(seconds=0.4), priority=1000)

    assert row["status"] == "Success"
    assert row["started_at"] >= row["execute_time"]


def test_a_row_that_bare_sql_inserted_is_found_by_the_poll(manager: Manager) -> None:
    manager.execute("INSERT INTO job (id, type, execute_time) VALUES ('bare', 'Script', '2020-01-01 00:00:00')")

    assert manager.ended("bare")["status"] == "Success"


def test_a_released_awaiting_job_runs(manager: Manager) -> None:
    job_id = manager.add(status="Awaiting")
    manager.run()
    assert manager.row(job_id)["status"] == "Awaiting"

    manager.set_status(job_id, "Pending")

    assert manager.ended(job_id)["status"] == "Success"


def test_an_ended_job_that_is_made_pending_runs_again(manager: Manager) -> None:
    first = manager.run("job.set('message', 'ran')")

    manager.set_status(first["id"], "Pending")
    second = manager.until(lambda: (row := manager.ended(first["id"]))["attempt"] == 2 and row)

    assert (second["status"], second["message"]) == ("Success", "ran")
    assert second["started_at"] > first["started_at"]


def test_a_job_sees_a_changed_configuration(manager: Manager) -> None:
    manager.installation.write_config(maxConcurrentWorkers=4, color="blue")

    rows = [
        manager.ended(i)
        for i in [manager.add("job.set('message', handler.get_config().get('color'))") for _ in "12345678"]
    ]

    assert {row["message"] for row in rows} == {"blue"}


def test_a_row_with_an_unreadable_payload_fails_and_says_so(manager: Manager) -> None:
    manager.insert("unreadable", payload="abc")

    row = manager.ended("unreadable")

    assert row["status"] == "Failed"
    assert "payload" in row["message"]


@pytest.mark.only_sqlite("the columns of others hold what is of their type only")
@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("attempt", 2**63 - 1, f"attempt is {2**63 - 1}"),
        ("attempt", -5, "attempt is -5"),
        ("payload", b"\xff\xfe", "payload holds bytes, not text"),
    ],
)
def test_a_row_that_no_worker_can_read_fails_alone(manager: Manager, column: str, value: object, why: str) -> None:
    daemon = manager.process("job-manager")
    job_id = f"odd {column} {value!r}"
    manager.insert(job_id, priority=1000, **{column: value})

    row = manager.ended(job_id)

    assert (row["status"], row["message"]) == ("Failed", f"The row of the job cannot be read: {why}.")
    assert manager.run()["status"] == "Success"
    assert manager.process("job-manager") == daemon


def test_the_end_of_a_run_is_when_the_job_ended_and_not_when_it_was_written(manager: Manager) -> None:
    job_id = manager.begin("reach('here'); wait_for('end'); from core import clock; reach('over', clock.now())")
    daemon = manager.process("job-manager")
    daemon.suspend()
    manager.let(job_id, "end")
    over = manager.reached(job_id, "over")
    resumed = clock.now()
    daemon.resume()

    ended_at = to_moment(manager.ended(job_id)["ended_at"])

    assert clock.from_text(over) <= ended_at
    assert ended_at - clock.from_text(over) < timedelta(seconds=1) or ended_at < resumed


def test_a_process_that_a_job_forks_ends_as_its_own_code_says(manager: Manager) -> None:
    row = manager.run(
        "import os, sys\npid = os.fork()\nif not pid: sys.exit(3)\n"
        "job.set('message', str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))"
    )

    assert (row["status"], row["message"]) == ("Success", "3")
    assert row["id"] not in manager.main_log()


def test_a_changed_level_of_the_jobs_logs_is_obeyed(manager: Manager) -> None:
    code = "log = handler.get_container().get('log'); log.info('quiet words'); log.error('loud words')"
    assert "quiet words" in (manager.log(manager.run(code)["id"]) or "")
    manager.installation.write_config(maxConcurrentWorkers=4, logger={"jobLevel": "ERROR"})

    try:
        logs = [manager.log(manager.run(code)["id"]) or "" for _ in range(3)]
    finally:
        manager.installation.write_config(maxConcurrentWorkers=4)

    assert all("loud words" in log and "quiet words" not in log for log in logs)


def test_a_row_whose_moments_have_no_fractions_runs(manager: Manager) -> None:
    manager.insert("seconds", created_at="2026-01-01 00:00:00", modified_at="2026-01-01 00:00:00")

    assert manager.ended("seconds")["status"] == "Success"


@pytest.mark.only_sqlite("the columns of others hold numbers only")
@pytest.mark.parametrize("attempt", [None, "x", b"\xff"[:0]])
def test_a_row_whose_attempt_is_no_number_runs_as_if_it_were_0(manager: Manager, attempt: object) -> None:
    job_id = f"attempt {attempt!r}"
    manager.insert(job_id, attempt=attempt, attempt_limit="many")

    row = manager.ended(job_id)

    assert (row["status"], row["attempt"]) == ("Success", 1)


@pytest.mark.only_sqlite("the columns of others hold moments only")
def test_a_row_that_is_due_at_no_moment_harms_nobody(manager: Manager) -> None:
    daemon = manager.process("job-manager")
    manager.insert("never", execute_time="tomorrow")

    assert [manager.run()["status"] for _ in range(4)] == ["Success"] * 4
    assert manager.process("job-manager") == daemon
    assert manager.row("never")["status"] == "Pending"
    manager.execute("DELETE FROM job WHERE id = 'never'")
