"""Parts of jobs' logs: wherever they are cut, no part of a secret is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.access import Redaction
from core.config import Config
from core.log import job_log_path
from core.web.job_log import JobLogs

FILLING = "nothing to see\n" * 100


@pytest.fixture
def logs(tmp_path: Path) -> JobLogs:
    """Of an installation that has no setting of its own."""
    return JobLogs(tmp_path, Redaction(Config(tmp_path)))


def write(root: Path, text: str) -> None:
    path = job_log_path(root, "a")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "secret",
    [
        "password: xylophone",
        "postgresql://atro:xylophone@localhost/atro",
        "-----BEGIN PRIVATE KEY-----\nxylophone\n-----END PRIVATE KEY-----",
    ],
)
def test_no_part_shows_a_part_of_a_secret(logs: JobLogs, tmp_path: Path, secret: str) -> None:
    text = f"{FILLING}first\n{secret}\nlast\n{FILLING}"
    write(tmp_path, text)
    start = len(FILLING)

    for at in range(start, start + len(secret) + 10):
        parts = [
            logs.read("a", 0, at),
            logs.read("a", at, 5_000),
            logs.read("a", at, 5),
            logs.read("a", at - len(text)),
        ]
        assert not [each for each in parts if "xyl" in each.text or "phone" in each.text], at


def test_a_long_line_that_is_read_in_parts_shows_no_secret(logs: JobLogs, tmp_path: Path) -> None:
    write(tmp_path, f"{'x' * 3_000} password=xylophone {'y' * 3_000}")

    for size in range(3_000, 3_025):
        offset, shown = 0, ""
        while (part := logs.read("a", offset, size)).text:
            offset, shown = part.next, shown + part.text
        assert "xyl" not in shown and "phone" not in shown
        assert shown.startswith("xxx") and shown.endswith("yyy") and len(shown) > 6_000


def test_a_part_within_a_long_key_is_none_of_the_text(logs: JobLogs, tmp_path: Path) -> None:
    key = "SECRET" * 3_000
    write(tmp_path, f"-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\nlast\n")

    assert logs.read("a", 10_000, 100).text == "[redacted]"
    assert logs.read("a", 10_000, 10_100).text == "[redacted]\nlast\n"
