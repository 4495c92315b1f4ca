"""A change that a browser asks for has to come from our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.config import Config
from core.exceptions import Forbidden
from core.sentence import Sentence
from core.web.errors import Show, answer_to
from core.web.session_cookie import SessionCookie

_HARMLESS = ("GET", "HEAD", "OPTIONS")
#: `none` is a person who typed the address.
_OWN_SITES = ("same-origin", "none")


class SameOrigin:
    """Refuses requests of other sites to change something (cross-site request forgery).

    Every browser of today sends `Sec-Fetch-Site` or `Origin` with a change; programs that send neither have a token,
    and no cookie.
    """

    def __init__(self, app: ASGIApp, config: Config, cookie: SessionCookie, show: Show) -> None:
        self._app = app
        self._config = config
        self._cookie = cookie
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _HARMLESS and not self._is_own(HTTPConnection(scope)):
            await self._show(Request(scope), answer_to(_from_elsewhere()))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_own(self, connection: HTTPConnection) -> bool:
        site, origin = (connection.headers.get(name) for name in ("sec-fetch-site", "origin"))
        if site is not None and site not in _OWN_SITES:
            return False
        if origin is not None:
            return origin in self._origins(connection)
        return site is not None or self._cookie.read(connection) is None

    def _origins(self, connection: HTTPConnection) -> set[str]:
        """How our pages are addressed: as this request is, and as the setting `web.url` says."""
        host = connection.headers.get("host", "")
        # A proxy that ends TLS speaks HTTP with us, and hands the host on.
        own = {f"{scheme}://{host}" for scheme in ("http", "https")}
        url = self._config.get("web.url")
        return own if url is None else {*own, "{0.scheme}://{0.netloc}".format(urlsplit(str(url)))}


def _from_elsewhere() -> Forbidden:
    return Forbidden(Sentence("This request came from another site; changes are taken from our own pages only."))
