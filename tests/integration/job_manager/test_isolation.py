"""What one job does to its process, the next one does not see; what it prints goes to its own log."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psutil
import pytest

from core.testing import Installation
from tests.integration.job_manager.manager import Manager

CHANGES = {
    "working directory": ("os.chdir('/')", "os.getcwd()"),
    "removed working directory": (
        "import tempfile; d = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)",
        "os.getcwd()",
    ),
    "environment": ("os.environ['COLOR'] = 'blue'", "os.environ.get('COLOR')"),
    "environment that lacks something": ("del os.environb[b'PATH']", "os.popen('echo $PATH').read()"),
    "environment put in another's place": ("os.environ = {'COLOR': 'blue'}", "os.environ.get('COLOR')"),
    "umask": ("os.umask(0o777)", "(m := os.umask(0), os.umask(m))[0]"),
    "signal handler": ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "signal.getsignal(signal.SIGTERM).__name__"),
    "signal mask": ("signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})", "signal.pthread_sigmask(0, ())"),
    "timer": ("signal.setitimer(signal.ITIMER_REAL, 3600)", "signal.getitimer(signal.ITIMER_REAL)"),
    "import path": ("sys.path.insert(0, '/nowhere')", "sys.path[0]"),
    "memory storage": ("handler.get_memory_storage().set('a', 1)", "handler.get_memory_storage().get('a')"),
    "standard output": ("import io; sys.stdout = io.StringIO()", "type(sys.stdout).__name__"),
    "standard output that is closed with its wrapper": (
        "import io; sys.stdout = io.TextIOWrapper(sys.stdout.buffer)",
        "(sys.stdout.closed, sys.stdout.buffer.closed)",
    ),
    "user": (
        "em = handler.get_entity_manager(); em.set_user(em.get_entity('User'))",
        "handler.get_entity_manager().get_user().id",
    ),
    "level of the log": (
        "handler.get_container().get('log').setLevel('CRITICAL'); import logging; logging.disable(logging.ERROR)",
        "(handler.get_container().get('log').isEnabledFor(10), 'x')[0]",
    ),
    "set-up of logging": (
        "import logging.config; logging.config.dictConfig({'version': 1})",
        "(h := handler.get_container().get('log'), h.disabled, len(h.handlers), len(h.root.handlers))[1:]",
    ),
    "open transaction": (
        "t = handler.get_entity_manager().transaction(); t.__enter__(); sys.modules['kept'] = t",
        "handler.get_entity_manager().database.in_transaction",
    ),
}
IMPORTS = "import os, signal, sys\n"


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_job_does_not_see_a_changed(manager: Manager, change: str) -> None:
    do, look = CHANGES[change]
    say = f"{IMPORTS}job.set('message', f'{{os.getpid()}} ' + repr({look}))"
    before = {manager.run(say)["message"].split(" ", 1)[1] for _ in range(2)}

    changed = manager.run(IMPORTS + do)
    after = _message_of_worker(manager, changed["pid"], say)

    assert changed["status"] == "Success"
    assert after in before


def _message_of_worker(manager: Manager, pid: int, say: str) -> str:
    """What a job says that the same worker runs."""
    for _ in range(40):
        worker, message = manager.run(say)["message"].split(" ", 1)
        if int(worker) == pid:
            return str(message)
    raise AssertionError(f"worker {pid} ran nothing any more")


def test_a_worker_with_a_leftover_thread_is_replaced(manager: Manager) -> None:
    row = manager.run("import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")

    assert row["status"] == "Success"
    manager.gone(row["pid"])


def test_a_worker_whose_job_was_interrupted_is_replaced(manager: Manager) -> None:
    """The exception may have come where a lock had just been taken."""
    row = manager.run("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")

    assert (row["status"], row["message"]) == ("Failed", "The job was stopped by signal 15 (SIGTERM).")
    manager.gone(row["pid"])


@pytest.mark.only_sqlite("on servers there are no turns")
def test_a_job_that_is_interrupted_while_it_waits_to_write_keeps_nobody_from_writing(manager: Manager) -> None:
    job_id = manager.begin("reach('here'); wait_for('go')\nwith handler.get_entity_manager().transaction(): pass")
    process = psutil.Process(manager.row(job_id)["pid"])

    with manager.entity_manager.transaction():
        manager.let(job_id, "go")
        manager.until(lambda: process.num_threads() > 1, "it does not wait for its turn")
        process.terminate()
        manager.until(lambda: "Job failed: The job was stopped" in (manager.log(job_id) or ""), "it waits on")

    assert manager.ended(job_id)["status"] == "Failed"
    assert manager.run()["status"] == "Success"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("os.setpgid(0, os.getppid())", "it left its process group"),
        ("os.nice(1)", "its priority or its limits were changed"),
        ("resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))", "its priority or its limits were changed"),
    ],
)
def test_a_worker_whose_job_changed_what_cannot_be_undone_is_replaced(manager: Manager, code: str, why: str) -> None:
    row = manager.run(f"import os, resource; {code}")

    manager.gone(row["pid"])

    assert row["status"] == "Success"
    assert f"Worker {row['pid']} is replaced after job {row['id']}: {why}." in manager.main_log()


@pytest.mark.parametrize("code", ["subprocess.Popen(['sleep', '601'])", "os.system('sleep 601 &')"])
def test_a_job_that_leaves_children_behind_fails_and_they_are_ended(manager: Manager, code: str) -> None:
    row = manager.run(f"import os, subprocess; {code}")

    assert row["status"] == "Failed"
    assert row["message"].startswith("The job left child processes running, which were ended: ")
    manager.gone(row["message"].split(": ")[1].split(" ")[0])


def test_a_pool_that_was_closed_is_no_leftover(manager: Manager) -> None:
    row = manager.run(
        "import multiprocessing\n"
        "with multiprocessing.get_context('spawn').Pool(1) as pool: job.set('message', str(pool.map(len, ['abc'])))"
    )

    assert (row["status"], row["message"]) == ("Success", "[3]")


def test_prints_logs_and_output_of_child_processes_go_to_the_jobs_own_log(manager: Manager) -> None:
    row = manager.run(
        "import logging, os, subprocess, sys; print('printed'); print('complained', file=sys.stderr)\n"
        "subprocess.run(['echo', 'from a child']); os.write(1, b'raw\\n')\n"
        "handler.get_container().get('log').debug('logged'); logging.getLogger('lib').info('by a library')"
    )

    log = manager.log(row["id"]) or ""
    for text in ("printed\n", "complained\n", "from a child\n", "raw\n", "by a library\n"):
        assert text in log
    assert f"DEBUG [job {row['id']}] logged\n" in log


def test_output_of_a_child_process_alone_makes_a_log_too(manager: Manager) -> None:
    row = manager.run("import subprocess; subprocess.run(['echo', 'quiet parent'])")

    assert manager.log(row["id"]) == "quiet parent\n"


def test_output_of_a_child_process_outlives_the_folder_of_the_logs(manager: Manager) -> None:
    """A worker at rest has its hidden file in it already."""
    logs = manager.installation.data / "logs"

    row = manager.run(f"import shutil, subprocess; shutil.rmtree({str(logs)!r}); subprocess.run(['echo', 'quiet'])")

    assert manager.log(row["id"]) == "quiet\n"


def test_what_a_forked_child_prints_first_takes_no_output_from_the_job(manager: Manager) -> None:
    code = "import os\nif not os.fork(): print('child'); os._exit(0)\nos.wait(); print('parent'); raise ValueError"

    row = manager.run(code, "Twice")

    log = (manager.log(row["id"]) or "").splitlines()
    assert [line for line in log if line in ("child", "parent")] == ["child", "parent"] * 2
    assert "cannot be made" not in manager.main_log()


def test_a_silent_job_has_no_log(manager: Manager) -> None:
    assert manager.log(manager.run()["id"]) is None


def test_a_removed_folder_of_logs_harms_nobody(manager: Manager) -> None:
    daemon = manager.process("job-manager")
    shutil.rmtree(manager.installation.data / "logs")

    rows = [manager.run("print('said'); raise ValueError") for _ in range(9)]

    assert {row["message"] for row in rows} == {"ValueError"}
    assert all("said" in (manager.log(row["id"]) or "") for row in rows)
    assert "Job failed: ValueError" in manager.main_log()
    assert manager.process("job-manager") == daemon


def test_a_crash_leaves_its_last_words_in_the_log(manager: Manager) -> None:
    row = manager.run("import ctypes; ctypes.string_at(0)")

    manager.until(lambda: "Segmentation fault" in (manager.log(row["id"]) or ""), "faulthandler's text is missing")


def test_a_failed_job_has_its_traceback_in_the_log_and_a_line_in_the_main_log(manager: Manager) -> None:
    row = manager.run("raise ValueError('no such rate')")

    assert 'File "script", line 1' in (manager.log(row["id"]) or "")
    assert f"[job {row['id']}] Job failed: no such rate" in manager.main_log()


def test_workers_share_no_socket_and_their_parent_has_none_but_the_daemons(manager: Manager) -> None:
    # First the workers: a parent that has some is set up itself.
    workers = [_sockets(worker.pid) for worker in manager.idle_workers()]
    parent = _sockets(manager.process("worker parent").pid)

    # One to the daemon, and the pair by which a signal wakes the parent.
    assert len(parent) == 3
    assert all(len(each) == 1 for each in workers)
    assert len(set.union(parent, *workers)) == 3 + len(workers)


def test_the_parent_of_the_workers_has_no_thread_and_no_database_file(manager: Manager) -> None:
    parent = manager.process("worker parent")

    assert parent.num_threads() == 1
    assert not any("atro.sqlite" in link for link in _links(parent.pid))


def _sockets(pid: int) -> set[str]:
    return {link for link in _links(pid) if link.startswith("socket:")}


def _links(pid: int) -> list[str]:
    return [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]


LISTENER = """\
from core.Listeners import AbstractListener


class JobEntity(AbstractListener):
    def after_save(self, event):
        import os

        job = event.get_argument("entity")
        changed = job.is_attribute_changed("status")
        with open("data/marks/heard", "a") as heard:
            heard.write(f"{job.get('name')} {job.get('status')} {changed} {os.getpid()}\\n")
"""

LEAVING = """\
import sys


class JobEntity:
    def after_save(self, event):
        sys.exit(3)
"""


def test_listeners_hear_of_starts_and_ends_in_a_worker_after_the_commit(own_installation: Installation) -> None:
    own_installation.add_module("Hearing", {"Listeners/JobEntity.py": LISTENER})
    heard = own_installation.data / "marks" / "heard"
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()
        fine = manager.run(name="fine")
        dead = manager.run("import os; os.kill(os.getpid(), 9)", name="dead")
        manager.until(lambda: "dead Failed" in heard.read_text(), "nobody heard of the dead worker's job")
        lines = [line.split() for line in heard.read_text().splitlines()]

    said = [line[:3] for line in lines]
    assert ["fine", "Running", "True"] in said
    assert ["fine", "Success", "True"] in said
    assert {line[3] for line in lines if line[:2] == ["fine", "Success"]} == {str(fine["pid"])}
    assert str(dead["pid"]) not in {line[3] for line in lines if line[:2] == ["dead", "Failed"]}


def test_a_listener_that_calls_sys_exit_ends_no_worker(own_installation: Installation) -> None:
    own_installation.add_module("Hearing", {"Listeners/JobEntity.py": LEAVING})
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()
        row = manager.run()

    assert (row["status"], row["message"]) == ("Success", None)
    assert "Hearing.Listeners.JobEntity.after_save" in manager.main_log()


@pytest.mark.proof
def test_where_all_workers_are_busy_the_listeners_hear_of_a_dead_workers_job_later(
    own_installation: Installation,
) -> None:
    own_installation.add_module("Hearing", {"Listeners/JobEntity.py": LISTENER})
    heard = own_installation.data / "marks" / "heard"
    with own_installation.application() as application:
        manager = Manager(own_installation, application.container)
        manager.start()
        busy = [manager.begin("reach('here'); wait_for('end')", "Hasty") for _ in range(3)]
        dead = manager.begin("reach('here'); wait_for('end'); import os; os.kill(os.getpid(), 9)", name="dead")
        # Given a fifth job that takes the place of the dead worker's
        fifth = manager.add("reach('here'); wait_for('end')")
        manager.let(dead, "end")
        manager.reached(fifth, "here")
        # When one of the busy workers is interrupted, what it was told meanwhile is not lost
        manager.set_status(busy[0], "Canceled")
        manager.ended(busy[0])
        for job_id in (*busy[1:], fifth):
            manager.let(job_id, "end")
            manager.ended(job_id)
        # Then
        manager.until(lambda: "dead Failed" in heard.read_text(), "nobody heard of the dead worker's job")


def framed(document: dict[str, object]) -> bytes:
    text = json.dumps(document).encode()
    return len(text).to_bytes(4, "big") + text


NO_MESSAGES = [b"garbage, and more", b"\0\0\0\x02no", b"\0\0\0\x011", b"\0\0\0\x02{}"]
END = dict.fromkeys(("message", "payload", "ended_at", "cause", "result", "replace")) | {"is": "end", "success": True}
NO_ENDS = [
    END | {"message": ["x"]},
    END | {"success": 1},
    END | {"ended_at": 5},
    END | {"cause": {"is_discarded": 1}},
    END | {"result": {}},
    {"is": "ready", "process": "x", "listens": 0},
]


@pytest.mark.parametrize("written", [*NO_MESSAGES, *map(framed, NO_ENDS)])
def test_a_job_that_writes_to_its_workers_channel_fails_and_harms_nobody_else(manager: Manager, written: bytes) -> None:
    daemon = manager.process("job-manager")

    row = manager.run(
        "import os, stat, time\n"
        "for fd in range(3, 64):\n"
        "    try:\n"
        f"        if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, {written!r})\n"
        "    except OSError: pass\n"
        "time.sleep(60)"
    )

    assert row["status"] == "Failed"
    assert "it sent what is no message" in row["message"]
    assert manager.process("job-manager") == daemon
