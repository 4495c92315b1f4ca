"""What forms about passwords and tokens send."""

from __future__ import annotations

from datetime import datetime, timedelta

from core import clock
from core.access.tokens import ALL, READ
from core.exceptions import BadRequest
from core.sentence import Sentence
from core.web.panel.form_fields import FormFields

_LONGEST_NAME = 100
_LONGEST_PASSWORD = 1000
_MOST_DAYS = 3650


def password_in(form: FormFields, name: str = "password") -> str:
    """As it was typed, the spaces around it too."""
    return (form.all(name) or [""])[-1][: _LONGEST_PASSWORD + 1]


def token_name_in(form: FormFields) -> str | None:
    """What a token is called; None where it has no name."""
    return form.get("name")[:_LONGEST_NAME] or None


def token_scope_in(form: FormFields) -> str:
    """Whether a token is for all or for reading."""
    return READ if form.is_on("isReadOnly") else ALL


def token_end_in(form: FormFields) -> datetime | None:
    """When a token ends that is good for so many `days`; None where it does not. Raises BadRequest for no number."""
    days = form.get("days")
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= _MOST_DAYS):
        text = Sentence("This is to be a whole number from {least} to {most}.", least=1, most=_MOST_DAYS)
        raise BadRequest(text, field="days")
    return clock.now() + timedelta(days=int(days))
