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
) -> list[APIRouter]:
    """All of them; those of entities come last, as any address may be the name of one."""
    meter = ProcessMeter()
    fields = Fields(container.get("metadata"), container.get("layoutManager"))
    return [
        asset_routes(),
        login_routes(pages, login),
        dashboard_routes(container, pages, meter, status),
        job_list_routes(container, pages, fields),
        job_manager_routes(container, pages, status),
        new_job_routes(container, pages),
        job_debug_routes(container),
        job_page_routes(container, pages, fields, meter, status),
        schedule_routes(container, pages, fields),
        account_routes(container, pages, login),
        installation_routes(container, pages, status),
        settings_routes(container, pages),
        user_routes(container, pages),
        module_page_routes(container, pages),
        entity_page_routes(container, pages, fields, exposure),
    ]
