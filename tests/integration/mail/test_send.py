"""Emails to a mail server over a real socket."""

from __future__ import annotations

import base64
import socket
import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.exceptions import BadRequest, ConfigurationError, MailError, RecipientsRefused
from core.mail import MailSender
from tests.integration.mail.conftest import MakeSender
from tests.integration.mail.server import CERTIFICATE, PASSWORD, MailServer, authenticate, serving

LETTER = {"to": "ada@example.com", "subject": "Prices", "body": "3 prices"}


@pytest.fixture
def trusted_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def text_of(part: EmailMessage | None) -> str:
    assert part is not None
    return str(part.get_content())


def test_an_email_arrives(sender: MailSender, mail_server: MailServer) -> None:
    sender.send(LETTER)

    letter = mail_server.letter()
    assert mail_server.recipients == [["ada@example.com"]]
    assert mail_server.envelopes[0].mail_from == "shop@example.com"
    assert [letter[name] for name in ("From", "To", "Subject")] == ["shop@example.com", "ada@example.com", "Prices"]
    assert text_of(letter).strip() == "3 prices"
    assert letter["Date"].datetime.tzinfo is not None
    assert letter["Message-ID"].endswith("@example.com>")


def test_all_recipients_get_it_and_nobody_sees_those_of_bcc(sender: MailSender, mail_server: MailServer) -> None:
    sender.send(
        LETTER
        | {
            "to": "Ada <ada@example.com>; bob@example.com",
            "cc": ["cy@example.com", "ada@example.com"],
            "bcc": "di@example.com",
            "replyTo": "shop@example.org",
        }
    )

    assert mail_server.recipients == [["ada@example.com", "bob@example.com", "cy@example.com", "di@example.com"]]
    assert mail_server.letter()["To"] == "Ada <ada@example.com>, bob@example.com"
    assert mail_server.letter()["Reply-To"] == "shop@example.org"
    assert b"di@example.com" not in mail_server.envelopes[0].original_content


def test_names_subjects_and_bodies_of_all_languages_arrive(sender: MailSender, mail_server: MailServer) -> None:
    name = "Zoë Müller, 東京"
    sender.send(LETTER | {"fromName": name, "subject": "Größe " * 30, "body": "Grüße, 東京\n.\n"})

    letter = mail_server.letter()
    assert mail_server.envelopes[0].original_content.isascii()
    assert letter["From"].addresses[0].display_name == name
    assert letter["Subject"] == ("Größe " * 30).rstrip(" ") or letter["Subject"] == "Größe " * 30
    assert text_of(letter).replace("\r\n", "\n") == "Grüße, 東京\n.\n"


def test_a_domain_of_another_alphabet_is_spelt_for_mail_servers(sender: MailSender, mail_server: MailServer) -> None:
    sender.send(LETTER | {"to": "ada@müller.de"})

    assert mail_server.recipients == [["ada@xn--mller-kva.de"]]


def test_an_address_of_another_alphabet_needs_a_server_that_takes_it(make_sender: MakeSender) -> None:
    with serving(enable_SMTPUTF8=True) as server:
        make_sender(server.port).send(LETTER | {"to": "zoë@example.com"})
        assert server.recipients == [["zoë@example.com"]]

    with serving() as server, pytest.raises(MailError, match="SMTPUTF8"):
        make_sender(server.port).send(LETTER | {"to": "zoë@example.com"})


def test_html_has_a_text_beside_it(sender: MailSender, mail_server: MailServer) -> None:
    html = (
        "<style>p {}</style><p>Dear <b>Ada</b>,</p>\n<p>see <a href='https://x.test/?a=1&amp;b=2'>here</a>&nbsp;!</p>"
    )
    sender.send(LETTER | {"body": html, "isHtml": True})

    letter = mail_server.letter()
    assert letter.get_content_type() == "multipart/alternative"
    assert text_of(letter.get_body(["html"])).split() == html.split()
    assert text_of(letter.get_body(["plain"])).split() == [
        "Dear",
        "Ada,",
        "see",
        "here",
        "<https://x.test/?a=1&b=2>",
        "!",
    ]


def test_attachments_arrive(sender: MailSender, mail_server: MailServer, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("a;1\n")
    attachments = [
        {"path": "prices.csv"},
        {"path": str(tmp_path / "prices.csv"), "name": "Größen.csv", "mimeType": "text/plain"},
        {"name": "a.bin", "content": b"\0\1"},
        {"name": "b.bin", "content": base64.b64encode(b"\2").decode()},
    ]
    sender.send(LETTER | {"attachments": attachments})

    found = [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in mail_server.letter().iter_attachments()
    ]
    assert found == [
        ("prices.csv", "text/csv", b"a;1\n"),
        ("Größen.csv", "text/plain", b"a;1\n"),
        ("a.bin", "application/octet-stream", b"\0\1"),
        ("b.bin", "application/octet-stream", b"\2"),
    ]


def test_the_sender_and_the_reply_may_be_others(make_sender: MakeSender, mail_server: MailServer) -> None:
    sender = make_sender(mail_server.port, fromName="The shop")
    sender.send(LETTER)
    assert mail_server.letter()["From"] == "The shop <shop@example.com>"
    mail_server.envelopes.clear()

    sender.send(
        LETTER | {"from": "bob@example.com", "fromName": "Bob"}, params={"replyToAddress": "r@x.de", "replyToName": "R"}
    )

    assert mail_server.letter()["From"] == "Bob <bob@example.com>"
    assert mail_server.letter()["Reply-To"] == "R <r@x.de>"
    assert mail_server.envelopes[0].mail_from == "bob@example.com"


def test_there_may_be_several_servers(make_sender: MakeSender, mail_server: MailServer) -> None:
    other = {"host": "127.0.0.1", "port": mail_server.port, "fromAddress": "other@example.com"}
    sender = make_sender(1, connections={"other": other})

    sender.send(LETTER, "other")

    assert mail_server.letter()["From"] == "other@example.com"
    with pytest.raises(ConfigurationError, match=r"has no mail server 'othre'\. Did you mean 'other'"):
        sender.send(LETTER, "othre")


# Security and logins


@pytest.mark.usefixtures("trusted_certificate")
@pytest.mark.parametrize(("security", "options"), [("ssl", {"is_ssl": True}), ("STARTTLS", {"has_starttls": True})])
def test_a_secure_connection_with_a_login(make_sender: MakeSender, security: str, options: dict[str, bool]) -> None:
    with serving(**options, auth_require_tls=security != "ssl", authenticator=authenticate) as server:
        make_sender(server.port, security=security, user="ada", password=PASSWORD).send(LETTER)

        assert server.recipients == [["ada@example.com"]]
        assert server.has_login


@pytest.mark.parametrize(("security", "options"), [("ssl", {"is_ssl": True}), ("starttls", {"has_starttls": True})])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    make_sender: MakeSender, security: str, options: dict[str, bool]
) -> None:
    with serving(**options) as server:
        with pytest.raises(MailError) as raised:
            make_sender(server.port, security=security).send(LETTER)

        assert str(raised.value).startswith(f"The mail server 127.0.0.1:{server.port} makes no secure connection: ")
        assert isinstance(raised.value.__cause__, ssl.SSLError)
        assert server.envelopes == []


def test_a_server_without_starttls_gets_no_login_and_no_letter(
    make_sender: MakeSender, mail_server: MailServer
) -> None:
    sender = make_sender(mail_server.port, security="starttls", user="ada", password=PASSWORD)

    with pytest.raises(MailError, match=rf"127.0.0.1:{mail_server.port} cannot be used so: STARTTLS"):
        sender.send(LETTER)
    assert mail_server.envelopes == []


def test_a_refused_login_is_told_without_the_password(make_sender: MakeSender) -> None:
    with serving(auth_require_tls=False, authenticator=authenticate) as server:
        with pytest.raises(MailError) as raised:
            make_sender(server.port, user="ada", password="wrong-secret").send(LETTER)

        assert f"The mail server 127.0.0.1:{server.port} refuses the login of 'ada': 535" in str(raised.value)
        assert "wrong-secret" not in str(raised.value) + repr(raised.value.__cause__)


# Refusals


def test_a_server_that_is_not_there(make_sender: MakeSender) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

        with pytest.raises(
            MailError, match=rf"The mail server 127.0.0.1:{port} cannot be reached: Connection refused."
        ):
            make_sender(port).send(LETTER)


def test_a_server_that_says_nothing(make_sender: MakeSender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]

        with pytest.raises(MailError, match=rf"127.0.0.1:{port} does not answer within 0.1 seconds."):
            make_sender(port, timeoutSeconds=0.1).send(LETTER)


def test_a_server_that_hangs_up(sender: MailSender, mail_server: MailServer) -> None:
    mail_server.is_to_hang_up = True

    with pytest.raises(MailError, match=rf"127.0.0.1:{mail_server.port} (is gone|cannot be reached)"):
        sender.send(LETTER)


def test_a_refused_letter(sender: MailSender, mail_server: MailServer) -> None:
    mail_server.answer = "554 it looks like spam"

    with pytest.raises(MailError, match=rf"127.0.0.1:{mail_server.port} refuses: 554 it looks like spam."):
        sender.send(LETTER)


def test_a_refused_recipient_does_not_keep_it_from_the_others(sender: MailSender, mail_server: MailServer) -> None:
    mail_server.refused = {"bob@example.com"}

    with pytest.raises(RecipientsRefused) as raised:
        sender.send(LETTER | {"cc": "bob@example.com"})

    assert str(raised.value) == (
        f"The mail server 127.0.0.1:{mail_server.port} refuses recipients: bob@example.com (550 nobody of that name). "
        "It took the letter for ada@example.com."
    )
    assert raised.value.taken == ["ada@example.com"]
    assert mail_server.recipients == [["ada@example.com"]]


def test_where_all_recipients_are_refused_nobody_gets_it(sender: MailSender, mail_server: MailServer) -> None:
    mail_server.refused = {"ada@example.com"}

    with pytest.raises(RecipientsRefused, match="It took the letter for nobody") as raised:
        sender.send(LETTER)

    assert raised.value.taken == []
    assert mail_server.envelopes == []


def test_those_who_have_it_do_not_get_it_again(sender: MailSender, mail_server: MailServer) -> None:
    sender.send(LETTER | {"cc": "bob@example.com"}, but_not_to=["ada@example.com"])
    sender.send(LETTER, but_not_to=["ada@example.com"])

    assert mail_server.recipients == [["bob@example.com"]]
    assert mail_server.letter()["To"] == "ada@example.com"


@pytest.mark.parametrize(
    "data",
    [
        {"subject": "Hi\r\nBcc: eve@example.com"},
        {"subject": "Hi\nX: y"},
        {"to": "ada@example.com\nBcc: eve@example.com"},
        {"cc": ["Ada\r\nBcc: eve@example.com <ada@example.com>"]},
        {"fromName": "Shop\nBcc: eve@example.com"},
        {"from": "shop@example.com\nBcc: eve@example.com"},
        {"replyTo": "x@example.com\r\nBcc: eve@example.com"},
        {"attachments": [{"name": "a\nb", "content": b""}]},
        {"attachments": [{"name": "a", "content": b"", "mimeType": "text/plain\r\nX: y"}]},
    ],
)
def test_no_header_can_be_smuggled_in(sender: MailSender, mail_server: MailServer, data: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        sender.send(LETTER | data)

    assert mail_server.envelopes == []
