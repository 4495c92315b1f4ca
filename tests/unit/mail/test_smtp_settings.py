"""The settings of mail servers."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import ConfigurationError
from core.mail.smtp_settings import SmtpSettings, complaints, read_settings


@pytest.mark.parametrize(("security", "port"), [("", 25), ("ssl", 465), ("STARTTLS", 587)])
def test_the_port_follows_from_the_security(security: str, port: int) -> None:
    settings = read_settings({"host": "mx.example.com", "security": security})

    assert settings == SmtpSettings("mx.example.com", port, security.lower(), None, None, None, None, 30.0)
    assert settings.place == f"mx.example.com:{port}"


def test_everything_that_is_set_counts() -> None:
    settings = read_settings(
        {
            "host": "mx",
            "port": 2525,
            "user": "ada",
            "password": "hush",
            "fromAddress": "a@b.de",
            "fromName": "Shop",
            "timeoutSeconds": 2.5,
        }
    )

    assert settings == SmtpSettings("mx", 2525, "", "ada", "hush", "a@b.de", "Shop", 2.5)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("smtp", "problem"),
    [
        ("mx", "smtp is 'mx', which is not a dict"),
        ({"security": "tls"}, "smtp.security is 'tls', which is not '', 'ssl' or 'starttls'."),
        ({"port": 70000}, "smtp.port is 70000, which is not a port from 1 to 65535."),
        ({"port": True}, "smtp.port is True"),
        ({"host": "a\nb"}, r"smtp.host is 'a\nb', which is not the name or address of a mail server."),
        ({"fromAddress": "shop"}, "smtp.fromAddress is 'shop', which is not an email address."),
        ({"fromName": "a\r\nBcc: b"}, "which is not a text in one line."),
        ({"timeoutSeconds": 0}, "smtp.timeoutSeconds is 0, which is not a number of seconds above 0."),
        ({"timeoutSeconds": float("inf")}, "smtp.timeoutSeconds is inf"),
        ({"password": 12345}, "smtp.password is a value, which is not a text that is not empty."),
        ({"user": "ada"}, "smtp has one of user and password; a login takes both."),
        ({"fromAdress": "a@b.de"}, "smtp.fromAdress is no known setting. Did you mean 'fromAddress'?"),
        ({"connections": []}, "smtp.connections is [], which is not a dict of mail servers by id."),
        ({"connections": {"a": 5}}, "smtp.connections.a is 5, which is not a dict"),
        (
            {"connections": {"a": {"host": "h", "connections": {}}}},
            "smtp.connections.a.connections is no known setting.",
        ),
    ],
)
def test_what_is_wrong_is_said(smtp: Any, problem: str) -> None:
    said = complaints({"host": "mx", **smtp} if isinstance(smtp, dict) else smtp)

    assert any(problem in text for text in said), said
    assert "12345" not in "".join(said)


def test_who_has_no_mail_server_has_nothing_wrong() -> None:
    assert complaints(None) == []
    assert complaints({"connections": {"a": {"host": "h"}}}) == []


def test_wrong_settings_are_all_named_where_they_are_used() -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_settings({"port": "x", "security": 5})

    assert len(str(raised.value).splitlines()) == 3
