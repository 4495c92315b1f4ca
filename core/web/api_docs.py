"""The document of the API for people: Swagger UI, which comes with us."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from core.web.panel.assets import asset_address
from core.web.signed_in import SignedIn

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PyAtro API</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<main id="api-docs"></main>
<noscript>This page needs JavaScript. <a href="/api/openapi.json">The document itself</a> does not.</noscript>
<script src="{bundle}"></script>
<script src="{start}"></script>
</body>
</html>
"""


def api_docs_routes() -> APIRouter:
    """`/api-docs`, for everybody who is logged in."""
    router = APIRouter(include_in_schema=False)

    @router.get("/api-docs")
    def api_docs(identity: SignedIn) -> HTMLResponse:
        """The page, whose scripts read the document."""
        return HTMLResponse(
            _PAGE.format(
                icon=asset_address("favicon.svg"),
                style=asset_address("vendor/swagger-ui/swagger-ui.css"),
                bundle=asset_address("vendor/swagger-ui/swagger-ui-bundle.js"),
                start=asset_address("api-docs.js"),
            )
        )

    return router
