"""What every place that keeps snippets must do. A distribution that brings another one may run this class over it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from orrery_server.snippets.backend import SnippetBackend
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.snippets import Marks, SnippetIn, SnippetWrite, StoredSnippet


def wanted(name: str = "Read a file", source: str = "print(1)", **more: Any) -> SnippetIn:
    return SnippetIn.model_validate({"name": name, "cells": [{"source": source}], **more})


async def everything(store: SnippetBackend, cursor: str = "") -> dict[str, StoredSnippet]:
    found: dict[str, StoredSnippet] = {}
    more = True
    while more:
        said = await store.changes(cursor)
        found |= {one.id: one for one in said.upserts}
        cursor, more = said.cursor, said.more
    return found


Test = Callable[[SnippetBackend], Awaitable[None]]


class SnippetBackendContract:
    """A subclass gives the fixture ``store``: a function that makes a backend, empty the first time it is called."""

    @pytest.fixture
    def store(self) -> Callable[[], SnippetBackend]:
        raise NotImplementedError

    @pytest.fixture
    def run(self, store: Callable[[], SnippetBackend]) -> Callable[[Test], None]:
        """Runs a test on a new backend, and closes it."""

        def run(test: Test) -> None:
            async def held() -> None:
                backend = store()
                try:
                    await test(backend)
                finally:
                    await backend.close()

            asyncio.run(held())

        return run

    def test_what_is_saved_is_there_as_it_was_sent(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            sent = wanted(
                "Größe 漢字 😀",
                "a\r\nb\n\t\\u0041",
                description="why",
                language="sql",
                tags=["x", "y z"],
                prefixes=["gr", "greet me"],
                other_languages=["r"],
                syntax="vscode",
            )
            saved = await store.save(sent)
            assert saved.version == 1
            assert saved.writable
            assert saved.created_by == saved.updated_by == store.user
            assert saved.created <= saved.updated
            (found,) = (await everything(store)).values()
            assert found == saved
            content = set(type(sent).model_fields) - {"base_version", "allow_secrets"}
            assert found.model_dump(include=content) == sent.model_dump(include=content)

        run(test)

    def test_a_new_version_keeps_the_old_ones(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted(source="one"))
            second = await store.save(wanted(source="two", base_version=1), first.id)
            assert (second.id, second.version, second.created) == (first.id, 2, first.created)
            assert second.updated >= first.updated
            kept = await store.versions(first.id)
            assert [(v.version, v.content.cells[0].source) for v in kept] == [
                (2, "two"),
                (1, "one"),
            ]
            assert kept[0].saved == second.updated
            assert kept[0].saved_by == store.user

        run(test)

    def test_saving_the_same_again_makes_no_version(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted())
            again = await store.save(wanted(base_version=1), first.id)
            assert again.version == 1
            changed = await store.save(wanted(source="other", base_version=1), first.id)
            repeated = await store.save(wanted(source="other", base_version=1), first.id)
            assert changed.version == repeated.version == 2

        run(test)

    def test_an_edit_of_an_older_version_is_a_conflict(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted(source="base"))
            await store.save(wanted(source="theirs", base_version=1), first.id)
            with pytest.raises(Conflict) as caught:
                await store.save(wanted(source="mine", base_version=1), first.id)
            current = StoredSnippet.model_validate_json(json.dumps(caught.value.details["current"]))
            assert current.cells[0].source == "theirs"
            assert caught.value.details["base"]["cells"][0]["source"] == "base"
            assert caught.value.reason
            assert caught.value.remedy
            forced = await store.save(wanted(source="mine"), first.id)
            assert forced.version == 3

        run(test)

    def test_what_is_deleted_can_be_brought_back(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted(source="one"))
            await store.save(wanted(source="two"), first.id)
            await store.mark(first.id, Marks(favourite=True))
            await store.delete(first.id)
            assert await everything(store) == {}
            for gone in (
                store.delete(first.id),
                store.save(wanted(), first.id),
                store.mark(first.id, Marks(used=True)),
                store.versions(first.id),
            ):
                with pytest.raises(NotFound):
                    await gone
            back = await store.undelete(first.id)
            assert (back.version, back.favourite) == (2, True)
            assert len(await store.versions(first.id)) == 2
            assert (await everything(store)).keys() == {first.id}
            assert (await store.undelete(first.id)).version == 2

        run(test)

    @pytest.mark.parametrize("id", ["nobody", "..", "a" * 64, "library:orrery:x", "marks"])
    def test_what_is_not_there_is_not_found(self, run: Callable[[Test], None], id: str) -> None:
        async def test(store: SnippetBackend) -> None:
            for asked in (
                store.save(wanted(), id),
                store.delete(id),
                store.undelete(id),
                store.versions(id),
                store.mark(id, Marks(used=True)),
            ):
                with pytest.raises((NotFound, Invalid)):
                    await asked

        run(test)

    def test_marks_make_no_version_and_what_is_not_sent_stays(
        self, run: Callable[[Test], None]
    ) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted())
            await store.mark(first.id, Marks(favourite=True, position=2.5))
            await store.mark(first.id, Marks(used=True))
            marked = await store.mark(first.id, Marks(used=True, seen=True))
            assert (marked.favourite, marked.position, marked.uses) == (True, 2.5, 2)
            assert marked.used is not None
            assert marked.seen_version == 1
            assert marked.version == 1
            assert marked.updated == first.updated
            unplaced = await store.mark(first.id, Marks(position=None, favourite=False))
            assert (unplaced.favourite, unplaced.position, unplaced.uses) == (False, None, 2)
            assert (await everything(store))[first.id] == unplaced

        run(test)

    def test_a_cursor_tells_what_changed_since(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            first, second = await store.save(wanted("A")), await store.save(wanted("B"))
            said = await store.changes("")
            assert {one.id for one in said.upserts} == {first.id, second.id}
            assert not said.removed
            idle = await store.changes(said.cursor)
            assert not idle.upserts
            assert not idle.removed
            assert not idle.reset
            await store.save(wanted("A", "changed"), first.id)
            await store.delete(second.id)
            then = await store.changes(idle.cursor)
            assert [one.id for one in then.upserts] == [first.id]
            assert then.removed == (second.id,)
            await store.mark(first.id, Marks(favourite=True))
            marked = await store.changes(then.cursor)
            assert [one.favourite for one in marked.upserts] == [True]

        run(test)

    @pytest.mark.parametrize("cursor", ["nonsense", "1-2", "999999-0123456789abcdef", "-", "é"])
    def test_a_foreign_cursor_is_answered_with_everything(
        self, run: Callable[[Test], None], cursor: str
    ) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted())
            said = await store.changes(cursor)
            assert said.reset
            assert [one.id for one in said.upserts] == [first.id]

        run(test)

    def test_a_snippet_of_a_project_needs_the_project(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            with pytest.raises(Invalid):
                await store.save(wanted(scope="project"))
            assert await everything(store) == {}

        run(test)

    def test_what_is_acknowledged_is_there_for_another_server(
        self, store: Callable[[], SnippetBackend]
    ) -> None:
        async def test() -> None:
            one, other = store(), store()
            try:
                saved = await one.save(wanted())
                assert (await everything(other)).keys() == {saved.id}
                cursor = (await other.changes("")).cursor
                await one.save(wanted(source="new"), saved.id)
                (seen,) = (await other.changes(cursor)).upserts
                assert seen.cells[0].source == "new"
                await other.delete(saved.id)
                assert await everything(one) == {}
            finally:
                await one.close()
                await other.close()

        asyncio.run(test())

    def test_of_many_who_save_at_once_one_wins(self, store: Callable[[], SnippetBackend]) -> None:
        async def test() -> None:
            stores = [store() for _ in range(4)]
            try:
                first = await stores[0].save(wanted())
                answers = await asyncio.gather(
                    *(
                        one.save(wanted(source=f"by {number}", base_version=1), first.id)
                        for number, one in enumerate(stores)
                    ),
                    return_exceptions=True,
                )
                assert sum(isinstance(one, StoredSnippet) for one in answers) == 1
                assert sum(isinstance(one, Conflict) for one in answers) == 3
                assert len(await stores[0].versions(first.id)) == 2
            finally:
                for one in stores:
                    await one.close()

        asyncio.run(test())

    def test_many_are_written_and_what_is_refused_stops_no_other(
        self, run: Callable[[Test], None]
    ) -> None:
        async def test(store: SnippetBackend) -> None:
            first = await store.save(wanted("First", "one"))
            writes = [
                SnippetWrite(action="save", content=wanted("Second")),
                SnippetWrite(action="save", id=first.id, content=wanted("First", "two")),
                SnippetWrite(action="save", id="gone", content=wanted("Third")),
                SnippetWrite(action="delete", id="gone"),
                SnippetWrite(action="save", content=wanted("Fourth", scope="project")),
            ]
            results = await store.write_many(writes)
            stored = [result.snippet for result in results if result.snippet is not None]
            assert [(item.name, item.version) for item in stored] == [("Second", 1), ("First", 2)]
            failures = [result.failure for result in results if result.failure is not None]
            assert [failure.code for failure in failures] == ["not_found", "not_found", "invalid"]
            assert all(failure.message for failure in failures)
            assert await everything(store) == {item.id: item for item in stored}
            kept = await store.versions(first.id)
            assert [version.content.cells[0].source for version in kept] == ["two", "one"]
            ids = [item.id for item in stored]
            gone = await store.write_many([SnippetWrite(action="delete", id=key) for key in ids])
            assert [result.failure for result in gone] == [None, None]
            assert await everything(store) == {}
            back = await store.write_many([SnippetWrite(action="undelete", id=key) for key in ids])
            assert [result.snippet and result.snippet.id for result in back] == ids
            second = await store.save(wanted("Second", "changed", base_version=1), ids[0])
            assert [version.version for version in await store.versions(second.id)] == [2, 1]

        run(test)

    def test_of_many_only_the_version_that_was_meant_is_deleted(
        self, run: Callable[[Test], None]
    ) -> None:
        async def test(store: SnippetBackend) -> None:
            first, second = [await store.save(wanted(name)) for name in ("First", "Second")]
            await store.save(wanted("Second", "by another"), second.id)
            results = await store.write_many(
                [
                    SnippetWrite(action="delete", id=item.id, base_version=item.version)
                    for item in (first, second)
                ]
            )
            assert results[0].failure is None
            assert results[1].failure is not None
            assert results[1].failure.code == Conflict.code
            assert "version 2" in results[1].failure.reason
            left = await everything(store)
            assert {key: item.cells[0].source for key, item in left.items()} == {
                second.id: "by another"
            }

        run(test)

    def test_what_was_stored_with_one_prefix_is_read(self, run: Callable[[Test], None]) -> None:
        async def test(store: SnippetBackend) -> None:
            saved = await store.save(
                SnippetIn.model_validate(
                    wanted().model_dump(exclude={"prefixes"}) | {"prefix": "one"}
                )
            )
            assert saved.prefixes == ("one",)
            assert (await everything(store))[saved.id].prefixes == ("one",)

        run(test)
