"""MariaDB, by PyMySQL."""

from __future__ import annotations

import math
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from core.exceptions import ConfigurationError, DatabaseBusy, DatabaseError
from core.orm.backend import Refusal
from core.orm.backends.joined_batch import JoinedBatch
from core.orm.backends.server import Server, Trouble
from core.orm.batch import Batch, DirectBatch, driver_error

_OLDEST = (10, 6)
_DEADLOCK = 1213
_TOO_LONG = 1153
#: A statement of so many bytes may be longer than max_allowed_packet: the server hangs up, and does not always say why.
_LONG_BYTES = 1 << 20
#: By error number: see the knowledge base's "MariaDB Error Codes"; from 2000 on they are the driver's own.
_TROUBLES = {
    **dict.fromkeys((0, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 2014, 2055), Trouble.LOST),
    **dict.fromkeys((2002, 2003, 2005), Trouble.AWAY),
    **dict.fromkeys((1040, 1203, 1226), Trouble.CROWDED),
    **dict.fromkeys((1045, 1698, 1130, 1251, 1862), Trouble.PASSWORD),
    1049: Trouble.MISSING,
    _TOO_LONG: Trouble.TOO_LONG,
    **dict.fromkeys((1317, 1969), Trouble.STOPPED),
    **dict.fromkeys((1205, 3572), Trouble.BUSY),
    **dict.fromkeys((_DEADLOCK, 1020, 1614), Trouble.DEADLOCK),
    **dict.fromkeys((1021, 1114), Trouble.FULL),
    **dict.fromkeys((1290, 1792, 1836), Trouble.READ_ONLY),
    **dict.fromkeys((1044, 1142, 1143, 1227, 1370), Trouble.RIGHTS),
}
# What a column cannot hold is refused, as on PostgreSQL, and not cut to fit; and an UPDATE computes all new values from
# the old ones, as everywhere else.
_MODES = (
    "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,"
    "SIMULTANEOUS_ASSIGNMENT"
)
# Names are the server's: other databases on it do not wait.
_LOCK_NAME = "CONCAT('pyatro.', MD5(DATABASE()))"
_UNIQUE = (1062, 1586)
_NOT_NULL = 1048
_KEY = re.compile(r"for key '(?:.*\.)?(?P<index>[^'.]+)'$")
_COLUMN = re.compile(r"Column '(?P<column>[^']+)'")


class MariaDB(Server):
    """MariaDB 10.6 or newer."""

    title = "MariaDB"
    extra = "mariadb"
    port = 3306
    beginning = "BEGIN"

    def make_engine(self) -> Engine:
        """See `Server.make_engine`."""
        engine = super().make_engine()
        connection_class = _connection_class()

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
            if self.sends_together:
                options["client_flag"] |= _several_statements()
            try:
                return connection_class(*arguments, conv=_conversions(), **options)
            except TypeError as error:
                raise ConfigurationError(
                    f"The driver of MariaDB refuses the address in data/config.py: {_reason(error)}. Is what stands "
                    "behind its question mark right?"
                ) from error

        return engine

    def begin(self, connection: Connection) -> None:
        """See `Backend.begin`; the isolation is the session's."""
        super().begin(connection)
        driver: Any = connection.connection.dbapi_connection
        driver.was_rolled_back = False

    @contextmanager
    def together(self, connection: Connection) -> Iterator[Batch]:
        """See `Backend.together`."""
        driver: Any = connection.connection.dbapi_connection
        if not driver.client_flag & _several_statements():
            yield DirectBatch(connection)
            return
        batch = JoinedBatch(driver)
        yield batch
        try:
            batch.run()
        except connection.dialect.loaded_dbapi.Error as error:
            raise driver_error(connection, error, "several statements at once") from error

    def check_whole(self, connection: Connection) -> None:
        """After a deadlock MariaDB would commit every further statement by itself."""
        driver: Any = connection.connection.dbapi_connection
        if driver.was_rolled_back:
            raise DatabaseError(
                f"Nothing was saved: the database {self.place} has undone this transaction because of a deadlock, and "
                "the error was not passed on. Do it again."
            )

    @contextmanager
    def alone(self, connection: Connection) -> Iterator[None]:
        """See `Backend.alone`. The lock is the session's: each change of a table ends the transaction."""
        with self._unlimited(connection), self._locked(connection):
            yield

    @contextmanager
    def _unlimited(self, connection: Connection) -> Iterator[None]:
        if not self.statement_seconds:
            yield
            return
        connection.exec_driver_sql(self._limit_of(0))
        try:
            yield
        finally:
            connection.exec_driver_sql(self._limit_of(self.statement_seconds))

    @contextmanager
    def _locked(self, connection: Connection) -> Iterator[None]:
        lock = f"GET_LOCK({_LOCK_NAME}, {max(1, math.ceil(self.busy_seconds))})"
        if not connection.exec_driver_sql(f"SELECT {lock}").scalar():
            raise DatabaseBusy(f"Another process has been preparing the database {self.place} for too long.")
        try:
            yield
        finally:
            connection.exec_driver_sql(f"DO RELEASE_LOCK({_LOCK_NAME})")

    def trouble(self, error: DBAPIError) -> Trouble:
        """See `Server.trouble`."""
        return Trouble.LOST if error.connection_invalidated else _TROUBLES.get(_number(error.orig), Trouble.OTHER)

    def text(self, error: DBAPIError) -> str:
        """See `Server.text`."""
        arguments = getattr(error.orig, "args", ())
        return str(arguments[-1] if arguments else error.orig).strip()

    def _limit_of(self, seconds: float) -> str:
        return f"SET SESSION max_statement_time = {seconds:f}"

    def _descriptor(self, connection: Any) -> int | None:
        return None if connection._sock is None else int(connection._sock.fileno())

    def _connect_arguments(self) -> dict[str, Any]:
        seconds = max(1, math.ceil(self.busy_seconds))
        return {
            "charset": "utf8mb4",
            "autocommit": True,
            "connect_timeout": self._connect_seconds,
            "init_command": (
                f"SET SESSION sql_mode = '{_MODES}', time_zone = '+00:00', "
                f"innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}, "
                "collation_connection = 'utf8mb4_nopad_bin'"
            ),
        }

    def _on_connect(self, connection: Any, _record: Any) -> None:
        version = str(connection.get_server_info())
        if "MariaDB" not in version:
            raise DatabaseError(f"The database {self.place} is MySQL {version}; PyAtro needs MariaDB 10.6 or newer.")
        numbers = tuple(int(each) for each in re.findall(r"\d+", version.removeprefix("5.5.5-"))[:2])
        if numbers < _OLDEST:
            raise DatabaseError(f"The database {self.place} is {version}; PyAtro needs MariaDB 10.6 or newer.")
        connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")


def refused_constraint(error: BaseException) -> Refusal | None:
    """Which constraint the driver's error speaks of."""
    number, words = _number(error), str(error.args[-1]) if error.args else ""
    if number in _UNIQUE and (key := _KEY.search(words)):
        return Refusal("UNIQUE", index=key["index"])
    if number == _NOT_NULL and (column := _COLUMN.search(words)):
        return Refusal("NOT NULL", (column["column"],))
    return None


def _reason(error: TypeError) -> str:
    return str(error).rpartition("() ")[2].replace("got an unexpected keyword argument", "it knows no option")


def _number(error: BaseException | None) -> int:
    number = error.args[0] if error is not None and error.args else -1
    return number if isinstance(number, int) else -1


@cache
def _conversions() -> dict[Any, Any]:
    """The driver's, but a moment is read in a tenth of the time: lists of entities are full of them."""
    from pymysql.constants import FIELD_TYPE  # only who uses MariaDB has the driver
    from pymysql.converters import conversions, convert_datetime

    def moment(text: str) -> Any:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return convert_datetime(text)

    return {**conversions, FIELD_TYPE.DATETIME: moment, FIELD_TYPE.TIMESTAMP: moment}


@cache
def _several_statements() -> int:
    from pymysql.constants import CLIENT  # only who uses MariaDB has the driver

    return int(CLIENT.MULTI_STATEMENTS)


@cache
def _encrypting() -> ssl.SSLContext:
    """What the driver makes of no options: it encrypts where the server can, and verifies nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@cache
def _connection_class() -> type[Any]:
    from pymysql.connections import Connection as DriverConnection  # only who uses MariaDB has the driver
    from pymysql.constants import SERVER_STATUS
    from pymysql.err import OperationalError

    class OurConnection(DriverConnection):
        """Asks for a commit or a rollback only inside a transaction, and knows what a deadlock has undone."""

        server_status: int

        was_rolled_back = False

        def _create_ssl_ctx(self, sslp: Any) -> Any:
            # Where nobody is to be verified the driver would load all authorities all the same: 25 ms a connection.
            return super()._create_ssl_ctx(sslp) if sslp else _encrypting()  # type: ignore[misc]  # its stub leaves it out

        def query(self, sql: Any, unbuffered: bool = False) -> Any:
            try:
                return super().query(sql, unbuffered)
            except OperationalError as error:
                self.was_rolled_back = self.was_rolled_back or _number(error) == _DEADLOCK
                if len(sql) >= _LONG_BYTES and _TROUBLES.get(_number(error)) in (Trouble.LOST, Trouble.TOO_LONG):
                    text = f"at a statement of {len(sql)} bytes ({error.args[-1]})"
                    raise OperationalError(_TOO_LONG, text) from error
                raise

        def next_result(self, unbuffered: bool = False) -> Any:
            try:
                return super().next_result(unbuffered)
            except OperationalError as error:
                self.was_rolled_back = self.was_rolled_back or _number(error) == _DEADLOCK
                raise

        def commit(self) -> None:
            if self.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS:
                super().commit()

        def rollback(self) -> None:
            self.was_rolled_back = False
            if self.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS:
                super().rollback()

    return OurConnection
