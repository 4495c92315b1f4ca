"""All routes below /api but for logging in."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI

from core.access import Redaction, Tokens
from core.access.audit import Audit
from core.config import Config
from core.container import Container
from core.data_manager import DataManager
from core.job_manager.job_manager import JobManager
from core.metadata import Metadata
from core.orm.definition import as_object
from core.Services import ServiceFactory
from core.web.api.document import document_routes
from core.web.api.events import event_hub, event_routes
from core.web.api.job_manager import job_manager_routes
from core.web.api.jobs import job_routes
from core.web.api.maintenance import maintenance_routes
from core.web.api.mass_actions import mass_action_routes
from core.web.api.records import record_routes
from core.web.api.schedules import schedule_routes
from core.web.api.tokens import token_routes
from core.web.entities import Exposure
from core.web.job_log import JobLogs
from core.web.live.shared_status import SharedStatus
from core.web.open_api.document import open_api
from core.web.open_api.entity_schemas import entity_schemas
from core.web.routes_by_name import all_routes
from core.web.session_cookie import SessionCookie


def rest_routes(
    app: FastAPI, container: Container, exposure: Exposure, cookie: SessionCookie, status: SharedStatus
) -> list[APIRouter]:
    """The routes of records, jobs, schedules, the job manager and maintenance, and the document about all of them."""
    config, metadata = container.get(Config), container.get(Metadata)
    services, job_manager = container.get(ServiceFactory), container.get(JobManager)
    redaction = container.get(Redaction)
    audit = container.get(Audit)
    logs = JobLogs(config.root, redaction)

    @cache
    def document() -> dict[str, Any]:
        schemas = entity_schemas(exposure.entities.values(), as_object(metadata.get(["app", "jobTypes"])))
        return open_api(list(all_routes(app.routes)), schemas, cookie)

    app.state.hub = event_hub(container, status)
    return [
        job_routes(services, job_manager, logs, redaction),
        event_routes(container, app.state.hub, logs),
        schedule_routes(services, config),
        job_manager_routes(job_manager, metadata, redaction, audit),
        token_routes(container.get(Tokens), audit),
        maintenance_routes(container.get(DataManager), metadata, audit),
        mass_action_routes(exposure, services),
        record_routes(exposure, services),
        document_routes(document),
    ]
