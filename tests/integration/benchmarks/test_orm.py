"""The contenders of the ORM benchmark do the same work."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks.options import Options
from benchmarks.orm import comparisons, connected, installation, measure
from benchmarks.orm_articles import ARTICLE, COLUMNS, by_column, code_of, id_of, records
from benchmarks.orm_contenders import CONTENDERS, Contender, Ours
from benchmarks.orm_tables import empty, fill, table_of
from benchmarks.orm_task import Scale, Task
from tests.databases import MARIADB, POSTGRESQL, SQLITE

SCALE = Scale(base=10, times=(1, 10), bulk=20, at_once=2, samples=2)
STAMPS = {"id", "created_at", "modified_at"}


@pytest.fixture(params=[SQLITE, *(pytest.param(kind, marks=pytest.mark.proof) for kind in (POSTGRESQL, MARIADB))])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Servers are tried in `make proof`."""
    return str(request.param)


@pytest.fixture
def task(database_url: str, tmp_path: Path) -> Iterator[Task]:
    """A place with filled tables."""
    options = Options(1, 1, 1, 1, "NORMAL", tmp_path)
    with installation(options, database_url, SCALE) as place, connected(database_url, "NORMAL") as engine:
        fill(engine, SCALE)
        yield Task(str(place.root), database_url, "NORMAL", SCALE)


def stored(task: Task) -> list[dict[str, Any]]:
    """What the written table holds, without what differs from save to save; it is empty afterwards."""
    table = table_of(ARTICLE)
    with connected(task.url, task.synchronous) as engine:
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(select(table).order_by(table.c.code)).mappings()]
        empty(engine)
    assert all(len(row["id"]) == 36 and row["created_at"] and row["modified_at"] for row in rows)
    return [{name: value for name, value in row.items() if name not in STAMPS} for row in rows]


def test_all_store_the_same(task: Task) -> None:
    articles = list(records(3))
    found = []
    for contender_class in CONTENDERS.values():
        with contender_class(task) as contender:
            for save_all in contender.bulk_saves.values():
                prepared = contender.prepare_records(articles)
                contender.save(prepared[0])
                save_all(prepared[1:])
                found.append(stored(task))

    assert len(found) == 4
    assert all(each == found[0] for each in found)
    assert {name: str(found[0][2][name]) for name in ("code", "details")} == {
        "code": "00000002",
        "details": str(articles[2]["details"]),
    }


def test_all_read_the_same(task: Task) -> None:
    size, number = 100, 42
    record = list(records(10))[number % 10]
    meant = {**by_column(record), "id": id_of(number, SCALE), "code": code_of(number, SCALE)}
    for contender_class in CONTENDERS.values():
        with contender_class(task) as contender:
            by_id = values(contender, contender.get(size, id_of(number, SCALE)))
            by_code = values(contender, contender.find_by_code(size, code_of(number, SCALE)))
            listed = contender.find(size, 7)
            contender.read(listed)

            assert len(listed) == 7
            assert by_id == by_code
            assert {name: by_id[name] for name in meant} == meant


def values(contender: Contender, found: Any) -> dict[str, Any]:
    """By column what a contender has read; some databases keep no zone, and then SQLAlchemy gives none."""
    if isinstance(contender, Ours):
        return {column: found.get(name) for name, column in COLUMNS.items()}
    read = {column: getattr(found, column) for column in COLUMNS.values()}
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in read.items()}


@pytest.mark.proof
def test_a_run_measures_every_way(tmp_path: Path) -> None:
    report = measure(Options(1, 1, 1, 1, "NORMAL", tmp_path), "sqlite", SCALE)

    ways = [way.called for comparison in comparisons(SCALE) for way in comparison.ways]
    assert [figure.name.strip() for figure in report.figures[:-1]] == ways
    assert all(figure.median > 0 for figure in report.figures)
    assert list(tmp_path.iterdir()) == []
