"""`clear cache`"""

from __future__ import annotations

import shutil
from typing import Any

from core.Console.AbstractConsole import AbstractConsole
from core.terminal import output


class ClearCache(AbstractConsole):
    """Empties `data/cache`. Changed files are seen without it."""

    @staticmethod
    def get_description() -> str:
        return "Cache clearing."

    def run(self, params: dict[str, Any]) -> int:
        cache = self.get_config().root / "data" / "cache"
        try:
            for entry in cache.iterdir() if cache.is_dir() else ():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink(missing_ok=True)
        except OSError as error:
            output.error(f"Cache clearing failed: {error}")
            return 1
        output.success("Cache successfully cleared")
        return 0
