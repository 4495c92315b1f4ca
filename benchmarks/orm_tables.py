"""The tables of the ORM benchmark as somebody would declare them for SQLAlchemy, and their rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    delete,
    event,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.mysql import DATETIME
from uuid_utils import uuid7

from benchmarks.orm_articles import ARTICLE, by_column, entity_of, records
from benchmarks.orm_task import Scale

_write_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_MOMENT = DateTime(timezone=True).with_variant(DATETIME(fsp=6), "mysql", "mariadb")


class JsonText(TypeDecorator[Any]):
    """JSON in a column of text, as ours; SQLAlchemy's JSON wants a column of that type on PostgreSQL."""

    impl = Text
    cache_ok = True

    # Without the wrapping that process_bind_param brings, which takes longer than the work.

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """From value to text."""
        return lambda value: None if value is None else _write_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """From text to value."""
        return lambda value: None if value is None else json.loads(value)


def table_of(entity: str) -> Table:
    """The table of one of the entities, with the columns that ours has."""
    return Table(
        entity.replace("ArticleOf", "article_of").lower(),
        MetaData(),
        Column("id", String(36), primary_key=True, default=lambda: str(uuid7())),
        Column("code", String(40), index=True),
        Column("name", String(200)),
        Column("description", Text),
        Column("quantity", Integer),
        Column("price", Float(53)),
        Column("active", Boolean, nullable=False),
        Column("sold", _MOMENT),
        Column("state", String(255)),
        Column("details", JsonText),
        Column("manufacturer_id", String(36)),
        Column("created_at", _MOMENT, default=_now),
        Column("modified_at", _MOMENT, default=_now),
        Column("deleted", Boolean, nullable=False, default=False),
    )


def make_engine(url: str, synchronous: str, **options: Any) -> Engine:
    """An engine; a SQLite file is as durable as ours is."""
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")
            connection.execute("PRAGMA foreign_keys=ON")

    return engine


def fill(engine: Engine, scale: Scale) -> None:
    """Fills the tables that are read, inside of the database; the one that is written is empty afterwards."""
    seed = table_of(ARTICLE)
    with engine.begin() as connection:
        rows = [by_column(record) for record in records(max(scale.base, *scale.times))]
        connection.execute(insert(seed), rows)
        for times, size in zip(scale.times, scale.sizes, strict=True):
            _multiply(connection, seed, table_of(entity_of(size)), scale.base, times)
    empty(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Else the server does its housekeeping while we measure.
        for size in scale.sizes:
            name = table_of(entity_of(size)).name
            by_dialect = {"postgresql": f"VACUUM (ANALYZE) {name}", "sqlite": f"ANALYZE {name}"}
            connection.execute(text(by_dialect.get(engine.dialect.name, f"ANALYZE TABLE {name}")))


def empty(engine: Engine) -> None:
    """Empties the table that is written."""
    article = table_of(ARTICLE)
    with engine.begin() as connection:
        connection.execute(delete(article) if engine.dialect.name == "sqlite" else text(f"TRUNCATE {article.name}"))


def written(engine: Engine) -> tuple[int, int]:
    """How many articles were written, and the sum of their quantities."""
    article = table_of(ARTICLE)
    with engine.connect() as connection:
        count, total = connection.execute(select(func.count(), func.sum(article.c.quantity))).one()
    return int(count), int(total)


def _multiply(connection: Connection, seed: Table, target: Table, base: int, times: int) -> None:
    outer, inner = seed.alias("outer_rows"), seed.alias("inner_rows")
    made = {
        "id": outer.c.code + literal("-0000-7000-8000-0000") + inner.c.code,
        "code": outer.c.code + inner.c.code,
    }
    columns = [made.get(column.name, inner.c[column.name]) for column in target.c]
    both = outer.join(inner, literal(1) == 1)
    pairs = select(*columns).select_from(both).where(outer.c.code < f"{times:08}", inner.c.code < f"{base:08}")
    connection.execute(insert(target).from_select([column.name for column in target.c], pairs))


def _now() -> datetime:
    return datetime.now(UTC)
