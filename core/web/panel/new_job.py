"""Making a job by hand, or one like another."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core.container import Container
from core.exceptions import AtroError, BadRequest
from core.orm.definition import as_object
from core.sentence import Sentence
from core.web.panel.faults import NO_FAULT, Fault
from core.web.panel.form_fields import Form, FormFields
from core.web.panel.may import CreatesJobs
from core.web.panel.pages import Pages
from core.web.panel.payload_form import PayloadForm
from core.web.panel.texts import Texts


def new_job_routes(container: Container, pages: Pages) -> APIRouter:
    """`/Job/new`"""
    router = APIRouter(include_in_schema=False)

    def jobs() -> Any:
        return container.get("serviceFactory").create_record("Job")

    def types() -> dict[str, Any]:
        return {
            name: as_object(entry)
            for name, entry in sorted(as_object(container.get("metadata").get(["app", "jobTypes"])).items())
        }

    def page(
        request: Request, given: dict[str, Any], typed: FormFields | None = None, fault: Fault = NO_FAULT
    ) -> Response:
        known = types()
        entry = known.get(given["type"], {})
        form = PayloadForm(entry.get("payloadSchema"), given["payload"], typed)
        offered = [] if entry else _offered(known, given["type"] or "", pages.texts(request))
        context = {"given": given, "types": known, "entry": entry, "payload": form, "fault": fault, "offered": offered}
        return pages.show(request, "jobs/new.html", status=fault.status if fault.text else 200, **context)

    @router.get("/Job/new")
    def show(identity: CreatesJobs, request: Request, type: str = "", like: str = "") -> Response:  # noqa: A002 - a word of addresses
        """The form; with `like` that of a job like another."""
        given = {"type": type, "name": "", "payload": None, "priority": "", "executeTime": "", "like": ""}
        if like:
            former = jobs().read_entity(like)
            given |= {name: former.get(name) for name in ("type", "name", "payload", "priority")} | {"like": like}
            given["priority"] = f"{former['priority']:g}"
        return page(request, given)

    @router.post("/Job/new")
    def add(identity: CreatesJobs, request: Request, form: Form) -> Response:
        """Put it into the queue."""
        given = {name: form.get(name) for name in ("type", "name", "priority", "executeTime", "like")}
        entry = types().get(given["type"], {})
        try:
            payload = PayloadForm(entry.get("payloadSchema"), None).read(form)
            job, _ = jobs().enqueue(_values(given, payload, form.moment("executeTime")))
        except AtroError as error:
            return page(request, {**given, "payload": None}, form, Fault.of(error, pages.texts(request)))
        return pages.go(request, f"/Job/{job['id']}", pages.texts(request).label("The job is in the queue."))

    return router


def _offered(known: dict[str, Any], text: str, texts: Texts) -> list[str]:
    """The types with the text in their names; all of them where none has it."""
    names = {name: f"{name} {texts.option(name, 'type', 'Job')}".lower() for name in known}
    return [name for name, shown in names.items() if text.strip().lower() in shown] or list(known)


def _values(given: dict[str, Any], payload: Any, execute_time: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {"type": given["type"], "name": given["name"] or given["type"]}
    if payload is not None:
        values["payload"] = payload
    if given["priority"]:
        try:
            values["priority"] = float(given["priority"])
        except ValueError as error:
            raise BadRequest(Sentence("The priority is to be a number."), field="priority") from error
    if execute_time:
        values["executeTime"] = execute_time
    return values
