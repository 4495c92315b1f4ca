"""How long the runs of a schedule took, as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core import clock
from core.job_queue.states import CANCELED, FAILED, SUCCESS
from core.web.panel.texts import Texts

_TONES = {SUCCESS: "green", FAILED: "red", CANCELED: "grey"}


def history_chart(runs: Sequence[Mapping[str, Any]], texts: Texts) -> dict[str, Any] | None:
    """Seconds by the time of the start, a series for each end; None where fewer than two runs have ended."""
    ended = sorted(
        (clock.from_text(run["startedAt"]), clock.from_text(run["endedAt"]), run["status"])
        for run in runs
        if run.get("startedAt") and run.get("endedAt") and run["status"] in _TONES
    )
    if len(ended) < 2:
        return None
    series = [
        {
            "label": texts.option(status, "status", "Job"),
            "tone": tone,
            "points": True,
            "bars": True,
            "values": [_seconds(start, end) if status == each else None for start, end, each in ended],
        }
        for status, tone in _TONES.items()
        if any(each == status for _, _, each in ended)
    ]
    return {"times": [start.timestamp() for start, _, _ in ended], "series": series}


def _seconds(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 3)
