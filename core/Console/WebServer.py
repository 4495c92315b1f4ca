"""`web server [--trial] [--listener=DESCRIPTOR] [--since=SECONDS] [--place=FOLDER]`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.exceptions import ConsoleError


class WebServer(AbstractConsole):
    """What `serve` becomes when the code has changed: it goes on with the socket that its predecessor listened on.

    With `--trial` it only says whether the code can be loaded.
    """

    is_hidden = True

    @staticmethod
    def get_description() -> str:
        return "Go on serving with changed code."

    def run(self, params: dict[str, Any]) -> int:
        from core.web.server import go_on, try_to_load  # FastAPI and uvicorn: `serve` and this command alone need them

        if params["trial"]:
            return try_to_load(self.get_container())
        listener, since, place = (params[name] for name in ("listener", "since", "place"))
        if not (listener and since and place):
            raise ConsoleError('"python console.py serve" starts a server; this is how it goes on with changed code.')
        return go_on(self.get_container(), int(listener), float(since), Path(place))
