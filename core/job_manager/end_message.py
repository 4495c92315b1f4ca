"""How a run ended, as its worker tells the daemon."""

from __future__ import annotations

from core import clock
from core.job_manager.channel import Message
from core.job_queue.run import Cause, Outcome, Run

_SHOWN_CHARACTERS = 200


def outcome_of_message(run: Run, message: Message) -> Outcome:
    """How a run ended, as its worker says; raises ValueError, TypeError or KeyError for what no worker says."""
    success, ended_at = message["success"], message["ended_at"]
    text, payload, result = message["message"], message["payload"], message["result"]
    is_text = (text is None or type(text) is str) and (payload is None or type(payload) is str)
    if type(success) is not bool or not is_text or not (result is None or type(result) is str):
        raise ValueError(f"an end that is none: {message}"[:_SHOWN_CHARACTERS])
    moment = None if ended_at is None else clock.from_text(ended_at)
    return Outcome(run, success, text, payload, moment, _cause(message["cause"]), result)


def _cause(said: Message | None) -> Cause | None:
    if said is None:
        return None
    cause = Cause(**said)
    flags = (cause.is_discarded, cause.is_crash)
    is_text, is_time = isinstance(cause.traceback, str | None), isinstance(cause.retry_in_seconds, float | int | None)
    if not is_text or not is_time or not all(isinstance(each, bool) for each in flags):
        raise ValueError(f"a cause that is none: {said}"[:_SHOWN_CHARACTERS])
    return cause
