"""The web application of one installation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from core import __version__
from core.access import Rights, Tokens
from core.config import Config
from core.container import Container
from core.job_manager.job_manager import JobManager
from core.metadata import Metadata
from core.orm import EntityManager, Schema
from core.web.api.login import login_routes
from core.web.api.rest import rest_routes
from core.web.api_docs import api_docs_routes
from core.web.authentication import Authentication
from core.web.body_limit import BodyLimit
from core.web.entities import Exposure
from core.web.errors import add_error_handlers
from core.web.head_requests import HeadRequests
from core.web.health import health_routes
from core.web.live.shared_status import SharedStatus
from core.web.login import Login
from core.web.metrics import metrics_routes
from core.web.panel.error_pages import ErrorPages
from core.web.panel.pages import Pages
from core.web.panel.panel import panel_routes
from core.web.same_origin import SameOrigin
from core.web.security_headers import SecurityHeaders
from core.web.session_cookie import SessionCookie

#: Handlers that use the database run in so many threads, each of which has a connection for reads, and one for writes.
THREADS = 20


def create_app(container: Container) -> FastAPI:
    """The application that serves what the container's installation has.

    The container is made once for the process, and closed by who made it. Handlers are plain functions, which run in
    threads; each thread has database connections of its own, and who asks is known to all that it calls.
    """
    config, manager = container.get(Config), container.get(EntityManager)
    tokens = container.get(Tokens)
    cookie = SessionCookie(config.root, config)
    app = FastAPI(
        title="PyAtro",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_with_threads,
        redirect_slashes=False,  # it would send clients to the host that they name
    )
    app.state.rights = container.get(Rights)
    login, pages = Login(container, cookie), Pages(container)
    exposure = Exposure(container.get(Metadata), container.get(Schema))
    status = SharedStatus(container.get(JobManager).status)
    for router in (
        health_routes(manager, config),
        metrics_routes(container),
        login_routes(login),
        *rest_routes(app, container, exposure, cookie, status),
        api_docs_routes(),
        *panel_routes(container, pages, login, exposure, status),
    ):
        # Not by include_router, which analyses each route once more: half of the time that all of this takes.
        app.router.routes.extend(router.routes)
    show = ErrorPages(pages)
    add_error_handlers(app, exposure.near, show)
    # The last one is the first that a request meets.
    app.add_middleware(HeadRequests)
    app.add_middleware(Authentication, tokens=tokens, manager=manager, cookie=cookie, show=show)
    app.add_middleware(SameOrigin, config=config, cookie=cookie, show=show)
    app.add_middleware(BodyLimit, show=show)
    app.add_middleware(SecurityHeaders)
    return app


@asynccontextmanager
async def _with_threads(_: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    yield
