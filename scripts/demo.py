"""`make demo`: the European Central Bank's exchange rates, imported by a pool of processes, from start to stop.

It types at the console what a person would type, in this clone and with its data/ folder. A job manager that ran before
is left running; one that the demo started is stopped, also after an error or Ctrl-C.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from core import clock
from core.terminal import output
from core.terminal.table import write_table

ROOT = Path(__file__).resolve().parent.parent
CURRENCIES = ("USD", "JPY", "GBP")
NEXT = (
    "exchange rates show CHF --limit=3 --json",
    "exchange rates import     # once more: nothing is stored twice",
    "job list --status=Pending",
    "cron                      # the job manager, to be run every minute by crontab",
    "user add ada --admin      # asks for a password",
    "serve                     # the panel, for a browser",
    "list                      # all commands",
)
#: The import takes some seconds; a machine that needs this long has another problem.
IMPORT_TIMEOUT_SECONDS = 300
START_TIMEOUT_SECONDS = 15
STOP_TIMEOUT_SECONDS = 30
INTERRUPTED = 130  # what a shell answers after Ctrl-C


class DemoError(Exception):
    """Why the demo could not go on."""


def main() -> int:
    """Run the demo; the exit code is 0 only if everything went as it should."""
    began_at = clock.monotonic()
    try:
        with job_manager():
            creator_id = type_in("exchange", "rates", "import").strip()
            output.write(f"  {creator_id}")
            wait_for_all()
            show_jobs(finished_jobs(creator_id))
            for currency in CURRENCIES:
                output.write(type_in("exchange", "rates", "show", currency, "--limit=5"))
    except DemoError as error:
        output.error(f"The demo failed: {error}")
        return 1
    except KeyboardInterrupt:
        output.error("The demo was interrupted.")
        return INTERRUPTED
    output.success(f"Done in {clock.monotonic() - began_at:.1f} s. Jobs and rates are in data/atro.sqlite; try next:")
    for words in NEXT:
        output.write(f"  .venv/bin/python console.py {words}")
    return 0


@contextmanager
def job_manager() -> Iterator[None]:
    """A job manager for as long as the block lasts, or longer if there was one before."""
    was_running = bool(processes())
    try:
        type_in("cron")
        if not clock.wait_until(lambda: bool(processes()), START_TIMEOUT_SECONDS):
            raise DemoError(f"the job manager did not start; see {ROOT / 'data/logs/job-manager.log'}")
        yield
    finally:
        if was_running:
            output.info("The job manager was running before the demo, and is left running.")
        else:
            stop()


def stop() -> None:
    """Stops the job manager and makes sure that nothing of it is left."""
    running = processes()
    if not running:
        return
    type_in("kill", "daemons")
    psutil.wait_procs(running, STOP_TIMEOUT_SECONDS)
    left = processes()
    for process in left:
        process.kill()
    if left:
        raise DemoError(f"these processes had to be killed: {', '.join(str(process.pid) for process in left)}")
    output.write(f"  {len(running)} processes have ended, none is left\n")


def processes() -> list[psutil.Process]:
    """The job manager's processes of this clone: the daemon, the workers' parent, the workers."""
    found = []
    for process in psutil.process_iter():
        try:
            if is_ours(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:  # it has ended, or belongs to somebody else
            continue
    return found


def is_ours(words: Sequence[str]) -> bool:
    """They carry the clone's path in their titles, and as an argument until they have one."""
    title = " ".join(words).strip()
    is_starting = list(words[1:2]) == ["-m"] and words[2].split(".")[0] == "core" and str(ROOT) in words
    return is_starting or (title.startswith("pyatro ") and title.endswith(f"[{ROOT}]"))


def wait_for_all() -> None:
    """Shows a progress bar on a terminal until no job is left. Whether ours succeeded is looked at afterwards."""
    words = ("job", "wait", f"--timeout={IMPORT_TIMEOUT_SECONDS}")
    show_command(words)
    subprocess.run(command(words), cwd=ROOT, check=False)


def finished_jobs(creator_id: str) -> list[dict[str, Any]]:
    """The import's job and those that it made; raises DemoError if one of them did not succeed."""
    creator = json.loads(run("job", "show", creator_id, "--json"))
    newest = json.loads(run("job", "list", "--type=ImportCurrencyRates", "--limit=200", "--json"))
    children = [job for job in reversed(newest) if job["payload"]["creatorId"] == creator_id]
    wrong = [job for job in (creator, *children) if job["status"] != "Success"]
    if wrong:
        raise DemoError("; ".join(f"{job['name']}: {job['status']}, {job['message']}" for job in wrong))
    return [creator, *children]


def show_jobs(jobs: Sequence[dict[str, Any]]) -> None:
    """A table of jobs, and what they were together."""
    header = ("job", "status", "pid", "seconds", "message")
    write_table(
        [[job["name"], job["status"], job["pid"], f"{duration(job):.2f}", job["message"]] for job in jobs], header
    )
    whole = max(clock.from_text(job["endedAt"]) for job in jobs) - clock.from_text(jobs[0]["startedAt"])
    workers = {job["pid"] for job in jobs}
    output.info(f"\n{len(jobs)} jobs by {len(workers)} processes in {whole.total_seconds():.1f} s\n")


def duration(job: dict[str, Any]) -> float:
    """How many seconds a job ran."""
    return (clock.from_text(job["endedAt"]) - clock.from_text(job["startedAt"])).total_seconds()


def type_in(*words: str) -> str:
    """Shows a command as a person would type it, and runs it."""
    show_command(words)
    return run(*words)


def show_command(words: Sequence[str]) -> None:
    """The line at the prompt."""
    output.info(f"$ python console.py {' '.join(words)}")
    sys.stdout.flush()


def run(*words: str) -> str:
    """What a console command prints; raises DemoError if it fails."""
    finished = subprocess.run(command(words), cwd=ROOT, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        said = (finished.stderr or finished.stdout).strip()
        raise DemoError(f"`console.py {' '.join(words)}` ended with {finished.returncode}: {said}")
    return finished.stdout


def command(words: Sequence[str]) -> list[str]:
    """A console command, for a process of its own."""
    return [sys.executable, str(ROOT / "console.py"), *words]


if __name__ == "__main__":
    sys.exit(main())
