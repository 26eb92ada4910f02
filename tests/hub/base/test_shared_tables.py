"""What capabilities read of each other's tables is there, under the same names and types."""

from __future__ import annotations

import pytest
from sqlalchemy import TableClause

from orrery_hub import app
from orrery_hub.base import shared_tables
from orrery_hub.base.db import Table, UTCDateTime

assert app.CAPABILITIES  # every table is declared once the capabilities are imported
VIEWS = [value for value in vars(shared_tables).values() if isinstance(value, TableClause)]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_has_columns_of_its_table(view: TableClause) -> None:
    table = Table.metadata.tables[view.name]
    for column in view.columns:
        actual = table.columns[column.name]
        assert isinstance(column.type, UTCDateTime) == isinstance(actual.type, UTCDateTime)
        assert column.type.python_type is actual.type.python_type, column.name
