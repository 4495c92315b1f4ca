"""`mail_server`: a mail server that takes everything; `sender`: a MailSender for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import Config
from core.mail import MailSender
from tests.integration.mail.server import MailServer, serving

MakeSender = Callable[..., MailSender]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def make_sender(tmp_path: Path) -> MakeSender:
    """A MailSender with these settings of `smtp`, beside a sender's address and little patience."""

    def make(port: int, **settings: Any) -> MailSender:
        config = Config(tmp_path)
        smtp = {"host": "127.0.0.1", "port": port, "fromAddress": "shop@example.com", "timeoutSeconds": 5}
        config.set({"smtp": {**smtp, **settings}})
        return MailSender(config, lambda: pytest.fail("nobody makes a job here"))

    return make


@pytest.fixture
def sender(mail_server: MailServer, make_sender: MakeSender) -> MailSender:
    return make_sender(mail_server.port)
