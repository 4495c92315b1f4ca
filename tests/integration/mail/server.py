"""A mail server on a real socket, which keeps what it is given and refuses what it is told to."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

#: A certificate for localhost and 127.0.0.1, signed by itself, with its key.
CERTIFICATE = Path(__file__).with_name("localhost.pem")
PASSWORD = "a secret"


class MailServer:
    """What a server took, and how it behaves: `refused` recipients, `answer` to the letter itself."""

    def __init__(self) -> None:
        self.port = 0
        self.envelopes: list[Envelope] = []
        self.has_login = False
        self.refused: set[str] = set()
        self.answer = "250 taken"
        self.is_to_hang_up = False

    def letter(self) -> EmailMessage:
        """The only letter that came. No property: aiosmtpd asks for all attributes when somebody connects."""
        (envelope,) = self.envelopes
        return cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=default))

    @property
    def recipients(self) -> list[list[str]]:
        """The recipients of each letter, as the server was told."""
        return [envelope.rcpt_tos for envelope in self.envelopes]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.is_to_hang_up:
            assert server.transport is not None
            server.transport.abort()
            return ""
        self.has_login = session.authenticated is True
        if self.answer.startswith("2"):
            self.envelopes.append(envelope)
        return self.answer


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and data.login == b"ada" and data.password == PASSWORD.encode()
    return AuthResult(success=is_right, handled=False)


@contextmanager
def serving(*, is_ssl: bool = False, has_starttls: bool = False, **options: Any) -> Iterator[MailServer]:
    """A mail server on a free port of 127.0.0.1, in a thread of its own, until the end of the block."""
    server = MailServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    loop = asyncio.new_event_loop()

    protocols: list[SMTP] = []

    def make() -> SMTP:
        tls = context if has_starttls else None
        protocols.append(SMTP(server, loop=loop, hostname="mail.test", tls_context=tls, **options))
        return protocols[-1]

    listening = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=context if is_ssl else None))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listening, protocols), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _stop(listening: asyncio.Server, protocols: list[SMTP]) -> None:
    """Close the server and end what is still talked about."""
    listening.close()
    for protocol in protocols:
        if isinstance(protocol.transport, asyncio.Transport):
            protocol.transport.abort()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
