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
from core.sentence import Sentence, joined
from core.terminal.duration import in_words

_MOST_ATTEMPTS = 2**31 - 1
_RESTART = Sentence('"python console.py kill daemons" and cron start the job manager anew.')
_RELOADS = Sentence("the job manager loads it by itself.")


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
    return Answer("soon", Sentence("Nothing is in its way: it starts at any moment."))


# Those that have ended, and those that run


def _succeeded(case: JobCase) -> Answer:
    text = Sentence("It ran, and ended in Success{at}.", at=_at(case))
    return Answer("succeeded", text, Sentence("{command} runs it again.", command=case.retry))


def _canceled(case: JobCase) -> Answer:
    values = {"pid": case.row["pid"], "at": _at(case), "message": f": {case.message}" if case.message else "."}
    if case.row["run_process"] is not None:
        text = Sentence("It was canceled, and its process {pid} is given time to end{message}", **values)
    else:
        text = Sentence("It was canceled{at}{message}", **values)
    return Answer("canceled", text, Sentence("{command} puts it back into the queue.", command=case.retry))


def _failed(case: JobCase) -> Answer:
    text = Sentence(
        "It failed{at}, {attempt}: {message}",
        at=_at(case),
        attempt=case.attempt,
        message=case.shown_message or Sentence("nobody said why"),
    )
    then = Sentence("Then {command}.", command=case.retry)
    if case.message.startswith("The row of the job cannot be read"):
        return Answer("unreadable", text, Sentence("Mend the row by SQL, or remove the job, and add it anew."))
    fault = _wrong_type(case)
    if fault is not None and str(case.handler_fault) in case.message:
        # The message says what is wrong with a handler, and no more than that there is none.
        whole = text if fault.reason == "wrongHandler" else joined([text, fault.text])
        return Answer(fault.reason, whole, joined([fault.remedy or "", then]))
    if case.handler_fault is None and case.message.startswith(("Type class for", "The handler")):
        remedy = Sentence(
            "The handler is in order now: if the job manager is older than it, {restart}", restart=_restart(case)
        )
        return Answer("failed", text, joined([remedy, then]))
    if case.message.startswith(NO_OWNER):
        return Answer("noOwner", text, then)
    remedy = Sentence(
        '"python console.py job log {id}" has the traceback, {command} puts it back into the queue.',
        id=case.id,
        command=case.retry,
    )
    return Answer("failed", text, remedy)


def _running(case: JobCase) -> Answer:
    pid, node = case.row["pid"], case.row["run_node"]
    values = {"pid": pid, "machine": node, "moment": _iso(case.moment("started_at")), "attempt": case.attempt}
    if node is not None and node != case.status.node:
        text = Sentence("It runs as process {pid} of the machine {machine} since {moment}, {attempt}.", **values)
        machine = case.status.silent_machine(node)
        if machine is None:
            return Answer("running", text)
        seen = Sentence("That machine was seen last {ago}.", ago=machine.seen)
        return Answer("machineSilent", joined([text, seen]), machine.remedy)
    if is_living(case.row["run_process"]):
        watch = Sentence('"python console.py job show {id}" shows what its process takes.', id=case.id)
        return Answer("running", Sentence("It runs as process {pid} since {moment}, {attempt}.", **values), watch)
    if case.row["run_process"] is None:
        text = Sentence("It says Running, but no job manager has started it: somebody else wrote that.")
        remedy = Sentence("The job manager closes it within some seconds.")
    else:
        text = Sentence("It is Running since {moment}, {attempt}, but its process {pid} is gone.", **values)
        remedy = Sentence("The job manager closes it within two seconds, or tries it again.")
    if not case.status.is_well:
        remedy = Sentence('Nobody has closed it, as no job manager is at work: "python console.py cron".')
    return Answer("processGone", text, remedy)


# Those that wait for something of their own


def _awaits_run_before(case: JobCase) -> Answer | None:
    if case.row["fire_time"] is None or case.row["scheduled_job_id"] is None:
        return None
    text = Sentence("It waits for the run before it of its schedule '{name}'", name=case.schedule)
    before = [each for each in case.status.held if _is_of_schedule(each, case)]
    if before:
        run = before[0]
        text = Sentence(
            "{text}: job {id}, {status} as process {pid}.",
            text=text,
            id=run.job_id,
            status=run.status,
            pid=run.pid,
        )
        remedy = Sentence('"python console.py job cancel {id}" ends that one.', id=run.job_id)
        return Answer("runBefore", text, remedy)
    with case.container.get("connection").read() as connection:
        queued = case.backlog.queued_before(
            connection, case.row["scheduled_job_id"], case.moment("execute_time") or case.status.now
        )
    if queued is not None:
        text = Sentence("{text}: job {id}, which waits itself.", text=text, id=queued)
        return Answer("runBefore", text, Sentence('"job why {id}" says for what.', id=queued))
    text = Sentence("{text}, which is over: its turn comes within a second.", text=text)
    return no_job_manager(case) or Answer("runBefore", text)


def _awaits_creator(case: JobCase) -> Answer:
    creator_id = case.row["creator_id"]
    free = Sentence("{command} makes it Pending.", command=case.retry)
    if creator_id is None:
        return Answer("awaiting", Sentence("It is Awaiting until whoever made it sets it to Pending."), free)
    with case.container.get("connection").read() as connection:
        creator = case.backlog.row(connection, creator_id)
    if creator is None:
        text = Sentence("It is Awaiting, and the job {id} that made it is gone.", id=creator_id)
        return Answer("awaiting", text, free)
    values = {"id": creator_id, "type": creator["type"], "status": creator["status"]}
    text = Sentence("It is Awaiting until the job that made it sets it to Pending: {id} ({type})", **values)
    if creator["status"] in (SUCCESS, FAILED, CANCELED):
        text = Sentence("{text}, which has ended as {status} and has not done it.", text=text, **values)
        return Answer("awaiting", text, free)
    text = Sentence("{text}, which is {status}.", text=text, **values)
    return Answer("awaiting", text, Sentence('"job why {id}" says why.', **values))


def _unreadable(case: JobCase) -> Answer | None:
    problem = _problem_of(case.row)
    if problem is None:
        return None
    remedy = Sentence(
        "Bare SQL wrote that: mend the row by SQL, or remove the job, and add it by save_entity or job add."
    )
    return Answer("unreadable", Sentence("Its row cannot be read: {problem}.", problem=problem), remedy)


def _problem_of(row: Mapping[str, Any]) -> Sentence | None:
    if row["status"] not in _JUDGES:
        return Sentence("its status is {value}, which is none", value=repr(row["status"]))
    for name, value in row.items():
        if isinstance(value, bytes):
            return Sentence("{column} holds bytes, not text", column=name)
    for name in ("type", "priority", "execute_time"):
        if row[name] is None:
            return Sentence("{column} is empty", column=name)
    if moment_or_none(row["execute_time"]) is None:
        return Sentence("execute_time holds {value}, which is no moment", value=repr(row["execute_time"]))
    attempt = row["attempt"]
    if isinstance(attempt, int) and not 0 <= attempt < _MOST_ATTEMPTS:
        return Sentence("attempt is {value}", value=attempt)
    return None


def _wrong_type(case: JobCase) -> Answer | None:
    fault = case.handler_fault
    if fault is None:
        return None
    job_types = case.container.get("metadata").get(["app", "jobTypes"], {})
    if isinstance(job_types, dict) and case.type in job_types:
        remedy = Sentence(
            'Mend the handler, or what its file imports ("python console.py check"); {restart}', restart=_restart(case)
        )
        return Answer("wrongHandler", Sentence("It cannot run: {fault}", fault=fault), remedy)
    aside = [each.module for each in case.container.get("moduleManager").set_aside]
    hint = did_you_mean(case.type, job_types if isinstance(job_types, dict) else ())
    modules = Sentence(" Set aside, as they cannot be loaded: {names}.", names=", ".join(aside)) if aside else ""
    text = Sentence("No module registers the job type '{type}'.{hint}{aside}", type=case.type, hint=hint, aside=modules)
    remedy = Sentence(
        '"python console.py job types" lists those that there are. Install or mend the module; {restart}',
        restart=_restart(case),
    )
    return Answer("unknownType", text, remedy)


def _restart(case: JobCase) -> Sentence:
    """How changed code comes to the job manager."""
    return _RELOADS if case.container.get("config").get("reloadCode") else _RESTART


def _no_owner(case: JobCase) -> Answer | None:
    lack = owner_lack(case.container.get("entityManager"), case.row["owner_user_id"])
    if lack is None:
        return None
    text = Sentence("It would fail when its turn comes: its owner, {lack}.", lack=lack.text)
    return Answer("noOwner", text, joined([lack.remedy, "."], ""))


def _future(case: JobCase) -> Answer | None:
    due_at = case.moment("execute_time")
    if due_at is None or due_at <= case.status.now:
        return None
    time = in_words((due_at - case.status.now).total_seconds())
    values = {"moment": _iso(due_at), "time": time}
    if case.row["attempt"]:
        text = Sentence(
            "It failed, {attempt}, and is tried again at {moment}, in {time}.", attempt=case.attempt, **values
        )
        return Answer("future", text)
    if case.row["fire_time"] is not None and case.schedule is not None:
        text = Sentence(
            "Its time comes at {moment}, in {time}: its schedule '{name}' fires then.", name=case.schedule, **values
        )
        schedule_id = case.row["scheduled_job_id"]
        remedy = Sentence('"python console.py schedule run {id}" starts another one now.', id=schedule_id)
        return Answer("future", text, remedy)
    remedy = Sentence('"python console.py job {id} --run" runs it now.', id=case.id)
    return Answer("future", Sentence("Its time comes at {moment}, in {time}.", **values), remedy)


def _former_run(case: JobCase) -> Answer | None:
    process = case.row["run_process"]
    if process is None:
        return None
    node = case.row["run_node"]
    where = "" if node == case.status.node else Sentence(" of the machine {machine}", machine=node)
    text = Sentence(
        "Its former run, process {pid}{where}, is not over: a job never runs twice at one time.",
        pid=case.row["pid"],
        where=where,
    )
    if node == case.status.node and not is_living(process):
        text = Sentence("Its former run is over: it is let go within two seconds.")
        return no_job_manager(case) or Answer("formerRun", text)
    remedy = Sentence("Wait for its end; the job manager kills it at the end of its grace period.")
    return Answer("formerRun", text, remedy)


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
    return Sentence(" at {moment}", moment=_iso(moment)) if moment else ""


def _iso(moment: datetime | None) -> str:
    return "?" if moment is None else clock.to_iso(moment)
