"""Email addresses, URLs and colours."""

from __future__ import annotations

import pytest

from core.orm.formats import is_color, is_email, is_url


@pytest.mark.parametrize(
    "text",
    [
        "jane@example.com",
        "o'neil+x@e.co",
        "ä@müller.de",
        "a.b@c-d.e",
        "root@localhost",
        "a@1.2.3.4",
        "x" * 64 + "@b.de",
    ],
)
def test_addresses_that_mail_servers_take(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane",
        "jane@",
        "@example.com",
        "a@b@c.de",
        "Jane <jane@example.com>",
        "jane doe@example.com",
        "jane@exam ple.com",
        "jane@example.com\n",
        "jane\r\nBcc: all@example.com",
        "a..b@c.de",
        ".a@b.de",
        "a@b..de",
        "a@-b.de",
        "a@b-.de",
        "a@b_c.de",
        "x" * 65 + "@b.de",
        "a@" + "x" * 64 + ".de",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize(
    "text", ["http://a", "https://a.b/c?d=ä#x", "ftp://a:21/", "http://[::1]:80/", "http://u:p@h/", "HTTPS://A.B"]
)
def test_urls_that_lead_somewhere(text: str) -> None:
    assert is_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "a.b",
        "//a.b",
        "http://",
        "http:///x",
        "http://[",
        "http://a:x",
        "http://a:99999",
        "http://a b",
        "http://a\n",
        " http://a",
        'http://a/"onclick',
        "javascript:alert(1)",
        "mailto:a@b.de",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_url(text: str) -> None:
    assert not is_url(text)


@pytest.mark.parametrize("text", ["#ff6262", "FF6262", "#abc", "123"])
def test_colours(text: str) -> None:
    assert is_color(text)


@pytest.mark.parametrize("text", ["#ff62", "red", "##ff6262", "#ff6262\n", "#ggg", "#ff626200"])
def test_what_is_no_colour(text: str) -> None:
    assert not is_color(text)
