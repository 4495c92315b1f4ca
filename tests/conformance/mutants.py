"""The job queue with one guard less: a condition is taken out of one of the statements that change a job.

`python -m pytest -p tests.conformance.mutants` with PYATRO_MUTANT in the environment runs tests against a mutant.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BooleanClauseList

from core.job_queue.statements import Statements
from core.orm.prepared_statement import PreparedStatement

VARIABLE = "PYATRO_MUTANT"
_compile = Statements.compile
#: Those that write, and those that decide what is written.
STATEMENTS = sorted({field.name for field in fields(Statements)} - {"due_columns"})


@dataclass(frozen=True)
class Mutant:
    """`name` is `<statement> without <part>`."""

    statement: str
    part: str
    clause: Any

    @property
    def name(self) -> str:
        return f"{self.statement} without {self.part}"


def mutants_of(statement: str, clause: Any) -> Iterator[Mutant]:
    """Of a statement of SQLAlchemy."""
    conditions = [*_conditions(clause._where_criteria)]
    for condition in conditions:
        changed = clause._clone()
        changed._where_criteria = tuple(each for each in conditions if each is not condition)
        yield Mutant(statement, _text(condition), changed)


def clauses(job: Table) -> dict[str, Any]:
    """What the prepared statements are made of."""
    prepare = PreparedStatement.__init__

    def remember(self: PreparedStatement, clause: Any, dialect: Dialect) -> None:
        prepare(self, clause, dialect)
        self.clause = clause  # type: ignore[attr-defined]  # for this look alone

    PreparedStatement.__init__ = remember  # type: ignore[method-assign]  # put back below, or what is put back
    try:
        whole: Any = _compile(job, sqlite.dialect())
    finally:
        PreparedStatement.__init__ = prepare  # type: ignore[method-assign]  # put back below, or what is put back
    return {name: getattr(whole, name).clause for name in STATEMENTS}


def mutants(job: Table, statement: str) -> list[Mutant]:
    """All of one statement."""
    return [*mutants_of(statement, clauses(job)[statement])]


def become(name: str) -> None:
    """From now on this process's job queue is a mutant; its first use raises ValueError if none has that name."""

    def compile_mutant(job: Table, dialect: Dialect) -> Statements:
        (mutant,) = (each for each in mutants(job, name.split(" without ")[0]) if each.name == name)
        return replace(_compile(job, dialect), **{mutant.statement: PreparedStatement(mutant.clause, dialect)})

    Statements.compile = compile_mutant  # type: ignore[method-assign, assignment]  # that is what a mutant is


def pytest_configure() -> None:
    """As a plugin of pytest."""
    if VARIABLE in os.environ:
        become(os.environ[VARIABLE])


def _conditions(criteria: Any) -> Iterator[Any]:
    for each in criteria:
        if isinstance(each, BooleanClauseList) and each.operator is operators.and_:
            yield from _conditions(each.clauses)
        else:
            yield each


def _text(condition: Any) -> str:
    return str(condition.compile(dialect=sqlite.dialect())).replace("job.", "")
