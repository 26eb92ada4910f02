"""Audit entries: written with the change or not at all, read newest first."""

from __future__ import annotations

import pytest

from orrery_hub.audit.schemas import AuditQuery
from orrery_hub.audit.service import AuditService, record
from orrery_hub.base.db import Database
from orrery_hub.base.request_context import RequestContext, request_context


def write(database: Database, *entries: tuple[str, str, str]) -> None:
    with database.write() as session:
        for who, what, on in entries:
            record(session, who, what, on)


def test_pages_are_newest_first_and_say_the_total(database: Database) -> None:
    write(database, *(("ann", "snippets.save", f"s{number}") for number in range(5)))
    page = AuditService(database).page(AuditQuery(offset=1, limit=2))
    assert [entry.on for entry in page.items] == ["s3", "s2"]
    assert (page.total, page.offset, page.limit) == (5, 1, 2)


@pytest.mark.parametrize(
    ("query", "objects"),
    [
        ({"who": "ann"}, ["b", "a"]),
        ({"what": "projects.create"}, ["c", "a"]),
        ({"who": "ann", "what": "projects.create"}, ["a"]),
        ({"who": "an"}, []),
        ({"who": "\x00"}, []),
        ({"what": "' OR 1=1 --"}, []),
    ],
)
def test_filters_compare_whole_values(
    database: Database, query: dict[str, str], objects: list[str]
) -> None:
    write(
        database,
        ("ann", "projects.create", "a"),
        ("ann", "snippets.save", "b"),
        ("bob", "projects.create", "c"),
    )
    page = AuditService(database).page(AuditQuery(**query))  # type: ignore[arg-type]
    assert [entry.on for entry in page.items] == objects


def test_an_entry_has_the_address_and_id_of_its_request(sqlite: Database) -> None:
    token = request_context.set(RequestContext("0123456789abcdef", "192.0.2.7", "ann"))
    try:
        write(sqlite, ("ann", "snippets.save", "s"))
    finally:
        request_context.reset(token)
    (entry,) = AuditService(sqlite).page(AuditQuery()).items
    assert (entry.request_id, entry.address) == ("0123456789abcdef", "192.0.2.7")


def test_a_change_that_fails_leaves_no_entry(sqlite: Database) -> None:
    def change() -> None:
        with sqlite.write() as session:
            record(session, "ann", "snippets.save", "s")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert AuditService(sqlite).page(AuditQuery()).total == 0
