"""The settings of a mail server: `smtp` in `data/config.py`, and each of `smtp.connections`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.exceptions import ConfigurationError, did_you_mean
from core.mail.addresses import is_address

#: The port that a server listens at, by the security of its connections.
PORTS = {"": 25, "starttls": 587, "ssl": 465}
TIMEOUT_SECONDS = 30.0
_HIGHEST_PORT = 65535

#: The settings of further servers by id, beside those of the first one.
CONNECTIONS = "connections"


@dataclass(frozen=True)
class SmtpSettings:
    """A mail server, how to talk to it, and in whose name."""

    host: str
    port: int
    security: str
    user: str | None
    password: str | None = field(repr=False)
    from_address: str | None
    from_name: str | None
    timeout_seconds: float

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


def read_settings(smtp: Any, connection_id: str | None = None) -> SmtpSettings:
    """The server of `smtp`, or of one of its connections; ConfigurationError that says all that is wrong with it."""
    section, where = _section(smtp, connection_id)
    if problems := _complaints(section, where):
        raise ConfigurationError("\n".join(problems))
    security = (section.get("security") or "").lower()
    return SmtpSettings(
        host=section["host"],
        port=section.get("port") or PORTS[security],
        security=security,
        user=section.get("user"),
        password=section.get("password"),
        from_address=section.get("fromAddress"),
        from_name=section.get("fromName"),
        timeout_seconds=section.get("timeoutSeconds") or TIMEOUT_SECONDS,
    )


def complaints(smtp: Any) -> list[str]:
    """Everything that is wrong with the settings of all servers; nothing where there are none."""
    if smtp is None:
        return []
    if not isinstance(smtp, Mapping):
        return [f"smtp is {smtp!r}, which is not a dict such as {{'host': 'mail.example.com'}}."]
    connections = smtp.get(CONNECTIONS)
    if connections is not None and not isinstance(connections, Mapping):
        return [f"smtp.{CONNECTIONS} is {connections!r}, which is not a dict of mail servers by id."]
    problems = _complaints(smtp, "smtp") if smtp.keys() - {CONNECTIONS} else []
    for connection_id in connections or {}:
        problems += _complaints(*_section(smtp, connection_id))
    return problems


def _section(smtp: Any, connection_id: str | None) -> tuple[Any, str]:
    if not smtp:
        raise ConfigurationError(
            'No mail server is configured. data/config.py needs "smtp": {"host": ..., "fromAddress": ...}.'
        )
    if not connection_id:
        return smtp, "smtp"
    connections = smtp.get(CONNECTIONS) if isinstance(smtp, Mapping) else None
    known = connections if isinstance(connections, Mapping) else {}
    if connection_id not in known:
        raise ConfigurationError(
            f"smtp.{CONNECTIONS} in data/config.py has no mail server '{connection_id}'."
            f"{did_you_mean(connection_id, map(str, known))}"
        )
    return known[connection_id], f"smtp.{CONNECTIONS}.{connection_id}"


def _complaints(section: Any, where: str) -> list[str]:
    if not isinstance(section, Mapping):
        return [f"{where} is {section!r}, which is not a dict such as {{'host': 'mail.example.com'}}."]
    known = {*SETTINGS, *([CONNECTIONS] if where == "smtp" else [])}
    problems = [
        f"{where}.{key} is no known setting.{did_you_mean(str(key), known)}" for key in section if key not in known
    ]
    for key, (meaning, fits) in SETTINGS.items():
        value = section.get(key)
        if value is not None and not fits(value):
            # What stands at `password` is a secret, whatever it is.
            shown = "a value" if key == "password" else repr(value)
            problems.append(f"{where}.{key} is {shown}, which is not {meaning}.")
    problems += [f"{where}.{key} is missing." for key in ("host",) if section.get(key) is None]
    if (section.get("user") is None) != (section.get("password") is None):
        problems.append(f"{where} has one of user and password; a login takes both.")
    return problems


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _HIGHEST_PORT


def _is_security(value: Any) -> bool:
    return isinstance(value, str) and value.lower() in PORTS


def _is_timeout(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


SETTINGS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "host": ("the name or address of a mail server", _is_line),
    "port": (f"a port from 1 to {_HIGHEST_PORT}", _is_port),
    "security": ("'', 'ssl' or 'starttls'", _is_security),
    "user": ("a text in one line", _is_line),
    "password": ("a text that is not empty", lambda value: isinstance(value, str) and value != ""),
    "fromAddress": ("an email address", is_address),
    "fromName": ("a text in one line", _is_line),
    "timeoutSeconds": ("a number of seconds above 0", _is_timeout),
}
