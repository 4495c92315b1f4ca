"""Schedules: what runs again and again, when, and how that went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from core import clock
from core.access import Identity, Rights
from core.container import Container
from core.exceptions import AtroError, NotModified
from core.job_queue.switched_off import as_sentence
from core.orm.definition import as_object
from core.schedule.zones import zone_names
from core.web.panel.cron_preview import CronPreview, presets, preview
from core.web.panel.faults import NO_FAULT, Fault
from core.web.panel.fields import Fields
from core.web.panel.form_fields import Form, FormFields
from core.web.panel.job_timeline import lasted
from core.web.panel.login import own_address
from core.web.panel.may import (
    CreatesSchedules,
    DeletesSchedules,
    EditsSchedules,
    PausesSchedules,
    ReadsSchedules,
    RunsSchedules,
)
from core.web.panel.pages import Pages
from core.web.panel.payload_form import PayloadForm
from core.web.panel.run_history import history_chart
from core.web.panel.schedule_form import EMPTY, typed, values_of

_PAGE = 100
_RUNS = 100
_RUNS_SHOWN = 20
_LONGEST = 150
#: These have a place of their own on the page.
_ELSEWHERE = ("name", "isActive", "scheduling", "timeZone", "payload", "message")


def schedule_routes(container: Container, pages: Pages, fields: Fields) -> APIRouter:
    """`/ScheduledJob` and all below it"""
    return _Schedules(container, pages, fields).routes()


class _Schedules:
    def __init__(self, container: Container, pages: Pages, fields: Fields) -> None:
        self._container = container
        self._pages = pages
        self._fields = fields
        self._rights = container.get(Rights)

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/ScheduledJob", include_in_schema=False)
        router.add_api_route("", self.list, methods=["GET"])
        router.add_api_route("/new", self.new, methods=["GET"])
        router.add_api_route("/new", self.create, methods=["POST"])
        router.add_api_route("/cron", self.cron, methods=["GET"])
        router.add_api_route("/{schedule_id}", self.show, methods=["GET"])
        router.add_api_route("/{schedule_id}/live", self.live, methods=["GET"])
        router.add_api_route("/{schedule_id}/edit", self.edit, methods=["GET"])
        router.add_api_route("/{schedule_id}/edit", self.update, methods=["POST"])
        router.add_api_route("/{schedule_id}/active", self.switch, methods=["POST"])
        router.add_api_route("/{schedule_id}/run", self.run, methods=["POST"])
        router.add_api_route("/{schedule_id}/delete", self.delete, methods=["POST"])
        return router

    def list(self, identity: ReadsSchedules, request: Request, name: str = "", after: str = "") -> Response:
        """All schedules by name; the part that is live alone for htmx."""
        where = [{"type": "contains", "attribute": "name", "value": name[:_LONGEST]}] if name else []
        params = {"where": where, "sortBy": "name", "maxSize": _PAGE, "after": after or None, "collectionOnly": True}
        found = self._service().find_entities(params)
        texts = self._pages.texts(request)
        context = {
            "schedules": found["list"],
            "words": {each["id"]: self._preview(each, texts) for each in found["list"]},
            "columns": self._fields.columns("ScheduledJob"),
            "message_of": as_sentence,
            "name": name,
            "after": after,
            "next_cursor": found.get("next"),
            "address": _address(name=name, after=after),
        }
        if request.headers.get("hx-request"):
            return self._pages.live(request, "schedules/rows.html", **context)
        return self._pages.show(request, "schedules/list.html", **context)

    def new(self, identity: CreatesSchedules, request: Request, type: str = "") -> Response:  # noqa: A002 - a word of addresses
        """An empty form."""
        return self._form(request, {**EMPTY, "type": type}, None)

    def create(self, identity: CreatesSchedules, request: Request, form: Form) -> Response:
        """Save a new schedule."""
        try:
            payload = self._payload(form.get("type"), form)
            made = self._service().create_entity({**values_of(form), "type": form.get("type"), "payload": payload})
        except AtroError as error:
            return self._form(
                request, {**typed(form), "payload": None}, None, form, Fault.of(error, self._pages.texts(request))
            )
        return self._done(request, f"/ScheduledJob/{made['id']}", "The schedule is saved.")

    def cron(self, identity: ReadsSchedules, request: Request, scheduling: str = "", timeZone: str = "") -> Response:  # noqa: N803 - the field's name
        """What an expression means, in words, and its next times."""
        shown = preview(scheduling, timeZone.strip() or self._zone(), self._pages.texts(request))
        return self._pages.fragment(request, "schedules/preview.html", preview=shown)

    def show(self, identity: ReadsSchedules, request: Request, schedule_id: str) -> Response:
        """One schedule, its next times, and its last runs."""
        return self._pages.show(request, "schedules/schedule.html", **self._context(identity, request, schedule_id))

    def live(self, identity: ReadsSchedules, request: Request, schedule_id: str) -> Response:
        """What of the page changes when it fires."""
        return self._pages.live(request, "schedules/live.html", **self._context(identity, request, schedule_id))

    def _context(self, identity: Identity, request: Request, schedule_id: str) -> dict[str, Any]:
        schedule, texts = self._service().read_entity(schedule_id), self._pages.texts(request)
        runs = self._runs(identity, schedule_id)
        shown = [
            (panel.label, [each for each in panel.fields if each.name not in _ELSEWHERE])
            for panel in self._fields.panels("ScheduledJob")
        ]
        now = clock.now()
        return {
            "schedule": schedule,
            "message_of": as_sentence,
            "preview": self._preview(schedule, texts),
            "panels": [(label, panel) for label, panel in shown if panel],
            "runs": [
                {**run, "lasted": lasted(run["startedAt"], run["endedAt"], now, texts)} for run in runs[:_RUNS_SHOWN]
            ],
            "has_more": len(runs) > _RUNS_SHOWN,
            "chart": history_chart(runs, texts),
        }

    def edit(self, identity: EditsSchedules, request: Request, schedule_id: str) -> Response:
        """The form of a schedule."""
        return self._form(request, self._service().read_entity(schedule_id), schedule_id)

    def update(self, identity: EditsSchedules, request: Request, schedule_id: str, form: Form) -> Response:
        """Save what was changed."""
        schedule = self._service().read_entity(schedule_id)
        try:
            values = {**values_of(form), "payload": self._payload(schedule["type"], form)}
            # To pause a schedule is a right of its own: who changes something else needs it not.
            changed = {name: value for name, value in values.items() if value != schedule.get(name)}
            self._service().update_entity(schedule_id, changed)
        except NotModified:
            return self._done(request, f"/ScheduledJob/{schedule_id}", "Nothing was changed.", "info")
        except AtroError as error:
            shown = {**typed(form), "type": schedule["type"], "payload": None}
            return self._form(request, shown, schedule_id, form, Fault.of(error, self._pages.texts(request)))
        return self._done(request, f"/ScheduledJob/{schedule_id}", "The schedule is saved.")

    def switch(self, identity: PausesSchedules, request: Request, schedule_id: str, form: Form) -> Response:
        """Let it fire, or not."""
        is_active = form.is_on("isActive")
        with suppress(NotModified):  # somebody else was faster, and wanted the same
            self._service().update_entity(schedule_id, {"isActive": is_active})
        text = "The schedule is active." if is_active else "The schedule is paused."
        return self._done(request, own_address(form.get("next") or f"/ScheduledJob/{schedule_id}"), text)

    def run(self, identity: RunsSchedules, request: Request, schedule_id: str) -> Response:
        """Put a job of it into the queue now, also if it is paused."""
        job = self._service().execute_now(schedule_id)
        target = f"/Job/{job.id}" if self._rights.may(identity, "read", "Job") else f"/ScheduledJob/{schedule_id}"
        return self._done(request, target, "The job is in the queue.")

    def delete(self, identity: DeletesSchedules, request: Request, schedule_id: str) -> Response:
        """Remove it; the job that waits for its next time goes with it."""
        self._service().delete_entity(schedule_id)
        return self._done(request, "/ScheduledJob", "The schedule is removed.")

    def _service(self) -> Any:
        return self._container.get("serviceFactory").create_record("ScheduledJob")

    def _done(self, request: Request, address: str, text: str, kind: str = "success") -> Response:
        return self._pages.go(request, address, self._pages.texts(request).label(text), kind)

    def _zone(self) -> str:
        return str(self._container.get("config").get("timeZone"))

    def _preview(self, schedule: Mapping[str, Any], texts: Any) -> CronPreview:
        zone = schedule.get("timeZone") or self._zone()
        return preview(schedule.get("scheduling") or "", str(zone), texts)

    def _types(self) -> dict[str, Mapping[str, Any]]:
        """What can be scheduled."""
        known = as_object(self._container.get("metadata").get(["app", "jobTypes"]))
        return {name: as_object(entry) for name, entry in sorted(known.items()) if as_object(entry).get("scheduledJob")}

    def _payload(self, job_type: str, form: FormFields) -> dict[str, Any] | None:
        return PayloadForm(self._types().get(job_type, {}).get("payloadSchema"), None).read(form)

    def _runs(self, identity: Identity, schedule_id: str) -> Sequence[Mapping[str, Any]]:
        """Its jobs, the latest first; none for whoever may not read jobs."""
        if not self._rights.may(identity, "read", "Job"):
            return []
        params = {"sortBy": "executeTime", "asc": False, "maxSize": _RUNS, "collectionOnly": True}
        due = {"type": "lessThanOrEquals", "attribute": "executeTime", "value": clock.to_iso(clock.now())}
        of = {"type": "equals", "attribute": "scheduledJobId", "value": schedule_id}
        service = self._container.get("serviceFactory").create_record("Job")
        runs: Sequence[Mapping[str, Any]] = service.find_entities({**params, "where": [of, due]})["list"]
        return runs

    def _form(
        self,
        request: Request,
        given: Mapping[str, Any],
        schedule_id: str | None,
        form: FormFields | None = None,
        fault: Fault = NO_FAULT,
    ) -> Response:
        texts, types = self._pages.texts(request), self._types()
        schema = types.get(given["type"], {}).get("payloadSchema")
        return self._pages.show(
            request,
            "schedules/form.html",
            status=fault.status if fault.text else 200,
            given=given,
            schedule_id=schedule_id,
            types=types,
            payload=PayloadForm(schema, given["payload"], form),
            fault=fault,
            preview=self._preview(given, texts),
            presets=presets(texts),
            zones=zone_names(),
            default_zone=self._zone(),
            options={name: self._options(name) for name in ("overlap", "catchUp")},
        )

    def _options(self, field: str) -> Sequence[str]:
        found = self._fields.get("ScheduledJob", field)
        return found.options if found else []


def _address(**params: str) -> str:
    given = urlencode({name: value for name, value in params.items() if value})
    return f"/ScheduledJob?{given}" if given else "/ScheduledJob"
