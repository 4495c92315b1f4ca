"""What a form of a page sent."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from core import clock
from core.exceptions import BadRequest
from core.sentence import Sentence

#: So many fields has no form of ours.
_MOST_FIELDS = 2000


class FormFields:
    """Texts by name. What was left empty is there as an empty text; what a browser does not send is not there."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def get(self, name: str, default: str = "") -> str:
        """The last value of a name, without the spaces around it."""
        return next((value.strip() for key, value in reversed(self._pairs) if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values of a name, as of boxes that are ticked."""
        return [value for key, value in self._pairs if key == name]

    def names(self) -> list[str]:
        """The names that came, each once."""
        return list(dict.fromkeys(key for key, _ in self._pairs))

    def moment(self, name: str) -> str | None:
        """A moment as the browser sends it, in UTC, or None; raises BadRequest, which says nothing of UTC.

        Who fills in the field sees the clocks of her own zone.
        """
        text = self.get(name)
        if not text:
            return None
        try:
            clock.from_text(text)
        except (ValueError, OverflowError) as error:
            raise BadRequest(Sentence("This is to be a day and a time of day."), field=name) from error
        return text

    def is_on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.get(name) not in ("", "0")


async def form_fields(request: Request) -> FormFields:
    """Reads `application/x-www-form-urlencoded`; raises BadRequest for anything else."""
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise BadRequest("This form cannot be read.") from error
    return FormFields(pairs)


#: What a handler declares to get the fields: `def handler(form: Form)`.
Form = Annotated[FormFields, Depends(form_fields)]
