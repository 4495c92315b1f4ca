"""Which tests run on which kinds of databases."""

from __future__ import annotations

import pytest

from tests.databases import KINDS, POSTGRESQL, SQLITE


def parametrize_kinds(metafunc: pytest.Metafunc, argument: str) -> None:
    """Run a test that uses the argument on each kind: in `make proof` all, in `make test` those that say so.

    The markers are `every_database` and `only_sqlite(why)`; all tests run on SQLite. MariaDB takes the longest to make
    tables: in `make test` the statements run on it in `tests/conformance`, and the rooms above them do not.
    """
    if argument not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker
    kinds = [SQLITE] if marked("only_sqlite") else KINDS
    always = (SQLITE, POSTGRESQL) if marked("every_database") else (SQLITE,)
    params = [pytest.param(kind, marks=() if kind in always else (pytest.mark.proof,)) for kind in kinds]
    metafunc.parametrize(argument, params, scope="session")
