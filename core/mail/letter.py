"""From AtroCore's `emailData` to a message that a mail server takes."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, TypeVar

from core import clock
from core.exceptions import BadRequest, did_you_mean
from core.mail.addresses import parse_address, parse_addresses
from core.mail.html_text import text_of_html
from core.mail.smtp_settings import SmtpSettings

T = TypeVar("T")

KEYS = ("to", "cc", "bcc", "replyTo", "from", "fromName", "subject", "body", "isHtml", "attachments")
PARAMS = ("replyToAddress", "replyToName")
ATTACHMENT = ("path", "content", "name", "mimeType")

#: Every server takes it: not all of them pass on lines of eight bits.
_POLICY = SMTP.clone(cte_type="7bit")
_ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Letter:
    """A message, and the addresses that the mail server is given; those of `bcc` stand there only."""

    message: EmailMessage
    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Attachment:
    """A file of a message."""

    name: str
    mime_type: str
    content: bytes


def compose(email_data: Mapping[str, Any], params: Mapping[str, Any], settings: SmtpSettings, root: Path) -> Letter:
    """The letter of AtroCore's `emailData` and `params`; paths of attachments are relative to `root`.

    Raises BadRequest that says everything that is wrong with them.
    """
    draft = _Draft(email_data, params, settings, root)
    letter = draft.letter()
    if draft.problems:
        raise BadRequest("\n".join(draft.problems))
    return letter


class _Draft:
    def __init__(
        self, email_data: Mapping[str, Any], params: Mapping[str, Any], settings: SmtpSettings, root: Path
    ) -> None:
        self.problems: list[str] = []
        self._data = self._known(email_data, KEYS, "emailData")
        self._params = self._known(params, PARAMS, "params")
        self._settings = settings
        self._root = root

    def letter(self) -> Letter:
        sender = self._take("from", self._sender)
        to, cc, bcc = (self._take(key, read) or [] for key, read in ADDRESSES.items())
        message = EmailMessage(policy=_POLICY)
        headers = {
            "Subject": self._take("subject", self._subject),
            "From": sender,
            "To": to,
            "Cc": cc,
            "Reply-To": self._take("replyTo", self._reply_to),
            "Date": format_datetime(clock.now()),
            "Message-ID": make_msgid(domain=sender.domain if sender else "localhost"),
        }
        for name, value in headers.items():
            if value:
                message[name] = value
        self._fill(message)
        recipients = dict.fromkeys(each.addr_spec for each in (*to, *cc, *bcc))
        return Letter(message, sender.addr_spec if sender else "", tuple(recipients))

    def _known(self, values: Any, keys: tuple[str, ...], what: str) -> Mapping[str, Any]:
        if not isinstance(values, Mapping):
            self.problems.append(f"{what} is {values!r}, which is no object.")
            return {}
        self.problems += [f"{what} has no '{key}'.{did_you_mean(str(key), keys)}" for key in values if key not in keys]
        return values

    def _take(self, key: str, read: Callable[[Any], T]) -> T | None:
        """A part of `emailData`, or None and a problem."""
        try:
            return read(self._data.get(key))
        except ValueError as error:
            self.problems.append(f"emailData.{key}: {error}{'' if str(error).endswith('?') else '.'}")
            return None

    def _sender(self, value: Any) -> Address:
        address = value or self._settings.from_address
        if not address:
            raise ValueError("is missing, and so is smtp.fromAddress in data/config.py")
        return parse_address(_text(address), _text(self._data.get("fromName") or self._settings.from_name))

    def _reply_to(self, value: Any) -> list[Address]:
        other = self._params.get("replyToAddress")
        name = _text(self._params.get("replyToName"))
        return [*([parse_address(_text(other), name)] if other else []), *parse_addresses(value)]

    @staticmethod
    def _subject(value: Any) -> str:
        subject = _text(value)
        if not subject:
            raise ValueError("is missing")
        if "\0" in subject or subject.splitlines() != [subject]:
            raise ValueError(f"{subject!r} has a line break in it")
        return subject

    def _fill(self, message: EmailMessage) -> None:
        body = self._take("body", _text) or ""
        if self._data.get("isHtml"):
            message.set_content(text_of_html(body))
            message.add_alternative(body, subtype="html")
        else:
            message.set_content(body)
        for attachment in self._take("attachments", self._attachments) or []:
            main_type, _, subtype = attachment.mime_type.partition("/")
            message.add_attachment(attachment.content, maintype=main_type, subtype=subtype, filename=attachment.name)

    def _attachments(self, value: Any) -> list[Attachment]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is no list")
        return [self._attachment(each) for each in value]

    def _attachment(self, value: Any) -> Attachment:
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r} is no object with 'path' or 'content'; there are no files by id")
        for key in value:
            if key not in ATTACHMENT:
                raise ValueError(f"an attachment has no '{key}'.{did_you_mean(str(key), ATTACHMENT)}".removesuffix("."))
        path = value.get("path")
        name = _text(value.get("name")) or (Path(_text(path)).name if path else "")
        if not name or not name.isprintable():
            raise ValueError(f"an attachment has the name {name!r}, which is none")
        content = self._read(_text(path)) if path else _content(value.get("content"), name)
        mime_type = _text(value.get("mimeType")) or mimetypes.guess_type(name)[0] or _ANY_TYPE
        if mime_type.count("/") != 1 or not mime_type.replace("/", "").isprintable():
            raise ValueError(f"{name!r} has the type {mime_type!r}, which is no type such as 'text/plain'")
        return Attachment(name, mime_type, content)

    def _read(self, path: str) -> bytes:
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise ValueError(f"{path!r} cannot be read: {error.strerror}") from error


def _somebody(value: Any) -> list[Address]:
    """At least one address."""
    addresses = parse_addresses(value)
    if not addresses:
        raise ValueError("is missing")
    return addresses


ADDRESSES = {"to": _somebody, "cc": parse_addresses, "bcc": parse_addresses}


def _text(value: Any) -> str:
    """A text; None is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _content(value: Any, name: str) -> bytes:
    """Bytes, or a text in base64, as a job's payload has it."""
    if isinstance(value, bytes):
        return value
    text = _text(value)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"the content of {name!r} is neither bytes nor base64") from error
