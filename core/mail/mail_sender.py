"""The container's `mailSender`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.config import Config
from core.mail.letter import compose
from core.mail.smtp_settings import complaints, read_settings
from core.mail.transport import deliver

if TYPE_CHECKING:
    from core.orm import Entity, EntityManager

#: The settings of the mail servers in `data/config.py`.
SECTION = "smtp"


class MailSender:
    """Sends emails through the servers of `smtp` in `data/config.py`; the settings are read anew for each.

    `get_entity_manager` is asked only by `send_by_job`.
    """

    def __init__(self, config: Config, get_entity_manager: Callable[[], EntityManager]) -> None:
        self._config = config
        self._get_entity_manager = get_entity_manager

    def send(
        self,
        email_data: Mapping[str, Any],
        connection_id: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        but_not_to: Collection[str] = (),
    ) -> None:
        """Send an email now, through the server `smtp`, or through one of `smtp.connections`.

        `email_data`: `to`, `cc`, `bcc`, `replyTo` (a list, or a text with `;` between them), `subject`, `body`,
        `isHtml`, `from`, `fromName`, `attachments` (objects with `path` or `content`). `params`: `replyToAddress`,
        `replyToName`. The server is not given the addresses of `but_not_to`: they have it already.
        Raises ConfigurationError, BadRequest for wrong data, MailError.
        """
        settings = read_settings(self._config.get(SECTION), connection_id)
        letter = compose(email_data, params or {}, settings, self._config.root)
        left = tuple(address for address in letter.recipients if address not in but_not_to)
        if left:
            deliver(replace(letter, recipients=left), settings)

    def send_by_job(
        self,
        email_data: Mapping[str, Any],
        connection_id: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Entity:
        """Make a job that sends the email, and answer it; attachments are given by `path`, or by `content` in base64.

        What is wrong with the email or the settings is said by the job's message, once it runs.
        """
        manager = self._get_entity_manager()
        job = manager.get_entity("Job")
        payload = {"connectionId": connection_id, "emailData": dict(email_data), "params": dict(params or {})}
        job.set({"name": "Send email", "type": "SendEmail", "payload": payload})
        manager.save_entity(job)
        return job

    def check(self) -> list[str]:
        """Everything that is wrong with the settings of the mail servers."""
        file = self._config.root / "data" / "config.py"
        return [f"{file}: {text}" for text in complaints(self._config.get(SECTION))]
