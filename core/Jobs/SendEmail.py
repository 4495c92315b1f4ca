"""Sending an email."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.exceptions import Error, RecipientsRefused
from core.Jobs.AbstractJob import AbstractJob
from core.Jobs.JobInterface import JobInterface

if TYPE_CHECKING:
    from core.Entities import Job

#: Where the payload keeps who has the email already, after a run in which the server refused the others.
DELIVERED = "deliveredTo"


class SendEmail(AbstractJob, JobInterface):
    """Sends one email. Payload: `emailData`, and perhaps `connectionId` and `params`, as for `mailSender`.

    With `shouldBeRendered` and `notificationParams` in `emailData`, subject and body are templates, filled with these.
    A job that fails may be tried again: who has the email already does not get it a second time.
    """

    def run(self, job: Job) -> None:
        payload = job.get("payload")
        email_data = self._rendered(payload["emailData"])
        delivered = payload.get(DELIVERED) or []
        sender = self.get_container().get("mailSender")
        try:
            sender.send(email_data, payload.get("connectionId"), payload.get("params"), but_not_to=delivered)
        except RecipientsRefused as error:
            if error.taken:
                payload[DELIVERED] = [*delivered, *error.taken]
            raise

    def _rendered(self, email_data: Mapping[str, Any]) -> dict[str, Any]:
        data = dict(email_data)
        should_be_rendered, values = data.pop("shouldBeRendered", False), data.pop("notificationParams", None)
        if not should_be_rendered:
            return data
        for key in ("subject", "body"):
            # `render_template` would answer an error as a text, which nobody shall get by mail.
            try:
                data[key] = self.twig().render(str(data.get(key) or ""), values)
            except Error as error:
                raise Error(f"emailData.{key} cannot be rendered: {error}") from error
        return data
