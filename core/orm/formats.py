"""The forms that texts of some field types have to have."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from core.sentence import Sentence

URL_SCHEMES = ("http", "https", "ftp", "ftps", "sftp")

# The form that browsers ask for (https://html.spec.whatwg.org/#valid-e-mail-address), but with letters of all scripts
# and without dots at the ends or side by side, which mail servers refuse.
_LOCAL_PART = re.compile(r"(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"(?=.{1,63}$)[^\W_]+(?:-+[^\W_]+)*")
_COLOR = re.compile(r"#?(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_NOT_IN_URL = re.compile(r"[\s\x00-\x1f\x7f<>\"\\]")


def is_email(text: str) -> bool:
    """Whether it is one address, without a name beside it; the domain may lack a dot (`root@localhost`)."""
    local_part, _, domain = text.rpartition("@")
    return bool(_LOCAL_PART.fullmatch(local_part)) and all(map(_LABEL.fullmatch, domain.split(".")))


def is_url(text: str) -> bool:
    """Whether it has one of `URL_SCHEMES`, a host, and nothing that a URL cannot hold."""
    if _NOT_IN_URL.search(text):
        return False
    try:
        parts = urlsplit(text)
        # Looking at the port is what judges it.
        return parts.scheme in URL_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_color(text: str) -> bool:
    """Whether it is `#rgb` or `#rrggbb`, with or without the `#`."""
    return _COLOR.fullmatch(text) is not None


#: By field type: whether a text has the form, and what is said where it has not.
FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "email": (is_email, Sentence("is not an email address, such as jane@example.com")),
    "url": (
        is_url,
        Sentence("is not a URL with {schemes} and a host, such as https://example.com", schemes=", ".join(URL_SCHEMES)),
    ),
    "color": (is_color, Sentence("is not a colour, such as #ff6262")),
}
