"""`serve` and the users, as a person types them."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx2

from core.testing import Installation
from tests.acceptance.web.serving import PASSWORD, serving

ENDLESS: dict[str, Any] = {
    "Resources/metadata/app/panelPages.json": {"endless": {"template": "error.html", "service": "Endless"}},
    "Services/Endless.py": """
        from core.Services import AbstractService


        class Endless(AbstractService):
            def panel_page(self, params):
                numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
                with self.get_entity_manager().database.read() as connection:
                    return connection.exec_driver_sql(f"SELECT COUNT(*) FROM ({numbers})").scalar_one()
    """,
}


def test_a_user_is_added_and_logs_in_and_the_server_ends_when_told(installation: Installation) -> None:
    added = installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    token = installation.console("user", "token", "anna", "--label=script").stdout.strip()
    assert added.returncode == 0, added.stderr

    with serving(installation) as (address, process), httpx2.Client(timeout=60, base_url=address) as client:
        logged_in = client.post("/api/login", json={"userName": "anna", "password": PASSWORD})
        assert logged_in.json()["id"] == added.stdout.strip()
        assert client.get("/api/me").status_code == 200
        me = httpx2.get(f"{address}/api/me", headers={"Authorization": f"Bearer {token}"}, timeout=60)
        assert me.json()["kind"] == "api"

        changed = installation.console("user", "password", "anna", input="another long password\n")
        assert "sessions and tokens ended: 2" in changed.stdout
        assert client.get("/api/me").status_code == 401

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_the_database_stops_what_takes_too_long(installation: Installation) -> None:
    installation.add_module("Endless", ENDLESS)
    installation.write_config(web={"queryTimeout": 0.2})
    installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    token = installation.console("user", "token", "anna", "--label=script").stdout.strip()

    with serving(installation) as (address, _):
        refused = httpx2.get(f"{address}/pages/endless", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    assert (refused.status_code, refused.json()["code"]) == (400, "query_timeout")


def test_it_ends_although_connections_are_open_and_half_a_request_came(installation: Installation) -> None:
    with serving(installation) as (address, process):
        at = urlsplit(address)
        with closing(socket.create_connection((at.hostname, at.port))) as idle:
            idle.sendall(b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            assert httpx2.get(f"{address}/healthz", timeout=60).status_code == 200

            process.send_signal(signal.SIGTERM)

            assert process.wait(timeout=20) == 0
            assert "Traceback" not in process.stderr.read()


def test_it_says_that_nobody_can_log_in_yet(installation: Installation) -> None:
    with serving(installation) as (_, process):
        process.send_signal(signal.SIGTERM)
        assert "user add" in process.stderr.read()


def test_a_port_that_is_taken_is_told(installation: Installation) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        finished = installation.console("serve", f"--port={taken.getsockname()[1]}")

    assert finished.returncode == 1
    assert "in use" in finished.stderr.lower()


def test_what_cannot_be_a_user_is_refused(installation: Installation) -> None:
    short = installation.console("user", "add", "anna", input="short\n")
    installation.console("user", "add", "anna", input=f"{PASSWORD}\n")
    twice = installation.console("user", "add", "anna", input=f"{PASSWORD}\n")
    unknown = installation.console("user", "token", "ben")

    assert [each.returncode for each in (short, twice, unknown)] == [1] * 3
    assert "10 to 1000 characters" in short.stderr
    assert "There is a user 'anna' already." in twice.stderr
    assert "There is no user 'ben'." in unknown.stderr


def test_users_have_roles(installation: Installation) -> None:
    installation.console("user", "add", "olga", "--role=operator", input=f"{PASSWORD}\n")
    installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    changed = installation.console("user", "role", "olga", "viewer")
    wrong = installation.console("user", "role", "olga", "vewer")
    both = installation.console("user", "add", "ben", "--admin", "--role=viewer", input=f"{PASSWORD}\n")
    unknown = installation.console("user", "add", "ben", "--role=king", input=f"{PASSWORD}\n")

    assert changed.returncode == 0
    assert "Did you mean 'viewer'?" in wrong.stderr
    assert [both.returncode, unknown.returncode] == [1, 1]
    listed = json.loads(installation.console("user", "list", "--json").stdout)
    assert [(user["userName"], user["role"]) for user in listed] == [("anna", "administrator"), ("olga", "viewer")]
    assert "viewer" in installation.console("user", "list").stdout


def test_a_handler_that_ends_who_imports_it_is_named_and_the_server_goes_on(installation: Installation) -> None:
    installation.add_job_type("Fine", "pass")
    installation.add_job_type("Deadly", "pass")
    file = installation.modules / "DeadlyModule" / "Jobs" / "Deadly.py"
    file.write_text(f"import os\n\nprint('half a line', end='', flush=True)\nos._exit(7)\n{file.read_text()}")
    installation.console("user", "add", "anna", "--admin", input=f"{PASSWORD}\n")
    token = installation.console("user", "token", "anna", "--label=script").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}

    with serving(installation) as (address, process), httpx2.Client(base_url=address, headers=headers) as client:
        deadly, fine = (client.post("/api/Job", json={"type": name}).json()["id"] for name in ("Deadly", "Fine"))
        why = client.get(f"/api/Job/{deadly}/why", timeout=60).json()
        page = client.get("/modules", headers={"Accept": "text/html"}, timeout=60).text

        assert why["reason"] == "wrongHandler"
        assert "job type 'Deadly' ends the process that imports it (registered by DeadlyModule)." in why["text"]
        assert "ends the process that imports it" in page
        assert client.get(f"/api/Job/{fine}/why", timeout=60).json()["reason"] == "cronNotSeen"
        assert process.poll() is None
