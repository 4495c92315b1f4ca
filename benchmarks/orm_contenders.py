"""Who does the work of the ORM benchmark: ours, SQLAlchemy's ORM, and SQLAlchemy's Core."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from sqlalchemy import insert, select
from sqlalchemy.orm import DeclarativeBase, sessionmaker

from benchmarks.orm_articles import ARTICLE, COLUMNS, by_column, entity_of
from benchmarks.orm_tables import make_engine, table_of
from benchmarks.orm_task import Task
from core.application import Application

Record = dict[str, Any]


class Contender(ABC):
    """Does each piece of work as its manual says. `prepare_records` is what is done before the clock runs."""

    @property
    def bulk_saves(self) -> dict[str, Callable[[Sequence[Record]], None]]:
        """Its ways to write many records in one transaction, by name."""
        return {"save_all": self.save_all}

    def prepare_records(self, records: Sequence[Record]) -> Sequence[Record]:
        """The same values by the names that this one knows."""
        return [by_column(record) for record in records]

    @abstractmethod
    def save(self, record: Record) -> None:
        """Make an object of the values and store it: durable when it returns."""

    @abstractmethod
    def save_all(self, records: Sequence[Record]) -> None:
        """Make an object of each and store them all in one transaction."""

    @abstractmethod
    def find(self, size: int, limit: int) -> Sequence[Any]:
        """So many objects of a table."""

    @abstractmethod
    def read(self, found: Sequence[Any]) -> None:
        """Look at every value of each object."""

    @abstractmethod
    def get(self, size: int, record_id: str) -> Any:
        """The object of this id."""

    @abstractmethod
    def find_by_code(self, size: int, code: str) -> Any:
        """The object of this code."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Ours(Contender):
    """The EntityManager of an application, with the judgement and the hooks of every save."""

    def __init__(self, task: Task) -> None:
        self._application = Application(Path(task.root))
        self._entities = self._application.container.get("entityManager")

    def prepare_records(self, records: Sequence[Record]) -> Sequence[Record]:
        """Ours knows them by attribute."""
        return records

    def save(self, record: Record) -> None:
        """See `Contender`."""
        self._entities.save_entity(self._make(record))

    def save_all(self, records: Sequence[Record]) -> None:
        """See `Contender`."""
        self._entities.save_entities([self._make(record) for record in records])

    def find(self, size: int, limit: int) -> Sequence[Any]:
        """See `Contender`."""
        return self._entities.get_repository(entity_of(size)).limit(limit).find()

    def read(self, found: Sequence[Any]) -> None:
        """See `Contender`."""
        for entity in found:
            for name in COLUMNS:
                entity.get(name)

    def get(self, size: int, record_id: str) -> Any:
        """See `Contender`."""
        return self._entities.get_entity(entity_of(size), record_id)

    def find_by_code(self, size: int, code: str) -> Any:
        """See `Contender`."""
        return self._entities.get_repository(entity_of(size)).where({"code": code}).find_one()

    def close(self) -> None:
        """See `Contender`."""
        self._application.close()

    def _make(self, record: Record) -> Any:
        entity = self._entities.get_entity(ARTICLE)
        entity.set(record)
        return entity


class _Sqlalchemy(Contender):
    """Two engines: one that commits, and one for reads without a transaction, as ours reads."""

    def __init__(self, task: Task) -> None:
        self._writing = make_engine(task.url, task.synchronous)
        # As SQLAlchemy's manual has it for reads: nothing to begin, nothing to roll back.
        self._reading = make_engine(task.url, task.synchronous, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)

    def close(self) -> None:
        """See `Contender`."""
        self._writing.dispose()
        self._reading.dispose()


class SqlalchemyOrm(_Sqlalchemy):
    """A session for each transaction and for each read, so that each is one as ours is."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)

        class Base(DeclarativeBase):
            """The mapped classes."""

        def mapped(entity: str) -> Any:
            return type(entity, (Base,), {"__table__": table_of(entity)})

        self._article = mapped(ARTICLE)
        self._by_size = {size: mapped(entity_of(size)) for size in task.scale.sizes}
        self._begin = sessionmaker(self._writing, expire_on_commit=False).begin
        self._session = sessionmaker(self._reading)

    @property
    def bulk_saves(self) -> dict[str, Callable[[Sequence[Record]], None]]:
        """Objects, as ours; and the ORM's own fast way, which has none."""
        return {"save_all": self.save_all, "insert_rows": self.insert_rows}

    def save(self, record: Record) -> None:
        """See `Contender`."""
        with self._begin() as session:
            session.add(self._article(**record))

    def save_all(self, records: Sequence[Record]) -> None:
        """See `Contender`."""
        with self._begin() as session:
            session.add_all([self._article(**record) for record in records])

    def insert_rows(self, records: Sequence[Record]) -> None:
        """Store them all in one transaction without making objects."""
        with self._begin() as session:
            session.execute(insert(self._article), records)

    def find(self, size: int, limit: int) -> Sequence[Any]:
        """See `Contender`."""
        article = self._by_size[size]
        with self._session() as session:
            return session.scalars(select(article).where(article.deleted.is_(False)).limit(limit)).all()

    def read(self, found: Sequence[Any]) -> None:
        """See `Contender`."""
        columns = COLUMNS.values()
        for article in found:
            for name in columns:
                getattr(article, name)

    def get(self, size: int, record_id: str) -> Any:
        """See `Contender`."""
        with self._session() as session:
            return session.get(self._by_size[size], record_id)

    def find_by_code(self, size: int, code: str) -> Any:
        """See `Contender`."""
        article = self._by_size[size]
        statement = select(article).where(article.code == code, article.deleted.is_(False)).limit(1)
        with self._session() as session:
            return session.scalars(statement).first()


class SqlalchemyCore(_Sqlalchemy):
    """Rows, and no objects at all."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self._article = table_of(ARTICLE)
        self._by_size = {size: table_of(entity_of(size)) for size in task.scale.sizes}

    def save(self, record: Record) -> None:
        """See `Contender`."""
        with self._writing.begin() as connection:
            connection.execute(insert(self._article), record)

    def save_all(self, records: Sequence[Record]) -> None:
        """See `Contender`."""
        with self._writing.begin() as connection:
            connection.execute(insert(self._article), records)

    def find(self, size: int, limit: int) -> Sequence[Any]:
        """See `Contender`."""
        table = self._by_size[size]
        with self._reading.connect() as connection:
            return connection.execute(select(table).where(table.c.deleted.is_(False)).limit(limit)).all()

    def read(self, found: Sequence[Any]) -> None:
        """See `Contender`."""
        columns = COLUMNS.values()
        for row in found:
            for name in columns:
                getattr(row, name)

    def get(self, size: int, record_id: str) -> Any:
        """See `Contender`."""
        table = self._by_size[size]
        with self._reading.connect() as connection:
            return connection.execute(select(table).where(table.c.id == record_id)).first()

    def find_by_code(self, size: int, code: str) -> Any:
        """See `Contender`."""
        table = self._by_size[size]
        statement = select(table).where(table.c.code == code, table.c.deleted.is_(False)).limit(1)
        with self._reading.connect() as connection:
            return connection.execute(statement).first()


CONTENDERS: dict[str, type[Contender]] = {"ours": Ours, "orm": SqlalchemyOrm, "core": SqlalchemyCore}
