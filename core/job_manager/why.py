"""Why a job does not run: the first thing that is in its way, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from core import clock
from core.container import Container
from core.exceptions import NotFound, did_you_mean
from core.job_manager.job_case import Answer, JobCase
from core.job_manager.obstacles import OBSTACLES, no_job_manager
from core.job_manager.status import Status
from core.job_queue.backlog import Backlog, HeldRow
from core.job_queue.process_identity import is_living
from core.job_queue.states import AWAITING, CANCELED, FAILED, PENDING, RUNNING, SUCCESS
from core.orm.column_types import moment_or_none
from core.records.owner import NO_OWNER, owner_lack
from core.terminal.duration import in_words

_MOST_ATTEMPTS = 2**31 - 1
_RESTART = '"python console.py kill daemons" and cron start the job manager anew.'


def explain(container: Container, job_id: str, status: Status) -> Answer:
    """The one answer; `status` is that of this machine's job manager. Raises NotFound where there is no such job."""
    database = container.get("connection")
    backlog = Backlog(database, container.get("schema"))
    with database.read() as connection:
        row = backlog.row(connection, job_id)
    if row is None:
        raise NotFound("No such job!")
    case = JobCase(container, backlog, row, status)
    for judge in _JUDGES.get(row["status"], (_unreadable,)):
        answer = judge(case)
        if answer is not None:
            return answer
    return Answer("soon", "Nothing is in its way: it starts at any moment.")


# Those that have ended, and those that run


def _succeeded(case: JobCase) -> Answer:
    return Answer("succeeded", f"It ran, and ended in Success{_at(case)}.", f"{case.retry} runs it again.")


def _canceled(case: JobCase) -> Answer:
    message = f": {case.message}" if case.message else "."
    if case.row["run_process"] is not None:
        text = f"It was canceled, and its process {case.row['pid']} is given time to end{message}"
    else:
        text = f"It was canceled{_at(case)}{message}"
    return Answer("canceled", text, f"{case.retry} puts it back into the queue.")


def _failed(case: JobCase) -> Answer:
    text = f"It failed{_at(case)}, {case.attempt}: {case.message or 'nobody said why'}"
    if case.message.startswith("The row of the job cannot be read"):
        return Answer("unreadable", text, "Mend the row by SQL, or remove the job, and add it anew.")
    if case.handler_fault is not None and case.handler_fault in case.message:
        fault = _wrong_type(case) or Answer("", "")
        return Answer(fault.reason, f"{text} {fault.text}", f"{fault.remedy} Then {case.retry}.")
    if case.handler_fault is None and case.message.startswith(("Type class for", "The handler")):
        remedy = f"The handler is in order now: if the job manager is older than it, {_RESTART} Then {case.retry}."
        return Answer("failed", text, remedy)
    if case.message.startswith(NO_OWNER):
        return Answer("noOwner", text, f"Then {case.retry}.")
    log = f'"python console.py job log {case.id}" has the traceback'
    return Answer("failed", text, f"{log}, {case.retry} puts it back into the queue.")


def _running(case: JobCase) -> Answer:
    pid, node = case.row["pid"], case.row["run_node"]
    since = f"since {_iso(case.moment('started_at'))}, {case.attempt}"
    if node is not None and node != case.status.node:
        text, machine = f"It runs as process {pid} of the machine {node} {since}.", case.status.silent_machine(node)
        if machine is None:
            return Answer("running", text)
        return Answer("machineSilent", f"{text} That machine was seen last {machine.seen}.", machine.remedy)
    if is_living(case.row["run_process"]):
        watch = f'"python console.py job show {case.id}" shows what its process takes.'
        return Answer("running", f"It runs as process {pid} {since}.", watch)
    text = f"It is Running {since}, but its process {pid} is gone."
    if case.status.is_well:
        return Answer("processGone", text, "The job manager closes it within two seconds, or tries it again.")
    return Answer("processGone", text, 'Nobody has closed it, as no job manager is at work: "python console.py cron".')


# Those that wait for something of their own


def _awaits_run_before(case: JobCase) -> Answer | None:
    if case.row["fire_time"] is None or case.row["scheduled_job_id"] is None:
        return None
    text = f"It waits for the run before it of its schedule '{case.schedule}'"
    before = [each for each in case.status.held if _is_of_schedule(each, case)]
    if before:
        run = before[0]
        text = f"{text}: job {run.job_id}, {run.status} as process {run.pid}."
        return Answer("runBefore", text, f'"python console.py job cancel {run.job_id}" ends that one.')
    with case.container.get("connection").read() as connection:
        queued = case.backlog.queued_before(
            connection, case.row["scheduled_job_id"], case.moment("execute_time") or case.status.now
        )
    if queued is not None:
        return Answer("runBefore", f"{text}: job {queued}, which waits itself.", f'"job why {queued}" says for what.')
    return no_job_manager(case) or Answer("runBefore", f"{text}, which is over: its turn comes within a second.")


def _awaits_creator(case: JobCase) -> Answer:
    creator_id = case.row["creator_id"]
    free = f"{case.retry} makes it Pending."
    if creator_id is None:
        return Answer("awaiting", "It is Awaiting until whoever made it sets it to Pending.", free)
    with case.container.get("connection").read() as connection:
        creator = case.backlog.row(connection, creator_id)
    if creator is None:
        return Answer("awaiting", f"It is Awaiting, and the job {creator_id} that made it is gone.", free)
    text = f"It is Awaiting until the job that made it sets it to Pending: {creator_id} ({creator['type']})"
    if creator["status"] in (SUCCESS, FAILED, CANCELED):
        text = f"{text}, which has ended as {creator['status']} and has not done it."
        return Answer("awaiting", text, free)
    return Answer("awaiting", f"{text}, which is {creator['status']}.", f'"job why {creator_id}" says why.')


def _unreadable(case: JobCase) -> Answer | None:
    problem = _problem_of(case.row)
    if problem is None:
        return None
    remedy = "Bare SQL wrote that: mend the row by SQL, or remove the job, and add it by save_entity or job add."
    return Answer("unreadable", f"Its row cannot be read: {problem}.", remedy)


def _problem_of(row: Mapping[str, Any]) -> str | None:
    if row["status"] not in _JUDGES:
        return f"its status is {row['status']!r}, which is none"
    for name, value in row.items():
        if isinstance(value, bytes):
            return f"{name} holds bytes, not text"
    for name in ("type", "priority", "execute_time"):
        if row[name] is None:
            return f"{name} is empty"
    if moment_or_none(row["execute_time"]) is None:
        return f"execute_time holds {row['execute_time']!r}, which is no moment"
    attempt = row["attempt"]
    if isinstance(attempt, int) and not 0 <= attempt < _MOST_ATTEMPTS:
        return f"attempt is {attempt}"
    return None


def _wrong_type(case: JobCase) -> Answer | None:
    fault = case.handler_fault
    if fault is None:
        return None
    job_types = case.container.get("metadata").get(["app", "jobTypes"], {})
    if isinstance(job_types, dict) and case.type in job_types:
        remedy = f'Mend the handler, or what its file imports ("python console.py check"); {_RESTART}'
        return Answer("wrongHandler", f"It cannot run: {fault}", remedy)
    aside = [each.module for each in case.container.get("moduleManager").set_aside]
    hint = did_you_mean(case.type, job_types if isinstance(job_types, dict) else ())
    modules = f" Set aside, as they cannot be loaded: {', '.join(aside)}." if aside else ""
    text = f"No module registers the job type '{case.type}'.{hint}{modules}"
    remedy = f'"python console.py job types" lists those that there are. Install or mend the module; {_RESTART}'
    return Answer("unknownType", text, remedy)


def _no_owner(case: JobCase) -> Answer | None:
    lack = owner_lack(case.container.get("entityManager"), case.row["owner_user_id"])
    if lack is None:
        return None
    return Answer("noOwner", f"It would fail when its turn comes: its owner, {lack.text}.", f"{lack.remedy}.")


def _future(case: JobCase) -> Answer | None:
    due_at = case.moment("execute_time")
    if due_at is None or due_at <= case.status.now:
        return None
    when = f"{_iso(due_at)}, in {in_words((due_at - case.status.now).total_seconds())}"
    if case.row["attempt"]:
        return Answer("future", f"It failed, {case.attempt}, and is tried again at {when}.")
    if case.row["fire_time"] is not None and case.schedule is not None:
        remedy = f'"python console.py schedule run {case.row["scheduled_job_id"]}" starts another one now.'
        return Answer("future", f"Its time comes at {when}: its schedule '{case.schedule}' fires then.", remedy)
    return Answer("future", f"Its time comes at {when}.", f'"python console.py job {case.id} --run" runs it now.')


def _former_run(case: JobCase) -> Answer | None:
    process = case.row["run_process"]
    if process is None:
        return None
    node = case.row["run_node"]
    where = "" if node == case.status.node else f" of the machine {node}"
    text = f"Its former run, process {case.row['pid']}{where}, is not over: a job never runs twice at one time."
    if node == case.status.node and not is_living(process):
        return no_job_manager(case) or Answer("formerRun", "Its former run is over: it is let go within two seconds.")
    return Answer("formerRun", text, "Wait for its end; the job manager kills it at the end of its grace period.")


_JUDGES: dict[str, tuple[Callable[[JobCase], Answer | None], ...]] = {
    SUCCESS: (_succeeded,),
    CANCELED: (_canceled,),
    FAILED: (_failed,),
    RUNNING: (_running,),
    AWAITING: (_unreadable, _awaits_run_before, _awaits_creator),
    PENDING: (_unreadable, _wrong_type, _no_owner, _future, _former_run, *OBSTACLES),
}


def _is_of_schedule(held: HeldRow, case: JobCase) -> bool:
    return held.schedule_id == case.row["scheduled_job_id"] and held.type == case.type and held.job_id != case.id


def _at(case: JobCase) -> str:
    moment = case.moment("ended_at")
    return f" at {_iso(moment)}" if moment else ""


def _iso(moment: datetime | None) -> str:
    return "?" if moment is None else clock.to_iso(moment)
