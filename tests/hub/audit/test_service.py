"""Audit entries: written with the change or not at all, read newest first."""

from __future__ import annotations

import csv
import io
import json

import pytest

from orrery_hub.audit.schemas import AuditFilter, AuditQuery
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
        ({"project": "p"}, ["b"]),
        ({"outcome": "conflict"}, ["c"]),
        ({"outcome": "done", "who": "bob"}, []),
        ({"since": "2100-01-01T00:00:00Z"}, []),
        ({"until": "2100-01-01T00:00:00+02:00"}, ["c", "b", "a"]),
        ({"until": "2000-01-01T00:00:00Z"}, []),
        ({"person_id": 7}, []),
    ],
)
def test_filters_compare_whole_values(
    database: Database, query: dict[str, str], objects: list[str]
) -> None:
    with database.write() as session:
        record(session, "ann", "projects.create", "a")
        record(session, "ann", "snippets.save", "b", project="p")
        record(session, "bob", "projects.create", "c", outcome="conflict")
    page = AuditService(database).page(AuditQuery(**query))  # type: ignore[arg-type]
    assert [entry.on for entry in page.items] == objects


def test_an_entry_has_the_address_and_id_of_its_request(sqlite: Database) -> None:
    context = RequestContext(
        "0123456789abcdef", "192.0.2.7", "ann", "client-1", "custom:orrery:snippets:write", 7
    )
    token = request_context.set(context)
    try:
        write(sqlite, ("ann", "snippets.save", "s"))
    finally:
        request_context.reset(token)
    (entry,) = AuditService(sqlite).page(AuditQuery()).items
    assert (entry.request_id, entry.address) == ("0123456789abcdef", "192.0.2.7")
    assert (entry.client_request_id, entry.person_id) == ("client-1", 7)
    assert entry.permission == "custom:orrery:snippets:write"


def test_what_somebody_else_did_in_a_request_has_not_its_person(sqlite: Database) -> None:
    token = request_context.set(RequestContext("0123456789abcdef", "192.0.2.7", "ann", person_id=7))
    try:
        write(sqlite, ("orrery", "audit.prune", "s"))
    finally:
        request_context.reset(token)
    assert AuditService(sqlite).page(AuditQuery()).items[0].person_id is None


def test_an_export_has_every_entry_oldest_first(database: Database) -> None:
    formula, many = '=HYPERLINK("x")', 1_203
    with database.write() as session:
        for number in range(many):
            record(session, formula, "snippets.save", f"s{number}", after={"n": number})
    service = AuditService(database)
    parts = list(service.export(AuditFilter(), "ndjson"))
    lines = [json.loads(line) for line in "".join(parts).splitlines()]
    assert len(parts) > 2
    assert [line["on"] for line in lines] == [f"s{number}" for number in range(many)]
    assert (lines[3]["after"], lines[3]["who"]) == ({"n": 3}, formula)
    table = list(csv.DictReader(io.StringIO("".join(service.export(AuditFilter(), "csv")))))
    assert [row["on"] for row in table] == [line["on"] for line in lines]
    # No program that opens the table runs what a person called himself.
    assert {row["who"] for row in table} == {f"'{formula}"}
    assert list(service.export(AuditFilter(who="nobody"), "ndjson")) == []


def test_a_change_that_fails_leaves_no_entry(sqlite: Database) -> None:
    def change() -> None:
        with sqlite.write() as session:
            record(session, "ann", "snippets.save", "s")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert AuditService(sqlite).page(AuditQuery()).total == 0
