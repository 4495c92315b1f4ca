"""What an email is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadRequest
from core.mail.addresses import is_address, parse_address, parse_addresses
from core.mail.html_text import text_of_html
from core.mail.letter import compose
from core.mail.smtp_settings import read_settings

SETTINGS = read_settings({"host": "mx", "fromAddress": "shop@example.com"})
LETTER = {"to": "ada@example.com", "subject": "Prices"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"to": ""}, "emailData.to: is missing."),
        ({"to": " ; "}, "emailData.to: is missing."),
        ({"to": 5}, "emailData.to: 5 is neither a text nor a list of texts."),
        (
            {"cc": "ada@example.com, bob@example.com"},
            "emailData.cc: 'ada@example.com, bob@example.com' is no email address.",
        ),
        ({"bcc": ["@example.com"]}, "emailData.bcc: '@example.com' is no email address."),
        ({"to": f"ada@{'x' * 70}.com"}, "is no domain."),
        ({"subject": None}, "emailData.subject: is missing."),
        ({"subject": ["x"]}, "emailData.subject: ['x'] is no text."),
        ({"subject": "a\nBcc: b@c.de"}, "has a line break in it"),
        ({"subject": "a\u2028b"}, "emailData.subject: 'a\\u2028b' has a line break in it"),
        ({"body": 5}, "emailData.body: 5 is no text."),
        ({"attachment": []}, "emailData has no 'attachment'. Did you mean 'attachments'?"),
        ({"attachments": "id"}, "emailData.attachments: 'id' is no list."),
        ({"attachments": ["id"]}, "emailData.attachments: 'id' is no object with 'path' or 'content'"),
        (
            {"attachments": [{"path": "no.csv"}]},
            "emailData.attachments: 'no.csv' cannot be read: No such file or directory.",
        ),
        ({"attachments": [{"name": "a", "content": "§"}]}, "the content of 'a' is neither bytes nor base64."),
        ({"attachments": [{"content": b""}]}, "an attachment has the name '', which is none."),
        ({"attachments": [{"nmae": "a"}]}, "an attachment has no 'nmae'. Did you mean 'name'?"),
        (
            {"attachments": [{"name": "a", "content": b"", "mimeType": "text"}]},
            "'a' has the type 'text', which is no type",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadRequest) as raised:
        compose({**LETTER, **data}, {}, SETTINGS, tmp_path)

    assert problem in str(raised.value)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as raised:
        compose({"from": "x", "cc": "y"}, {"replyTo": "z"}, SETTINGS, tmp_path)

    assert len(str(raised.value).splitlines()) == 5


def test_a_letter_needs_a_sender(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"emailData\.from: is missing, and so is smtp\.fromAddress"):
        compose(LETTER, {}, read_settings({"host": "mx"}), tmp_path)


def test_an_address_may_have_a_name() -> None:
    assert str(parse_address("ada@example.com")) == "ada@example.com"
    assert str(parse_address(' "Lovelace, Ada" <ada@example.com> ')) == '"Lovelace, Ada" <ada@example.com>'
    assert str(parse_address("ada@example.com", "Ada")) == "Ada <ada@example.com>"
    assert [each.addr_spec for each in parse_addresses(["a@b.de", "Zoë <z@b.de>"])] == ["a@b.de", "z@b.de"]


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "@b.de", "a b@c.de", "a@b@c.de", "a@b.de\n", "<a@b.de>", "a@b,c@d"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b<br/>c", "a\nb\nc\n"),
        ("<p>a</p>\n\n<p>b  c</p>", "a\n\nb c\n"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb\n"),
        ("<title>t</title><style>s</style><script>x</script>a &amp; b &lt; c", "a & b < c\n"),
        ("<a href='http://x.de'>x</a> <a>y</a>", "x <http://x.de> y\n"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert text_of_html(html) == text
