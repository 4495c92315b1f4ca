"""Addresses of emails: `ada@example.com`, or with a name, `Ada Lovelace <ada@example.com>`."""

from __future__ import annotations

import re
from email.headerregistry import Address
from typing import Any

#: What the two halves of an address are made of (RFC 5322 3.2.3, RFC 6531 3.3); quoted halves are not taken.
_HALF = r"[^\s\x00-\x1f\x7f()<>\[\]:;@\\,\"]+"
_ADDRESS = re.compile(rf"{_HALF}@{_HALF}")
_WITH_NAME = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]*)>", re.DOTALL)


def is_address(value: Any) -> bool:
    """Whether this is one address, without a name."""
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def parse_address(text: str, name: str | None = None) -> Address:
    """One address, with its own name or this one; ValueError where it is none."""
    match = _WITH_NAME.fullmatch(text.strip())
    if match:
        name, text = match["name"].strip('" ') or name, match["address"]
    text = text.strip()
    if not is_address(text):
        raise ValueError(f"{text!r} is no email address")
    if name and not name.isprintable():
        raise ValueError(f"the name {name!r} has a line break or another control character in it")
    user, _, domain = text.rpartition("@")
    return Address(name or "", user, _ascii(domain))


def parse_addresses(value: Any) -> list[Address]:
    """Those of a text, with `;` between them as in AtroCore, or of a list; ValueError for the first that is none."""
    if value is None:
        return []
    texts = value.split(";") if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{value!r} is neither a text nor a list of texts")
    return [parse_address(text) for text in texts if text.strip()]


def _ascii(domain: str) -> str:
    """A domain as mail servers know it: `xn--mller-kva.de` for `müller.de`."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"{domain!r} is no domain") from error
