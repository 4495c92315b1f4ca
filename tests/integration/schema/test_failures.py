"""A statement that the database refuses leaves nothing half done, or it is said what stays."""

from __future__ import annotations

from typing import Any

import pytest

from core.exceptions import SchemaError
from tests.databases import MARIADB, POSTGRESQL, SQLITE

FIRST = {"code": {"type": "varchar", "maxLength": 20}, "day": {"type": "varchar"}}
# There is no 31st of February; that is found out only while the column is changed.
SECOND = {"code": {"type": "varchar", "maxLength": 80}, "day": {"type": "date"}, "size": {"type": "int"}}


@pytest.fixture
def doomed(definitions: Any) -> Any:
    definitions.define("Thing", FIRST)
    definitions.ensure()
    definitions.insert("thing", [{"id": "1", "deleted": False, "day": "2026-02-31"}])
    definitions.define("Thing", SECOND)
    return definitions


@pytest.mark.parametrize("database_kind", [POSTGRESQL])
def test_all_is_undone_where_the_database_can(doomed: Any) -> None:
    before = doomed.statements()

    with pytest.raises(SchemaError, match=r"refused to change the table thing: .*2026-02-31[\s\S]*Nothing was changed"):
        doomed.update()

    assert doomed.statements() == before


@pytest.mark.parametrize("database_kind", [MARIADB])
def test_what_stays_is_told_where_it_cannot(doomed: Any) -> None:
    with pytest.raises(SchemaError) as raised:
        doomed.update()

    message = str(raised.value)
    assert "The database refused to change the table thing: " in message
    assert "2026-02-31" in message
    assert "What was done before stays" in message
    assert message.endswith(
        "\n  ALTER TABLE thing ADD COLUMN size INTEGER;\n  ALTER TABLE thing MODIFY code VARCHAR(80) NULL;"
    )
    assert [each.split()[4] for each in doomed.statements()] == ["day"]


@pytest.mark.parametrize("database_kind", [SQLITE])
def test_a_failed_drop_undoes_all_of_its_update(definitions: Any) -> None:
    definitions.define("Thing", FIRST)
    definitions.ensure()
    definitions.execute("CREATE INDEX by_hand ON thing (day)")
    definitions.define("Thing", {"code": {"type": "varchar", "maxLength": 80}})
    before = definitions.statements()

    with pytest.raises(SchemaError, match=r"by_hand[\s\S]*Nothing was changed"):
        definitions.update(with_drops=True)

    assert definitions.statements() == before


@pytest.mark.parametrize("database_kind", [SQLITE])
def test_a_large_table_keeps_its_rows(definitions: Any) -> None:
    count = 50_000
    definitions.define("Thing", {"name": {"type": "varchar", "maxLength": 40}, "size": {"type": "int", "index": True}})
    definitions.ensure()
    rows = [{"id": f"{n:06}", "deleted": n % 2 == 0, "name": f"Name {n}", "size": n} for n in range(count)]
    definitions.insert("thing", rows)

    definitions.define("Thing", {"name": {"type": "text"}, "size": {"type": "float", "index": True, "default": 1}})
    definitions.update()

    assert definitions.statements() == []
    assert definitions.values("thing", "id", "deleted", "name", "size") == [
        (f"{n:06}", n % 2 == 0, f"Name {n}", float(n)) for n in range(count)
    ]
