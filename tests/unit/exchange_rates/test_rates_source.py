"""Where the rates come from; downloads are tested against a server on the loopback device only."""

from __future__ import annotations

import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.exceptions import Error
from modules.ExchangeRates.rates_file import RatesFile
from modules.ExchangeRates.rates_source import download, obtain, shipped_file


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("rates.csv", "Date,USD\n2020-01-01,1.5\n")
    return content.getvalue()


class Server(ThreadingHTTPServer):
    """Answers every GET with `answer`."""

    answer: Callable[[BaseHTTPRequestHandler], None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rates.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.answer(self)

    def log_message(self, *_arguments: object) -> None:
        """A test's server is silent."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sends(content: bytes, length: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def fault(call: Callable[[], object]) -> str:
    with pytest.raises(Error) as caught:
        call()
    return str(caught.value)


def test_the_shipped_file_holds_the_rates_since_1999() -> None:
    path = shipped_file()

    assert path is not None
    assert str(RatesFile(path).rates("USD")[0]) == "Rate(day=datetime.date(1999, 1, 4), value=1.1789)"


def test_auto_takes_the_shipped_file(tmp_path: Path) -> None:
    assert obtain("auto", tmp_path / "rates.zip", url="http://nobody.invalid/") == shipped_file()


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    message = fault(lambda: obtain("ftp", tmp_path / "rates.zip"))

    assert message == "There is no source 'ftp' of exchange rates; it is one of auto, file, download."


def test_a_download_is_written_to_the_target(server: Server, tmp_path: Path) -> None:
    server.answer = sends(archive())
    target = tmp_path / "new folder" / "rates.zip"

    assert obtain("download", target, url=server.url) == target
    assert RatesFile(target).currencies() == ["USD"]


def test_a_download_leaves_no_draft_behind(server: Server, tmp_path: Path) -> None:
    server.answer = sends(archive())

    download(server.url, tmp_path / "rates.zip")

    assert [path.name for path in tmp_path.iterdir()] == ["rates.zip"]


def test_an_error_of_the_server_is_named_with_the_address(server: Server, tmp_path: Path) -> None:
    server.answer = lambda handler: handler.send_error(503, "Closed for maintenance")

    message = fault(lambda: download(server.url, tmp_path / "rates.zip"))

    assert message == (
        f"The exchange rates cannot be downloaded from {server.url}: HTTP Error 503: Closed for maintenance."
    )


def test_a_failed_download_keeps_the_former_file(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "rates.zip"
    target.write_bytes(archive())
    server.answer = sends(b"<html>Sign in</html>")

    assert "what came is no zip file" in fault(lambda: download(server.url, target))
    assert target.read_bytes() == archive()


def test_a_file_that_is_too_large_is_refused(server: Server, tmp_path: Path) -> None:
    server.answer = sends(archive())

    assert "larger than 10 bytes" in fault(lambda: download(server.url, tmp_path / "rates.zip", max_bytes=10))


def test_a_connection_that_breaks_is_noticed(server: Server, tmp_path: Path) -> None:
    server.answer = sends(archive()[:20], length=999)

    message = fault(lambda: download(server.url, tmp_path / "rates.zip"))

    assert "broke after 20 of 999 bytes" in message


def test_a_server_that_is_silent_runs_into_the_time_out(server: Server, tmp_path: Path) -> None:
    enough = threading.Event()
    server.answer = lambda _handler: enough.wait() and None

    message = fault(lambda: download(server.url, tmp_path / "rates.zip", timeout_seconds=0.1))
    enough.set()

    assert message.endswith("timed out.")


def test_a_server_that_drips_runs_into_the_time_out(server: Server, tmp_path: Path) -> None:
    enough = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        sends(b"", length=1_000_000)(handler)
        while not enough.wait(0.01):
            handler.wfile.write(b"x")

    server.answer = drip
    message = fault(lambda: download(server.url, tmp_path / "rates.zip", timeout_seconds=0.2))
    enough.set()

    assert message.endswith("it took longer than 0.2 s.")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/rates.zip", "rates.zip", ""])
def test_only_web_addresses_are_asked(tmp_path: Path, url: str) -> None:
    assert "does not begin with https://" in fault(lambda: download(url, tmp_path / "rates.zip"))


def test_nobody_at_the_address_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/rates.zip"

        message = fault(lambda: download(url, tmp_path / "rates.zip"))

    assert message == f"The exchange rates cannot be downloaded from {url}: [Errno 111] Connection refused."
