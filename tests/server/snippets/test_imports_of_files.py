"""Files of other tools are brought in whole: nothing is dropped unsaid, and what cannot be read has its line."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from orrery_server.base import files as storage
from orrery_server.base.context import LabContext
from orrery_server.snippets import formats
from orrery_server.snippets.backends.files import FileSnippets
from orrery_server.snippets.schemas import (
    IdsIn,
    ImportIn,
    ImportJob,
    ImportQuery,
    SnippetFile,
    SnippetQuery,
)
from orrery_server.snippets.service import SnippetService
from orrery_wire.errors import Conflict, NotFound, StorageFull
from orrery_wire.snippets import SnippetContent, SnippetIn, SnippetWrite, WriteResult

Test = Callable[[SnippetService], Awaitable[None]]


def read(text: str, name: str = "some.code-snippets") -> formats.ReadFile:
    return formats.read(SnippetFile(name=name, content=text))


def one(text: str, name: str = "some.code-snippets") -> SnippetContent:
    result = read(text, name)
    assert result.problems == []
    (content,) = result.contents
    return content


def entry(**fields: object) -> str:
    return json.dumps({"A": {"body": "x", **fields}})


def test_every_prefix_is_taken() -> None:
    long = "p" * 200
    for prefix, expected in [
        ("for", ("for",)),
        ("for loop", ("for loop",)),
        (" for ", ("for",)),
        (long, (long,)),
        (["a", "b c", "a"], ("a", "b c")),
        (["", None, "a,b"], ("a,b",)),
        (["größe", "漢字", "#!"], ("größe", "漢字", "#!")),
        ([], ()),
        (7, ("7",)),
        (None, ()),
    ]:
        assert one(entry(prefix=prefix)).prefixes == expected


def test_a_prefix_that_can_be_none_is_told_and_the_snippet_is_taken() -> None:
    for prefix in ["a\nb", "x" * 256, {"a": 1}, "a\u200bb"]:
        result = read(entry(prefix=["good", prefix]))
        assert result.contents[0].prefixes == ("good",)
        assert "prefix" in result.notes[0].reason


def test_a_prefix_that_is_written_in_another_way_is_told() -> None:
    for prefix, expected in [
        (3, "Its prefix 3 became '3'."),
        (" a ", "Its prefix ' a ' became 'a'."),
    ]:
        assert [note.reason for note in read(entry(prefix=prefix)).notes] == [expected]
    assert read(entry(prefix=["a", "b c"])).notes == []


def test_every_language_of_a_scope_is_taken() -> None:
    for scope, expected in [
        ("python", ("python",)),
        ("Python, R", ("python", "r")),
        ("javascript,typescript,Vue", ("javascript", "typescript", "vue")),
        ("C++,C#,Shell Script", ("cpp", "csharp", "bash")),
        (["python", "JULIA"], ("python", "julia")),
        ("jupyter,python", ("python",)),
        ("", ("python",)),
        (" , ", ("python",)),
    ]:
        assert one(entry(scope=scope)).languages == expected
    strange = read(entry(scope="4gl"))
    assert strange.contents[0].language == "text"
    assert "language" in strange.notes[0].reason


def test_names_tags_and_descriptions_are_mended_and_told() -> None:
    for fields, field, expected in [
        ({"name": "n" * 130}, "name", "n" * 119 + "…"),
        ({"name": "a\tb\nc"}, "name", "a b c"),
        ({"name": "a\u202eb"}, "name", "ab"),
        ({"tags": ["a,b", "c"]}, "tags", ("a", "b", "c")),
        ({"tags": "a, b"}, "tags", ("a", "b")),
        ({"tags": ["t" * 60]}, "tags", ("t" * 48,)),
        ({"description": "d" * 5_000}, "description", "d" * 3_999 + "…"),
        ({"description": ["a", "b"]}, "description", "a\nb"),
    ]:
        assert getattr(one(entry(**fields)), field) == expected
    assert (
        read(entry(name="n" * 130)).notes[0].reason == "Its name was shortened to 120 characters."
    )


def test_json_as_people_write_it_is_read() -> None:
    for text in [
        '{"A": {"body": "a\tb"}}',
        '{"A": {"body": ["a", "b",],},}',
        '// c\n{/* c */"A": {"body": "x"} /* " */}\n// end',
        '\ufeff{"A": {"body": "http://x // no comment"}}',
        '{\r\n"A": {\r\n"body": "x"\r\n}\r\n}',
        '{"A": {"body": "x"}},',
        '{"$schema": "https://example.org/s.json", "A": {"body": "x"}}',
        '{"group": {"A": {"body": "x"}}}',
        '[{"name": "A", "body": "x"}]',
    ]:
        assert one(text).name == "A"


def test_the_line_of_what_is_wrong_is_told() -> None:
    for text, line in [
        ('{\n"A": {"body": "x",\n  "prefix": oops}}', 3),
        ('{\n/* one\ntwo */\n"A": {"body": "x",\n"prefix": oops}}', 5),
        ('{"A": {"body": "x,\n"prefix": "p"}}', 1),
        ('// a\n{"A": 1}\n]', 3),
        ('{"A": {"body": "x"}\n\n"B": {"body": "y"}}', 3),
        ('{\n"A": {"body": "x"},\n\n"B": {"body": 5}}', 4),
        ('[\n{"name": "A", "body": "x"},\n{"name": "B"}\n]', 3),
        ('{"snippets": [\n{"name": "A", "code": ["x"]},\n{"name": "B", "code": [1]}]}', 3),
    ]:
        (problem,) = read(text).problems
        assert problem.line == line


def test_snippets_of_jupyterlab_code_snippets_are_read() -> None:
    snippet = {
        "name": "import_statements",
        "description": "Imports.",
        "language": "Python",
        "code": ["import numpy as np", "import scipy"],
        "id": 1,
        "tags": ["import statements"],
    }
    settings = f"// Code Snippet Manager\n{json.dumps({'snippets': [snippet]})}"
    for text, name in [
        (json.dumps(snippet), "import_statements.json"),
        (settings, "snippets.jupyterlab-settings"),
        (json.dumps([snippet]), "all.json"),
    ]:
        content = one(text, name)
        assert (content.name, content.language) == ("import_statements", "python")
        assert content.tags == ("import statements",)
        assert content.cells[0].source == "import numpy as np\nimport scipy"
        assert content.syntax == "plain"


def test_lists_of_elyra_are_read() -> None:
    meta = {"language": "Python", "code": ["a"], "tags": None}
    snippet = {"schema_name": "code-snippet", "display_name": "Mine", "metadata": meta}
    for value in [snippet, [snippet], {"code-snippets": [snippet]}]:
        assert one(json.dumps(value), "e.json").name == "Mine"


def test_scripts_are_read() -> None:
    for name, language, tags in [
        ("bar.py", "python", ()),
        ("plots/bar.R", "r", ("plots",)),
        ("a/b/bar.jl", "julia", ("a", "b")),
        ("c:\\x\\bar.sql", "sql", ("c:", "x")),
        ("./bar.sh", "bash", ()),
    ]:
        content = one("\ufeffx = 1\r\ny = 2\n", name)
        assert (content.name, content.language, content.tags) == ("bar", language, tags)
        assert content.cells[0].source == "x = 1\ny = 2"
    assert read("  \n", "empty.py").problems[0].reason == "It is empty."
    assert "200,000" in read("x" * 200_001, "big.py").problems[0].reason
    assert one("# Title", "a.md").cells[0].kind == "markdown"


@pytest.fixture
def run() -> Callable[[Test], None]:
    def run(test: Test) -> None:
        async def held() -> None:
            service = SnippetService(context=LabContext(), refresh_seconds=0)
            await service.start()
            try:
                await test(service)
            finally:
                await service.stop()

        asyncio.run(held())

    return run


def files(**bodies: object) -> dict[str, Any]:
    content = json.dumps({name: {"body": body} for name, body in bodies.items()})
    return {"files": [{"name": "a.code-snippets", "content": content}]}


async def ended(service: SnippetService, job: ImportJob) -> ImportJob:
    async with asyncio.timeout(30):
        while job.state in ("running", "undoing"):
            await asyncio.sleep(0.02)
            job = await service.get_import(job.id)
    return job


async def start(service: SnippetService, wanted: dict[str, Any]) -> ImportJob:
    return await ended(service, await service.import_files(ImportIn.model_validate(wanted)))


async def names(service: SnippetService) -> list[str]:
    page = await service.list(SnippetQuery(scope="mine", sort="name", limit=200))
    return [snippet.name for snippet in page.items]


def test_a_name_may_be_there_once_for_each_language(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        await service.save(SnippetIn.model_validate({"name": "Loop", "cells": [{"source": "old"}]}))
        text = json.dumps(
            {
                "Loop": {"body": "r", "scope": "r"},
                "Other": {"body": "1"},
            }
        )
        twice = '{"Twice": {"body": "1"}, "Twice": {"body": "2"}, "Twice": {"body": "2"}}'
        wanted = {
            "files": [
                {"name": "a.code-snippets", "content": text},
                {"name": "b.code-snippets", "content": twice},
            ]
        }
        job = await start(service, wanted)
        assert job.report is not None
        assert [item.name for item in job.report.created] == ["Loop", "Other", "Twice", "Twice (2)"]
        assert [item.reason for item in job.report.skipped] == [
            "The same snippet is in the import twice."
        ]
        assert "Twice (2)" in job.report.notes[0].reason
        assert await names(service) == ["Loop", "Loop", "Other", "Twice", "Twice (2)"]
        again = await start(service, wanted)
        assert again.report is not None
        assert again.report.created == ()

    run(test)


def test_a_number_that_is_a_name_already_is_not_given_twice(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        text = '{"a": {"body": "1"}, "a": {"body": "2"}, "a (2)": {"body": "3"}}'
        job = await start(service, {"files": [{"name": "a.code-snippets", "content": text}]})
        assert job.report is not None
        created = [item.name for item in job.report.created]
        assert sorted(created) == ["a", "a (2)", "a (2) (2)"]

    run(test)


def test_an_import_is_undone_whole(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        old = await service.save(
            SnippetIn.model_validate({"name": "A", "cells": [{"source": "old"}]})
        )
        job = await start(service, {**files(A="new", B="b", C="c"), "on_duplicate": "replace"})
        assert job.report is not None
        assert [item.id for item in job.report.replaced] == [old.id]
        changed = next(item for item in job.report.created if item.name == "C")
        await service.save(
            SnippetIn.model_validate({"name": "C", "cells": [{"source": "mine"}]}), changed.id
        )
        undone = await ended(service, await service.undo_import(job.id))
        assert undone.state == "undone"
        assert [(item.name, item.reason) for item in undone.undo] == [
            ("C", "It was changed since the import.")
        ]
        assert await names(service) == ["A", "C"]
        assert (await service.get(old.id)).cells[0].source == "old"
        with pytest.raises(Conflict):
            await service.undo_import(job.id)
        with pytest.raises(NotFound):
            await service.undo_import("nothing")
        page = await service.list_imports(ImportQuery())
        assert [item.id for item in page.items] == [job.id]

    run(test)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_an_undo_leaves_what_another_session_saved_meanwhile(
    run: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    """The other session saves after this one looked at the versions, which is the latest moment there is."""

    async def test(service: SnippetService) -> None:
        if is_replaced:
            for name in ("A", "B"):
                await service.save(
                    SnippetIn.model_validate({"name": name, "cells": [{"source": "old"}]})
                )
        job = await start(service, {**files(A="a", B="b"), "on_duplicate": "replace"})
        assert job.report is not None
        imported = {item.name: item.id for item in (*job.report.created, *job.report.replaced)}
        write_many = FileSnippets.write_many

        async def after_another(
            self: FileSnippets, writes: Sequence[SnippetWrite]
        ) -> tuple[WriteResult, ...]:
            content = SnippetIn.model_validate({"name": "B", "cells": [{"source": "theirs"}]})
            await self.save(content, imported["B"])
            return await write_many(self, writes)

        monkeypatch.setattr(FileSnippets, "write_many", after_another)
        undone = await ended(service, await service.undo_import(job.id))
        assert undone.state == "undone"
        assert [(item.name, item.reason) for item in undone.undo] == [
            ("B", "It was changed since the import.")
        ]
        assert await names(service) == (["A", "B"] if is_replaced else ["B"])
        assert (await service.get(imported["B"])).cells[0].source == "theirs"

    run(test)


def test_a_cancelled_import_says_what_it_saved_and_can_be_undone(
    run: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = FileSnippets._prepare

    def slow(self: FileSnippets, content: SnippetIn, id: str | None) -> Any:
        time.sleep(0.002)
        return prepare(self, content, id)

    monkeypatch.setattr(FileSnippets, "_prepare", slow)
    monkeypatch.setattr("orrery_server.snippets.import_jobs._WAIT_SECONDS", 0.05)

    async def test(service: SnippetService) -> None:
        many = files(**{f"S{number}": f"x = {number}" for number in range(2_000)})
        job = await service.import_files(ImportIn.model_validate({**many, "allow_secrets": True}))
        assert job.state == "running"
        with pytest.raises(Conflict):
            await service.import_files(ImportIn.model_validate(files(A="a")))
        async with asyncio.timeout(10):
            while (await service.get_import(job.id)).done == 0:
                await asyncio.sleep(0.01)
        job = await service.cancel_import(job.id)
        assert job.state == "cancelled"
        assert job.report is not None
        saved = len(job.report.created)
        assert 0 < saved < 2_000
        assert (await service.list(SnippetQuery(scope="mine"))).total == saved
        undone = await ended(service, await service.undo_import(job.id))
        assert (undone.state, undone.undo) == ("undone", ())
        assert await names(service) == []

    run(test)


def test_thousands_are_imported_in_seconds(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        many = files(**{f"S{number}": f"x = {number}\nprint(x)" for number in range(1_500)})
        before = time.process_time()
        job = await start(service, many)
        assert job.state == "done"
        assert job.report is not None
        assert len(job.report.created) == 1_500
        assert time.process_time() - before < 20
        undone = await ended(service, await service.undo_import(job.id))
        assert undone.undo == ()
        assert await names(service) == []

    run(test)


def test_several_are_deleted_and_brought_back_at_once(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        job = await start(service, files(A="a", B="b", C="c"))
        assert job.report is not None
        ids = tuple(item.id for item in job.report.created)
        report = await service.delete_many(IdsIn(ids=(*ids, "gone", "library:orrery:x")))
        assert set(report.ids) == set(ids)
        assert {item.id for item in report.failed} == {"gone", "library:orrery:x"}
        assert all(item.reason for item in report.failed)
        assert await names(service) == []
        assert set((await service.undelete_many(IdsIn(ids=ids))).ids) == set(ids)
        assert await names(service) == ["A", "B", "C"]

    run(test)


def test_a_disk_that_fills_up_stops_an_import_and_what_was_saved_is_told(
    run: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = storage.write

    def full(path: Path, data: bytes) -> None:
        if b'"B"' in data:
            raise StorageFull("There is no space left", remedy="Free some.")
        write(path, data)

    def all_full(contents: dict[Path, bytes]) -> None:
        raise StorageFull("There is no space left", remedy="Free some.")

    monkeypatch.setattr(storage, "write", full)
    monkeypatch.setattr(storage, "write_all", all_full)

    async def test(service: SnippetService) -> None:
        job = await start(service, files(A="a", B="b"))
        assert job.state == "failed"
        assert "no space" in job.error
        assert job.report is not None
        assert [item.name for item in job.report.created] == ["A"]
        assert [item.name for item in job.report.failed] == ["B"]

    run(test)


def test_an_undo_on_a_full_disk_says_so_and_can_be_repeated(
    run: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(service: SnippetService) -> None:
        await service.save(SnippetIn.model_validate({"name": "A", "cells": [{"source": "old"}]}))
        wanted = files(A="new", B="new") | {"on_duplicate": "replace"}
        job = await start(service, wanted)
        assert job.report is not None
        assert len(job.report.created) + len(job.report.replaced) == 2

        def full(*_: object, **__: object) -> None:
            raise StorageFull("There is no space left")

        with monkeypatch.context() as disk:
            for name in ("write_all", "write", "move_all", "move"):
                if hasattr(storage, name):
                    disk.setattr(storage, name, full)
            tried = await ended(service, await service.undo_import(job.id))
        assert tried.state == "failed"
        assert "Not all" in tried.error
        assert len(tried.undo) == 2
        again = await ended(service, await service.undo_import(job.id))
        assert (again.state, again.undo) == ("undone", ())
        assert await names(service) == ["A"]
        with pytest.raises(Conflict):
            await service.undo_import(job.id)

    run(test)
