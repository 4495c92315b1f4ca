"""What is wrong with a form, for the page that shows it again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from core.exceptions import AtroError, BadRequest, InvalidPayload
from core.web.panel.texts import Texts


@dataclass(frozen=True)
class Fault:
    """A sentence, and the field that it is about, if it is about one; `others` are sentences about single fields."""

    text: str
    field: str | None = None
    status: int = 400
    others: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, error: AtroError, texts: Texts) -> Self:
        """What a person is told, in her language; raises the error itself again where it is none of hers."""
        if error.status_code >= 500:
            raise error
        text = texts.sentence(error.args[0])
        field = error.field if isinstance(error, BadRequest) else None
        if isinstance(error, InvalidPayload):
            others = {f"payload.{name}": texts.sentence(each) for name, each in error.by_property.items()}
            return cls(text, field, error.status_code, others)
        return cls(text, field, error.status_code)

    def at(self, field: str) -> str | None:
        """The sentence, if it is about this field."""
        return self.others.get(field) or (self.text if field == self.field else None)


#: Nothing is wrong.
NO_FAULT = Fault("")
