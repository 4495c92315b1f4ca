"""`serve`"""

from __future__ import annotations

from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError
from core.terminal.values import to_whole_number

_LARGEST_PORT = 65_535


class Serve(AbstractConsole):
    """Serves the panel and the REST API until it is told to stop; on this machine only, unless `--host` is given."""

    @staticmethod
    def get_description() -> str:
        return "Serve the panel and the REST API over HTTP, on 127.0.0.1:8000 unless told otherwise."

    def run(self, params: dict[str, Any]) -> int:
        port = 8000 if params["port"] is None else to_whole_number("--port", params["port"])
        if port > _LARGEST_PORT:
            raise ConsoleError(f"--port is at most {_LARGEST_PORT}, not {port}.")
        from core.web.server import serve  # FastAPI and uvicorn: this command alone needs them

        return serve(self.get_container(), "127.0.0.1" if params["host"] is None else params["host"], port)
