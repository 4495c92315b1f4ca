"""The list of jobs, and what is done with many of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.access import Rights
from core.container import Container
from core.exceptions import BadRequest, Forbidden, QueryTimeout
from core.job_queue.job_search import JobSearch
from core.job_queue.states import AWAITING, CANCELED, ENDED, FAILED, PENDING, RUNNING, STATUSES, SUCCESS
from core.records.mass_action import Selection
from core.web.panel.fields import Fields
from core.web.panel.form_fields import Form
from core.web.panel.job_filter import JobFilter
from core.web.panel.may import ReadsJobs
from core.web.panel.pages import Pages

_PAGE = 50
#: A mass action is counted up to here before it is begun: what is more is `1,000+`.
_MOST_COUNTED = 1000
#: By action the statuses from which it leads somewhere, and the status that it leads to.
_ACTIONS = {
    "cancel": ((PENDING, RUNNING, AWAITING), CANCELED),
    "retry": ((FAILED, CANCELED, SUCCESS), PENDING),
    "delete": ((PENDING, AWAITING, *ENDED), None),
}
#: What is said of it afterwards.
_DONE = {
    "cancel": "Canceled: {count}.",
    "retry": "Put back into the queue: {count}.",
    "delete": "Removed: {count}.",
}


def job_list_routes(container: Container, pages: Pages, fields: Fields) -> APIRouter:
    """`/Job` and `/Job/mass`"""
    router = APIRouter(include_in_schema=False)
    rights = container.get(Rights)
    search = JobSearch(container.get("schema"))

    def jobs() -> Any:
        return container.get("serviceFactory").create_record("Job")

    def listed(chosen: JobFilter, after: str | None) -> dict[str, Any]:
        """A page in the order of an index."""
        params: dict[str, Any] = {"where": chosen.where(), "sortBy": chosen.sort_by(), "asc": False, "maxSize": _PAGE}
        found = jobs().find_entities({**params, "after": after, "collectionOnly": True})
        return {"jobs": found["list"], "next": found.get("next"), "reached": None}

    def searched(chosen: JobFilter, after: str | None) -> dict[str, Any]:
        """A page of what had to be looked for; it may be short, though the search is not at its end."""
        zone = clock.zone(str(container.get("config").get("timeZone")))
        with container.get("connection").read() as connection:
            hits = search.find(connection, chosen.wanted(zone), _PAGE, after)
        params = {"where": [{"type": "in", "attribute": "id", "value": hits.ids}], "maxSize": _PAGE}
        found = jobs().find_entities({**params, "sortBy": "id", "collectionOnly": True})["list"] if hits.ids else []
        found.sort(key=lambda job: hits.ids.index(job["id"]))
        return {"jobs": found, "next": hits.after, "reached": hits.reached if len(hits.ids) < _PAGE else None}

    @router.get("/Job")
    def list_jobs(identity: ReadsJobs, request: Request, after: str = "") -> Response:
        """A page of the list; the part that is live alone for htmx."""
        chosen = JobFilter.read(request.query_params)
        found = searched(chosen, after or None) if chosen.is_searched else listed(chosen, after or None)
        context = {
            "chosen": chosen,
            **found,
            "next_address": chosen.address(after=found["next"]) if found["next"] else None,
            "is_first": not after,
            "columns": fields.columns("Job"),
        }
        if request.headers.get("hx-request"):
            return pages.live(request, "jobs/rows.html", **context)
        return pages.show(
            request,
            "jobs/list.html",
            **context,
            statuses=STATUSES,
            types=sorted(container.get("metadata").get(["app", "jobTypes"], {})),
            schedules=_names(container, "ScheduledJob", "name"),
            owners=_names(container, "User", "name"),
        )

    @router.post("/Job/mass")
    def act_on_many(identity: ReadsJobs, request: Request, form: Form) -> Response:
        """Say how many jobs are meant, and then do it."""
        action, ids = form.get("action"), form.all("id")
        texts = pages.texts(request)
        if action == "restore":
            rights.require(identity, "delete", "Job")
            restored = jobs().mass_restore({"ids": ids})
            return pages.go(request, "/Job", texts.label("Restored: {count}.", count=restored.get("restored", 0)))
        if action not in _ACTIONS:
            raise BadRequest("There is no such action.")
        rights.require(identity, action, "Job")
        chosen = JobFilter.read(dict(parse_qsl(form.get("filter"))))
        is_all = form.get("scope") == "filter"
        if not is_all and not ids:
            return pages.go(request, chosen.address(), texts.label("Select jobs first."), "warning")
        params = {"where": _where(action, chosen.where(), None if is_all else ids)}
        if not form.is_on("confirmed"):
            count = _count(jobs().selection(params))
            return pages.show(
                request, "jobs/confirm.html", action=action, ids=ids, is_all=is_all, chosen=chosen,
                filter=form.get("filter"), count=count, most_counted=_MOST_COUNTED, selected=len(ids),
            )  # fmt: skip
        by_job = form.is_on("byJob")
        undo = jobs().selection(params).first(_MOST_UNDONE + 1) if action == "delete" and not by_job else []
        if action == "delete":
            result = jobs().mass_delete(params, as_job=by_job)
        else:
            result = jobs().mass_update(_change(action), params, as_job=by_job)
        return _told(pages, request, chosen.address(), _DONE[action], result, undo)

    return router


#: So many ids have place in what the browser keeps for the message.
_MOST_UNDONE = 50


def _where(action: str, where: Sequence[Any], ids: Sequence[str] | None) -> list[Any]:
    """Those of the jobs for which the action leads somewhere."""
    from_statuses = {"type": "in", "attribute": "status", "value": list(_ACTIONS[action][0])}
    of = where if ids is None else [{"type": "in", "attribute": "id", "value": list(ids)}]
    return [*of, from_statuses]


def _count(selection: Selection) -> int | None:
    """How many jobs are meant, 1,001 at most; None where looking for them takes longer than a request may."""
    try:
        return len(selection.first(_MOST_COUNTED + 1))
    except QueryTimeout:
        return None


def _change(action: str) -> dict[str, Any]:
    return {"status": _ACTIONS[action][1]}


def _told(
    pages: Pages, request: Request, address: str, done: str, result: dict[str, Any], undo: Sequence[str]
) -> Response:
    texts = pages.texts(request)
    if "jobId" in result:
        text = texts.label("They are many: this job does it.")
        return pages.go(request, f"/Job/{result['jobId']}", text, "info")
    count = next(value for key, value in result.items() if key != "errors")
    errors = result["errors"]
    text = texts.label(done, count=count)
    if errors:
        return pages.go(request, address, "\n".join([text, *errors[:5]]), "warning")
    is_undoable = 0 < len(undo) <= _MOST_UNDONE
    return pages.go(request, address, text, undo=("/Job/mass", {"action": "restore"}, undo) if is_undoable else None)


def _names(container: Container, entity: str, attribute: str) -> list[tuple[str, str]]:
    """The ids and names for a choice; of more than 500 the first. Nothing where they may not be read."""
    params = {"select": ["id", attribute], "sortBy": attribute, "maxSize": 500, "collectionOnly": True}
    try:
        found = container.get("serviceFactory").create_record(entity).find_entities(params)["list"]
    except Forbidden:
        return []
    return [(each["id"], str(each.get(attribute) or each["id"])) for each in found]
