"""The keys of a job, computed from its payload as its type says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.exceptions import BadRequest
from core.job_queue.key_template import KeyTemplate
from core.job_queue.type_limits import TypeLimits

#: The attributes of a job.
CONCURRENCY_KEY, UNIQUE_KEY = "concurrencyKey", "uniqueKey"


class JobKeys:
    """Computes `concurrencyKey` and `uniqueKey`; most types have neither."""

    def __init__(self, types: TypeLimits) -> None:
        self._types = types

    def of(self, job_type: str, payload: Mapping[str, Any] | None, what: str) -> dict[str, str]:
        """The keys by attribute. Raises BadRequest where the payload lacks a value; `what` begins its sentence."""
        templates = {
            CONCURRENCY_KEY: self._types.concurrency_key(job_type),
            UNIQUE_KEY: self._types.unique_keys.get(job_type),
        }
        return {
            attribute: _key(attribute, template, job_type, payload, what)
            for attribute, template in templates.items()
            if template is not None
        }


def _key(attribute: str, template: KeyTemplate, job_type: str, payload: Mapping[str, Any] | None, what: str) -> str:
    try:
        return template.key(payload)
    except KeyError as error:
        raise BadRequest(
            f"{what} has no '{error.args[0]}', which the {attribute} of the job type '{job_type}' is made of: "
            f"{template.text}",
            field="payload",
        ) from None
