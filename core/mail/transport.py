"""Handing a letter to a mail server."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from core.exceptions import MailError, RecipientsRefused
from core.mail.letter import Letter
from core.mail.smtp_settings import SmtpSettings

#: What a server says to a command: a code of three digits, and a text.
Answer = tuple[int, bytes | str]


def deliver(letter: Letter, settings: SmtpSettings) -> None:
    """Hand the letter over.

    Raises MailError with host, port and reason, and never with the password. RecipientsRefused is raised where the
    server takes the letter for some of the recipients only, or for none.
    """
    try:
        with _session(settings) as server:
            refused = server.send_message(letter.message, letter.sender, list(letter.recipients))
    except smtplib.SMTPRecipientsRefused as error:
        raise _recipients_refused(error.recipients, letter, settings) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"The mail server {settings.place} {_reason(error, settings)}") from error
    if refused:
        raise _recipients_refused(refused, letter, settings)


@contextmanager
def _session(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    server = _connect(settings)
    try:
        if settings.security == "starttls":
            server.starttls(context=_tls())
        if settings.user is not None and settings.password is not None:
            server.login(settings.user, settings.password)
        yield server
        # What it says to a farewell changes nothing: it has taken the letter.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _connect(settings: SmtpSettings) -> smtplib.SMTP:
    if settings.security == "ssl":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_seconds, context=_tls())
    return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)


def _tls() -> ssl.SSLContext:
    """Certificates are judged; the environment variable SSL_CERT_FILE names who else may sign them."""
    return ssl.create_default_context()


def _reason(error: Exception, settings: SmtpSettings) -> str:
    """The rest of a sentence that begins with the server."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"refuses the login of '{settings.user}': {_said((error.smtp_code, error.smtp_error), settings)}."
        case smtplib.SMTPSenderRefused():
            return f"refuses the sender {error.sender}: {_said((error.smtp_code, error.smtp_error), settings)}."
        case smtplib.SMTPResponseException():
            return f"refuses: {_said((error.smtp_code, error.smtp_error), settings)}."
        case smtplib.SMTPServerDisconnected() if not isinstance(error.__context__, TimeoutError):
            return f"is gone: {error}."
        case TimeoutError() | smtplib.SMTPServerDisconnected():
            return f"does not answer within {settings.timeout_seconds:g} seconds."
        case smtplib.SMTPException():
            return f"cannot be used so: {error}"
        case ssl.SSLError():
            reason = getattr(error, "verify_message", None) or error.reason or error
            return f"makes no secure connection: {reason}. smtp.security is '{settings.security}'."
        case socket.gaierror():
            return f"cannot be found: {error.strerror}."
        case _:
            return f"cannot be reached: {getattr(error, 'strerror', None) or error}."


def _recipients_refused(refused: Mapping[str, Answer], letter: Letter, settings: SmtpSettings) -> RecipientsRefused:
    each = "; ".join(f"{address} ({_said(answer, settings)})" for address, answer in refused.items())
    taken = [address for address in letter.recipients if address not in refused]
    whom = f"It took the letter for {', '.join(taken)}." if taken else "It took the letter for nobody."
    return RecipientsRefused(f"The mail server {settings.place} refuses recipients: {each}. {whom}", taken)


def _said(answer: Answer, settings: SmtpSettings) -> str:
    """A server's answer in one line; should it repeat the password, without it."""
    code, text = answer
    line = " ".join(text.decode("utf-8", "replace").split()) if isinstance(text, bytes) else str(text)
    return f"{code} {line.replace(settings.password, '***') if settings.password else line}"
