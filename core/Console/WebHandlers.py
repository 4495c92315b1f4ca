"""`web handlers`"""

from __future__ import annotations

import json
from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output


class WebHandlers(AbstractConsole):
    """Imports the handlers of all job types in the place of the web server, and answers what is wrong with them.

    The last line is JSON: a sentence for each job type whose handler cannot be had.
    """

    is_hidden = True

    @staticmethod
    def get_description() -> str:
        return "Say which handlers cannot be had."

    def run(self, params: dict[str, Any]) -> int:
        from core.job_manager.handlers import try_handlers  # brings in the jobs' rooms, which no other command needs

        faults = try_handlers(self.get_metadata())
        output.write(f"\n{json.dumps(faults)}")
        return 0
