"""A progress bar on standard error, where that is a terminal. Loads rich."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.terminal.output import has_colour


class ProgressBar:
    """A line that shows how far something is, while the `with` block lasts."""

    def __init__(self, title: str) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        console = Console(file=sys.stderr, no_color=not has_colour(sys.stderr))
        self._progress = Progress(*columns, console=console)
        self._task = self._progress.add_task(title, total=None)

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def show(self, done: float, total: float | None, text: str = "") -> None:
        """Move the bar; without a total it only says that something goes on."""
        self._progress.update(self._task, completed=done, total=total, description=text or None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
