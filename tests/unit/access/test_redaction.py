"""What is taken out of what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.access.redaction import REDACTED, Redaction
from core.config import Config


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path)


@pytest.fixture
def redaction(config: Config) -> Redaction:
    return Redaction(config)


@pytest.mark.parametrize(
    "key", ["password", "dbPassword", "api_key", "API-Key", "accessToken", "Authorization", "Set-Cookie", "secretKey"]
)
def test_what_a_key_says_is_a_secret_goes(redaction: Redaction, key: str) -> None:
    assert redaction.redact({"a": [{key: {"inner": "swordfish"}}]}) == {"a": [{key: REDACTED}]}


@pytest.mark.parametrize("value", [{"maxTokens": 5}, {"hasPassword": True}, {"password": None}, {"key": "a", "n": 1.5}])
def test_what_is_no_secret_stays(redaction: Redaction, value: Any) -> None:
    assert redaction.redact(value) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to postgresql://atro:swordfish@db/atro", "to postgresql://atro:[redacted]@db/atro"),
        ("Authorization: Bearer swordfish123", "Authorization: [redacted]"),
        ("login(user='a', password='sword fish')", "login(user='a', password=[redacted])"),
        ('{"apiKey": "swordfish", "n": 1}', '{"apiKey": [redacted], "n": 1}'),
        ("GET /x?access_token=swordfish&page=2", "GET /x?access_token=[redacted]&page=2"),
        ("-----BEGIN RSA PRIVATE KEY-----\nswordfish\n-----END RSA PRIVATE KEY-----!", "[redacted]!"),
        ("pyatro_" + "swordfish" * 5, "[redacted]"),
        ("pwd=swordfish Passwort: swordfish", "pwd=[redacted] Passwort: [redacted]"),
        ("password=[redacted] and url http://a:[redacted]@b", "password=[redacted] and url http://a:[redacted]@b"),
        ("http://localhost:8000/a and mail@example.org", "http://localhost:8000/a and mail@example.org"),
    ],
)
def test_what_looks_like_a_secret_in_a_text_goes(redaction: Redaction, text: str, shown: str) -> None:
    assert redaction.redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "before password=xylophone after",
        "before http://user:xylophone@host after",
        "before 'Authorization': 'Bearer xylophone' after",
        "before\n-----BEGIN PRIVATE KEY-----\nxylophone\n-----END PRIVATE KEY-----\nafter",
        "before card xylophone after",
    ],
)
def test_no_part_of_a_text_shows_a_part_of_a_secret(redaction: Redaction, config: Config, text: str) -> None:
    config.set("redact", [r"/xylophone/"])
    start, end = text.index("xylophone"), text.index("xylophone") + len("xylophone")

    for cut in range(len(text) + 1):
        shown = redaction.redact_part(text, 0, cut), redaction.redact_part(text, cut, len(text))
        assert not any(text[at : at + 3] in each for at in range(start, end - 2) for each in shown)
        assert "".join(shown).replace(2 * REDACTED, REDACTED) == redaction.redact(text)


def test_the_settings_add_words_and_patterns(redaction: Redaction, config: Config) -> None:
    config.set("redact", ["IBAN", r"/\b\d{16}\b/"])

    assert redaction.redact({"customerIban": "DE1", "text": "card 1234567812345678."}) == {
        "customerIban": REDACTED,
        "text": f"card {REDACTED}.",
    }
    long = "x " * 20_000 + "1234567812345678 " + "y " * 20_000
    assert "1234567812345678" not in redaction.redact(long)
    assert redaction.redact(long).count(REDACTED) == 1


def test_a_value_that_is_very_deep_ends_somewhere(redaction: Redaction) -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]

    assert REDACTED in str(redaction.redact(deep))


@pytest.mark.parametrize(
    "piece", ["a", "password", "http://a:", "://", "token=", '"', "bearer ", "=\\", "-----BEGIN PRIVATE KEY-----"]
)
def test_a_long_text_costs_no_more_than_its_length(redaction: Redaction, piece: str) -> None:
    """Quadratic time would not come to an end here."""
    redaction.redact(piece * (1_000_000 // len(piece)))
