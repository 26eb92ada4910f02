"""The chain of audit entries: what was changed, removed or cut off is found; what is too old goes in good order."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from orrery_hub.audit.chain import Anchor
from orrery_hub.audit.schemas import AuditQuery
from orrery_hub.audit.service import AuditService, record
from orrery_hub.base.db import Database, now


def write(database: Database, *names: str) -> None:
    for name in names:
        with database.write() as session:
            record(session, "ann", "snippets.save", name, before={"version": 1}, after={"x": name})


def problems(database: Database, *anchors: Anchor) -> list[str]:
    return AuditService(database).verify(anchors).problems


def spoil(database: Database, *statements: str) -> None:
    with database.write() as session:
        for statement in statements:
            session.execute(text(statement))


def test_what_nobody_touched_is_whole(database: Database) -> None:
    assert problems(database) == []
    write(database, *"abcde")
    verification = AuditService(database).verify()
    assert (verification.problems, verification.count, verification.last.id) == ([], 5, 5)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("who", "'bob'"),
        ("what", "'x'"),
        ('"on"', "'x'"),
        ("person_id", "7"),
        ("project", "'x'"),
        ("permission", "'x'"),
        ("before", "NULL"),
        ("after", "'{}'"),
        ("outcome", "'forbidden'"),
        ("address", "'x'"),
        ("request_id", "'x'"),
        ("client_request_id", "'x'"),
        ('"when"', "'2020-01-01 00:00:00'"),
        ("hash", f"'{'1' * 64}'"),
    ],
)
def test_a_change_of_anything_is_found(sqlite: Database, column: str, value: str) -> None:
    write(sqlite, *"abcde")
    spoil(sqlite, f"UPDATE audit SET {column} = {value} WHERE id = 3")
    assert problems(sqlite)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM audit WHERE id = 3", "entries 3 to 3 are missing"),
        ("DELETE FROM audit WHERE id < 3", "entries 1 to 2 are missing"),
        ("DELETE FROM audit WHERE id > 3", "entries 4 to 5 are missing at the end"),
        ("DELETE FROM audit", "entries 1 to 5 are missing at the end"),
        ("UPDATE audit_chain SET entry_id = 4 WHERE name = 'head'", "newest entry"),
        ("DELETE FROM audit_chain WHERE name = 'head'", "newest entry"),
    ],
)
def test_a_removal_is_found(database: Database, statement: str, words: str) -> None:
    write(database, *"abcde")
    spoil(database, statement)
    assert any(words in problem for problem in problems(database))


def test_a_chain_that_was_made_anew_is_found_by_an_anchor_alone(sqlite: Database) -> None:
    write(sqlite, *"abcde")
    anchor = AuditService(sqlite).head()
    assert problems(sqlite, anchor) == []
    spoil(sqlite, "DELETE FROM audit", "UPDATE audit_chain SET entry_id = 0, hash = '" + "0" * 64 + "'")  # fmt: skip
    write(sqlite, *"abxd")
    assert problems(sqlite) == []
    assert problems(sqlite, anchor) == [f"entry 5 is missing, of which anchor {anchor} was made"]
    write(sqlite, "e")
    assert problems(sqlite, anchor) == [f"entry 5 is not the one that anchor {anchor} was made of"]


def test_anchors_are_added_to_a_file_and_checked(sqlite: Database, tmp_path: Path) -> None:
    file = tmp_path / "anchors.txt"
    service = AuditService(sqlite, anchors=file)
    for name in "ab":
        write(sqlite, name)
        service.anchor()
        service.anchor()
    assert [line.split(":")[0] for line in file.read_text().splitlines()] == ["1", "2"]
    assert service.verify().problems == []
    spoil(sqlite, "DELETE FROM audit WHERE id = 2", "UPDATE audit_chain SET entry_id = 1, hash = (SELECT hash FROM audit WHERE id = 1) WHERE name = 'head'")  # fmt: skip
    assert AuditService(sqlite).verify().problems == []
    assert "entry 2 is missing" in service.verify().problems[0]


@pytest.mark.parametrize("text_", ["", "x", "1:abc", "x:" + "0" * 64, "1:" + "G" * 64])
def test_what_is_no_anchor_is_refused(text_: str) -> None:
    with pytest.raises(ValueError, match=r"anchor|invalid literal"):
        Anchor.parse(text_)


def test_what_is_too_old_goes_and_the_chain_goes_on(database: Database) -> None:
    service = AuditService(database)
    assert service.prune(now()) == 0
    write(database, *"abcde")
    assert service.prune(now() - timedelta(days=1)) == 0
    cut = now()
    write(database, *"fg")
    anchor = service.head()
    assert service.prune(cut) == 5
    assert service.verify([anchor]).problems == []
    write(database, "h")
    assert service.verify([anchor, Anchor(2, "0" * 64)]).problems == []
    newest = service.page(AuditQuery()).items
    assert [entry.id for entry in newest] == [9, 8, 7, 6]
    pruned = newest[1]
    assert (pruned.what, pruned.on, pruned.who) == ("audit.prune", "5", "orrery")
    assert pruned.after
    assert pruned.after["count"] == 5
    spoil(database, "DELETE FROM audit WHERE id = 6")
    assert service.verify().problems


def test_everything_may_be_too_old(database: Database) -> None:
    write(database, *"abc")
    service = AuditService(database)
    assert service.prune(now() + timedelta(seconds=1)) == 3
    assert service.verify().problems == []
    assert service.verify().last.id == 4


def test_many_at_once_make_one_chain(database: Database) -> None:
    threads = [
        threading.Thread(target=write, args=(database, *map(str, range(5)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verification = AuditService(database).verify()
    assert (verification.problems, verification.count) == ([], 40)


def test_what_was_undone_is_not_in_the_chain(database: Database) -> None:
    with database.write() as session:
        record(session, "ann", "a", "1")
        for name, is_undone in (("b", True), ("c", False)):
            try:
                with session.begin_nested():
                    record(session, "ann", name, "1")
                    with session.begin_nested():
                        record(session, "ann", f"{name}{name}", "1")
                    if is_undone:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                record(session, "ann", "instead", "1")
    service = AuditService(database)
    assert [entry.what for entry in service.page(AuditQuery()).items] == ["cc", "c", "instead", "a"]
    assert service.verify().problems == []


@pytest.mark.parametrize(
    "statements",
    [
        # Everything, and a head and a checkpoint that nothing is left to contradict.
        ["DELETE FROM audit", "DELETE FROM audit_chain WHERE name = 'checkpoint'", "INSERT INTO audit_chain VALUES ('checkpoint', 90, '{f}')", "UPDATE audit_chain SET entry_id = 90, hash = '{f}' WHERE name = 'head'"],
        # The beginning, up to an entry.
        ["DELETE FROM audit WHERE id < 3", "DELETE FROM audit_chain WHERE name = 'checkpoint'", "INSERT INTO audit_chain VALUES ('checkpoint', 2, '{second}')"],
        ["DELETE FROM audit_chain WHERE name = 'checkpoint'", "INSERT INTO audit_chain VALUES ('checkpoint', 0, '{f}')"],
    ],
    ids=["all", "beginning", "none"],
)  # fmt: skip
def test_a_checkpoint_counts_only_with_the_entry_that_made_it(
    database: Database, statements: list[str]
) -> None:
    write(database, *"abcde")
    second = AuditService(database).page(AuditQuery(limit=10)).items[3]
    assert second.on == "b"
    hashes = {"f": "f" * 64, "second": _hash(database, 2)}
    spoil(database, *(statement.format(**hashes) for statement in statements))
    assert any(
        "checkpoint" in problem or "no entry says" in problem for problem in problems(database)
    )


def test_an_anchor_of_the_checkpoint_has_its_hash_and_older_ones_are_counted(
    database: Database,
) -> None:
    write(database, *"abcde")
    anchors = [Anchor(number, _hash(database, number)) for number in (1, 3)]
    assert AuditService(database).prune(now() + timedelta(days=1)) == 5
    last = AuditService(database)
    checkpoint = Anchor(5, _checkpoint(database))
    verification = last.verify([*anchors, checkpoint])
    assert (verification.problems, verification.passed) == ([], 2)
    assert problems(database, Anchor(5, "e" * 64))
    assert problems(database, Anchor(6, "e" * 64), Anchor(6, "d" * 64))


def _hash(database: Database, number: int) -> str:
    with database.read() as session:
        return str(session.scalar(text(f"SELECT hash FROM audit WHERE id = {number}")))


def _checkpoint(database: Database) -> str:
    with database.read() as session:
        return str(session.scalar(text("SELECT hash FROM audit_chain WHERE name = 'checkpoint'")))


@pytest.mark.parametrize(
    "damage", [b"3:abc", b"\xff\xfe:\n", b"1:" + b"0" * 64 + b"2:" + b"0" * 64 + b"\n", b"\x00" * 40], ids=repr
)  # fmt: skip
def test_a_damaged_line_of_anchors_is_said_and_stops_nothing(
    sqlite: Database, tmp_path: Path, damage: bytes
) -> None:
    file = tmp_path / "anchors"
    file.write_bytes(damage)
    write(sqlite, *"ab")
    service = AuditService(sqlite, anchors=file)
    service.anchor()
    service.anchor()
    assert file.read_bytes().count(str(service.head()).encode()) == 1
    (problem,) = service.verify().problems
    assert "line 1 of" in problem


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\x00", "\x1b", "\x9b", "\u2028", "\u202e", "\u200b", "\ud800"]
)
def test_an_entry_is_one_line_that_steers_no_terminal(database: Database, sign: str) -> None:
    with database.write() as session:
        record(session, f"a{sign}", f"b{sign}", f"/projects/x{sign}2026 root", project=f"p{sign}")
    (entry,) = AuditService(database).page(AuditQuery()).items
    shown = f"{entry.who}{entry.what}{entry.on}{entry.project}"
    assert shown.isprintable()
    assert "root" in entry.on
    assert problems(database) == []
