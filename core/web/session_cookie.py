"""The cookie that holds a session's secret."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.responses import Response

from core.config import Config
from core.job_queue.announcement import installation_id


class SessionCookie:
    """Sets, reads and deletes it. Scripts cannot read it, and other sites' requests do not bring it.

    Cookies know no ports, so its name is the installation's own: two of them on one machine do not log each other out.
    """

    def __init__(self, root: Path, config: Config) -> None:
        self.name = f"pyatro_session_{installation_id(root)}"
        self._config = config

    @property
    def lifetime_seconds(self) -> int:
        """How long a session lasts."""
        return int(float(self._config.get("web.sessionHours")) * 3600)

    def read(self, connection: HTTPConnection) -> str | None:
        """The secret that came with a request."""
        return connection.cookies.get(self.name)

    def put(self, response: Response, connection: HTTPConnection, secret: str) -> None:
        """Let the browser keep it; over HTTPS it will not send it by HTTP."""
        response.set_cookie(
            self.name,
            secret,
            max_age=self.lifetime_seconds,
            httponly=True,
            samesite="lax",
            secure=self._is_secure(connection),
        )

    def remove(self, response: Response, connection: HTTPConnection) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self.name, httponly=True, samesite="lax", secure=self._is_secure(connection))

    def _is_secure(self, connection: HTTPConnection) -> bool:
        return connection.url.scheme == "https" or str(self._config.get("web.url") or "").startswith("https:")
