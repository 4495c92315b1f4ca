"""Which tests run on which kinds of databases."""

from __future__ import annotations

import pytest

from tests.databases import KINDS, SQLITE


def parametrize_kinds(metafunc: pytest.Metafunc, argument: str) -> None:
    """Run a test that uses the argument on each kind: in `make proof` all, in `make test` those that say so.

    The markers are `every_database` and `only_sqlite(why)`; all tests run on SQLite.
    """
    if argument not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker
    kinds = [SQLITE] if marked("only_sqlite") else KINDS
    only_in_proof = () if marked("every_database") else (pytest.mark.proof,)
    params = [pytest.param(kind, marks=() if kind == SQLITE else only_in_proof) for kind in kinds]
    metafunc.parametrize(argument, params, scope="session")
