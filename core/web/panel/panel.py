"""The routes of all pages."""

from __future__ import annotations

from fastapi import APIRouter

from core.container import Container
from core.terminal.process_meter import ProcessMeter
from core.web.entities import Exposure
from core.web.live.shared_status import SharedStatus
from core.web.login import Login
from core.web.panel.account import account_routes
from core.web.panel.assets import asset_routes
from core.web.panel.dashboard import dashboard_routes
from core.web.panel.entity_pages import entity_page_routes
from core.web.panel.fields import Fields
from core.web.panel.installation import installation_routes
from core.web.panel.job_debug import job_debug_routes
from core.web.panel.job_manager import job_manager_routes
from core.web.panel.job_page import job_page_routes
from core.web.panel.jobs import job_list_routes
from core.web.panel.login import login_routes
from core.web.panel.module_pages import module_page_routes
from core.web.panel.new_job import new_job_routes
from core.web.panel.pages import Pages
from core.web.panel.schedules import schedule_routes
from core.web.panel.settings import settings_routes
from core.web.panel.users import user_routes


def panel_routes(
    container: Container, pages: Pages, login: Login, exposure: Exposure, status: SharedStatus
) -> APIRouter:
    """All of them; those of entities come last, as any address may be the name of one."""
    router = APIRouter(include_in_schema=False)
    meter = ProcessMeter()
    router.include_router(asset_routes())
    router.include_router(login_routes(pages, login))
    router.include_router(dashboard_routes(container, pages, meter, status))
    fields = Fields(container.get("metadata"), container.get("layoutManager"))
    router.include_router(job_list_routes(container, pages, fields))
    router.include_router(job_manager_routes(container, pages, status))
    router.include_router(new_job_routes(container, pages))
    router.include_router(job_debug_routes(container))
    router.include_router(job_page_routes(container, pages, fields, meter, status))
    router.include_router(schedule_routes(container, pages, fields))
    router.include_router(account_routes(container, pages, login))
    router.include_router(installation_routes(container, pages, status))
    router.include_router(settings_routes(container, pages))
    router.include_router(user_routes(container, pages))
    router.include_router(module_page_routes(container, pages))
    router.include_router(entity_page_routes(container, pages, fields, exposure))
    return router
