"""Every kind of source that is shipped, and the place that keeps reports."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from orrery_engine.formats import format_of
from orrery_engine.readers.table import DatabaseTable
from orrery_engine.schemas import Options, ResolvedSource, SourceIn, SourceKind
from orrery_server.eda.backend import ReportBackend, SourceBackend, SourceContext
from orrery_server.eda.backends.file import FileSource
from orrery_server.eda.backends.files import FileReports
from orrery_server.eda.backends.frame import FrameSource
from orrery_server.eda.backends.lake import LakeSource
from orrery_server.eda.backends.table import TableSource
from orrery_server.eda.backends.url import UrlSource
from orrery_server.eda.schemas import HandoverIn
from orrery_wire.errors import Forbidden, Invalid, NotFound, OrreryError, StorageFull
from tests.server.eda.contract import (
    ELSEWHERE,
    ReportBackendContract,
    SourceBackendContract,
    run_of,
    run_result_of,
)

ROW = "a,b\n1,2\n"


@pytest.fixture(autouse=True)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder that the lab shows, a lake that is linked in it, and what is outside of both."""
    root, lake = tmp_path / "work", tmp_path / "lakes" / "mine"
    for folder in (root / "sub", root / ".hidden", lake / "year=2024", tmp_path / "outside"):
        folder.mkdir(parents=True)
    for path in (
        root / "data.csv",
        root / "sub" / "more.parquet",
        root / "sub" / "strange [1]*.csv",
        root / ".hidden" / "data.csv",
        root / "notes.txt",
        root / "model.pkl",
        root / "picture.png",
        lake / "wine.csv",
        lake / "year=2024" / "part.parquet",
        tmp_path / "outside" / "secret.csv",
        tmp_path / "secret.csv",
        tmp_path / "lakes" / "secret.csv",
    ):
        path.write_text(ROW, encoding="utf-8")
    (root / "lake").symlink_to(lake)
    (root / "way-out").symlink_to(tmp_path / "outside")
    (root / "leak.csv").symlink_to(tmp_path / "secret.csv")
    (root / "sub" / "loop").symlink_to(root)
    with sqlite3.connect(root / "sub" / "shop.db") as database:
        database.execute("CREATE TABLE sales (a INTEGER)")
    database.close()
    if request.instance is not None:
        request.instance.tmp_path = tmp_path
    return tmp_path


def context(tmp_path: Path, lake: str | None = "") -> SourceContext:
    async def where() -> str | None:
        return str(tmp_path / "lakes" / "mine") if lake == "" else lake

    private = tmp_path / "private"
    private.mkdir(exist_ok=True)
    return SourceContext(root=tmp_path / "work", lake=where, private=lambda: private)


def resolve(source: SourceBackend, location: str, **more: Any) -> str:
    asked = SourceIn.model_validate({"kind": source.kind, "location": location, **more})
    return asyncio.run(source.resolve(asked)).location


class TestFile(SourceBackendContract):
    good = SourceIn(kind="file", location="data.csv", name="Data")
    tmp_path: Path

    def make(self) -> SourceBackend:
        return FileSource(context=context(self.tmp_path))

    def test_a_link_into_the_projects_lake_is_followed(self) -> None:
        real = self.tmp_path / "lakes" / "mine" / "wine.csv"
        assert resolve(self.make(), "lake/wine.csv") == str(real)
        assert resolve(self.make(), "lake") == str(real.parent)
        other = FileSource(context=context(self.tmp_path, None))
        with pytest.raises(Forbidden):
            resolve(other, "lake/wine.csv")

    @pytest.mark.parametrize(
        ("location", "folder", "way"),
        [
            ("data.csv", "", "data.csv"),
            ("data.csv", "sub", "../data.csv"),
            ("sub/*.parquet", "sub", "*.parquet"),
            ("sub/more.parquet", "reports/2024", "../../sub/more.parquet"),
            ("lake/wine.csv", "sub", "../lake/wine.csv"),
            ("lake", "", "lake"),
        ],
    )
    def test_code_names_a_file_by_its_way_from_the_notebook(
        self, location: str, folder: str, way: str
    ) -> None:
        source = self.make()
        asked = SourceIn(kind="file", location=location)
        resolved = asyncio.run(source.resolve(asked))
        assert source.where(resolved, folder).rstrip("/") == way
        assert source.where(resolved, None) == resolved.location

    @pytest.mark.parametrize(
        "location",
        [
            "way-out/secret.csv",
            "leak.csv",
            "way-out",
            "way-out/*.csv",
            "*.csv",
            "**/*.csv",
            "sub/../../x",
        ],
    )
    def test_a_link_that_leads_elsewhere_is_not(self, location: str) -> None:
        with pytest.raises((Forbidden, Invalid)):
            resolve(self.make(), location)

    def test_a_name_with_signs_of_a_pattern_is_that_file(self) -> None:
        assert resolve(self.make(), "sub/strange [1]*.csv").endswith("/sub/strange [1]*.csv")

    def test_patterns_and_folders(self) -> None:
        (self.tmp_path / "work" / "leak.csv").unlink()
        assert resolve(self.make(), "d*.csv").endswith("/work/d*.csv")
        assert resolve(self.make(), "/data.csv").endswith("/work/data.csv")

    def test_what_is_listed(self) -> None:
        found = asyncio.run(self.make().find("", 50))
        assert {one.location for one in found} >= {"data.csv", "sub/more.parquet"}
        for one in found:
            assert not one.location.startswith((".hidden", "lake", "way-out", "notes", "model"))
            assert one.size == len(ROW)
            assert one.changed is not None

    def test_links_to_files_and_folders_elsewhere_are_not_listed(self) -> None:
        found = {one.location for one in asyncio.run(self.make().find("secret", 50))}
        assert found == set()
        assert "leak.csv" not in {one.location for one in asyncio.run(self.make().find("", 50))}

    def test_a_name_that_cannot_be_written_is_not_listed(self) -> None:
        (self.tmp_path / "work" / os.fsdecode(b"bad\xff.csv")).write_text(ROW, encoding="utf-8")
        for one in asyncio.run(self.make().find("", 50)):
            assert one.model_dump_json()
            assert not one.name.startswith("bad")

    def test_a_folder_without_tables(self) -> None:
        (self.tmp_path / "work" / "bare").mkdir()
        with pytest.raises(NotFound):
            resolve(self.make(), "bare")

    @pytest.mark.parametrize("name", ["model.pkl", "picture.png"])
    def test_what_is_no_table_says_what_is(self, name: str) -> None:
        with pytest.raises(Invalid) as caught:
            resolve(self.make(), name)
        assert "Parquet" in caught.value.remedy or ".parquet" in caught.value.remedy


class TestLake(SourceBackendContract):
    good = SourceIn(kind="lake", location="wine.csv", name="Wine")
    tmp_path: Path

    def make(self) -> SourceBackend:
        return LakeSource(context=context(self.tmp_path))

    def test_it_may_be_written_as_an_address(self) -> None:
        assert resolve(self.make(), "lake://wine.csv").endswith("/lakes/mine/wine.csv")
        resolved = asyncio.run(self.make().resolve(self.good))
        assert self.make().where(resolved, "sub") == "../lake/wine.csv"

    def test_a_prefix_and_a_pattern(self) -> None:
        assert resolve(self.make(), "year=2024").endswith("/mine/year=2024")
        assert resolve(self.make(), "year=*/*.parquet").endswith("/mine/year=*/*.parquet")

    @pytest.mark.parametrize("lake", [None, ""])
    def test_without_a_project_there_is_none(self, lake: str | None) -> None:
        source = LakeSource(context=context(self.tmp_path, lake or None))
        with pytest.raises(NotFound):
            resolve(source, "wine.csv")
        assert asyncio.run(source.find("", 9)) == ()


class TestLakeInAStore(SourceBackendContract):
    good = SourceIn(kind="lake", location="wine.parquet", name="Wine")
    tmp_path: Path

    def make(self) -> SourceBackend:
        return LakeSource(context=context(self.tmp_path, "s3://lakes/mine"))

    @pytest.mark.parametrize("location", ELSEWHERE)
    def test_what_is_elsewhere_cannot(self, location: str) -> None:
        """In a store every key below the prefix is the project's own, however it looks."""
        try:
            there = resolve(self.make(), location)
        except (Forbidden, Invalid, NotFound):
            return
        assert there.startswith("s3://lakes/mine/")
        assert ".." not in there.split("/")
        assert "::" not in there
        assert "\x00" not in there


class TestUrl(SourceBackendContract):
    good = SourceIn(kind="url", location="s3://bucket/a/b.parquet", name="B")

    def make(self) -> SourceBackend:
        return UrlSource(context=SourceContext(root=Path.cwd()))

    @pytest.mark.parametrize(
        "location",
        [
            "s3://key:secret@bucket/x.csv",
            "s3://bucket/x.csv?X-Amz-Signature=abc",
            "az://c/x.csv?sig=abc&se=2030",
            "gs://b/x.csv?access_token=abc",
            "https://host/x.csv",
            "http://host/x.csv",
            "s3://",
            "s3:///x.csv",
            "s3://[bad/x.csv",
        ],
    )
    def test_addresses_that_are_not_read(self, location: str) -> None:
        with pytest.raises((Forbidden, Invalid)) as caught:
            resolve(self.make(), location)
        assert "abc" not in str(caught.value.body())
        assert "secret@" not in str(caught.value.body())

    @pytest.mark.parametrize(
        "location", ["s3://b/p/", "gs://b/x/*.csv", "abfss://c@account/x.csv", "S3://b/x.csv"]
    )
    def test_addresses_that_are(self, location: str) -> None:
        assert resolve(self.make(), location) == location

    def test_the_administrator_may_allow_more(self) -> None:
        source = UrlSource(context=SourceContext(root=Path.cwd()), schemes=["https"])
        assert resolve(source, "https://host/x.csv") == "https://host/x.csv"
        with pytest.raises(Forbidden):
            resolve(source, "s3://b/x.csv")


class TestTable(SourceBackendContract):
    good = SourceIn(
        kind="table", location="postgresql+psycopg://me@host/shop", table="sales", name="Sales"
    )
    tmp_path: Path

    def make(self) -> SourceBackend:
        return TableSource(context=context(self.tmp_path))

    @pytest.mark.parametrize(
        "location",
        [
            "postgresql://me:hunter2x@host/db",
            "postgresql://me:hunter2x/with/slash@host/db",
            "postgresql://me:hunter2x#hash@host/db",
            "postgresql://me:hunter2x?mark@host/db",
            "postgresql://me:p@hunter2x@host/db",
            "postgresql://:hunter2x@host/db",
            "postgresql://me@corp:hunter2x@host/db",
            "postgresql://a@b@c:hunter2x@127.0.0.1:1/x",
            "postgresql://corp/me:hunter2x@host/db",
            "postgresql://host/db?sslpassword=hunter2x",
            "mysql://host/db?ssl_key_password=hunter2x",
            "trino://host/db?jwt=hunter2x",
            "snowflake://host/db?passcode=hunter2x",
            "oracle://host/db?wallet_password=hunter2x",
            "clickhouse://host/db?never_heard_of=hunter2x",
            "postgresql://host/db?a=b#c&password=hunter2x",
            "postgresql://host/db?options=password%3Dhunter2x",
            "postgresql://host/db?application_name=pwd%253Dhunter2x",
            "mssql+pyodbc:///?odbc_connect=DRIVER%253DX%253BUID%253Dme%253BPWD%253Dhunter2x",
            "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BAccessToken%3Dhunter2x",
            "postgresql://me:${DB}hunter2x@host/db",
            "postgresql://host/db?password=hunter2x",
            "postgresql://host/db?user=a&PASSWORD=hunter2x",
            "postgresql://host/db?pass%77ord=hunter2x",
            "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dme%3BPWD%3Dhunter2x",
            "mssql+pyodbc:///?odbc_connect=DRIVER=X;UID=me;Pwd=hunter2x",
            "snowflake://me@host/db?token=hunter2x",
            "snowflake://me@host/db?private_key=hunter2x",
            "mysql://me@host/db?auth_secret=hunter2x#x",
        ],
    )
    def test_a_password_that_is_written_out_is_refused_and_not_repeated(
        self, location: str
    ) -> None:
        with pytest.raises(Invalid) as caught:
            resolve(self.make(), location, table="t")
        assert "hunter2x" not in json.dumps(caught.value.body())
        assert "${DB_PASSWORD}" in caught.value.remedy

    @pytest.mark.parametrize(
        "location",
        [
            "postgresql://me@host:5432/db",
            "postgresql://host/db?sslmode=require&sslkey=/keys/mine.pem&connect_timeout=5",
            "mysql+pymysql://me@host/db?ssl_key=/keys/mine.pem&charset=utf8",
            "postgresql://host/db?passfile=/home/me/.pgpass",
            "oracle://me@host:1521/?service_name=shop",
            "postgresql://admin@server@host/db",
            "mssql+pyodbc://me@host/db?driver=ODBC+Driver+18&Encrypt=yes&TrustServerCertificate=no",
            "mssql+pyodbc:///?odbc_connect=Driver%3D%7BODBC%7D%3BServer%3Dhost%3BUID%3Dme",
            "snowflake://me@account/db/schema?warehouse=w&role=r",
        ],
    )
    def test_addresses_without_secrets_are_read(self, location: str) -> None:
        assert resolve(self.make(), location, table="t") == location

    def test_a_named_secret_is_put_in_for_the_worker_only(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DB_PASSWORD", "p@ss:w/ord%#? +")
        monkeypatch.setenv("DB_HOST", "db.example")
        source = self.make()
        asked = SourceIn(
            kind="table", location="postgresql://me:${DB_PASSWORD}@${DB_HOST}/shop", table="t"
        )
        resolved = asyncio.run(source.resolve(asked))
        from sqlalchemy import make_url

        url = make_url(resolved.location)
        assert (url.password, url.host) == ("p@ss:w/ord%#? +", "db.example")
        assert {"p@ss:w/ord%#? +", "db.example", "p%40ss%3Aw%2Ford%25%23%3F%20%2B"} == set(
            resolved.secrets
        )
        assert source.where(resolved, None) == ""

    def test_a_variable_may_hold_the_whole_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss@host/shop")
        assert (
            resolve(self.make(), "${DATABASE_URL}", table="t") == "postgresql://me:p%40ss@host/shop"
        )
        monkeypatch.setenv("DATABASE_URL", "file:///etc/passwd")
        with pytest.raises(Forbidden):
            resolve(self.make(), "${DATABASE_URL}", table="t")

    @pytest.mark.parametrize("name", ["JUPYTERHUB_API_TOKEN", "JUPYTER_TOKEN", "ORRERY_X", "NONE"])
    def test_variables_that_are_not_for_databases(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if name != "NONE":
            monkeypatch.setenv(name, "opens-the-server")
        with pytest.raises(Invalid) as caught:
            resolve(self.make(), f"postgresql://evil/?x=${{{name}}}", table="t")
        assert name in caught.value.message
        assert "opens" not in json.dumps(caught.value.body())

    def test_a_table_must_be_named(self) -> None:
        with pytest.raises(Invalid):
            resolve(self.make(), "postgresql://host/db")

    def test_sqlite_in_the_folder_that_the_lab_shows(self) -> None:
        there = resolve(self.make(), "sqlite:///sub/shop.db", table="sales")
        assert there == f"sqlite:///{self.tmp_path}/work/sub/shop.db"
        again = resolve(self.make(), f"sqlite:///{self.tmp_path}/work/sub/shop.db", table="sales")
        assert again == there

    @pytest.mark.parametrize(
        "name", ["a?b#c.db", "a%20b.db", "a b.db", "ü+&=.db", "%2e%2e", "x[1].db"]
    )
    def test_a_path_is_decoded_once_and_leads_to_that_file(self, name: str) -> None:
        source = self.make()
        folder = self.tmp_path / "work" / "odd"
        folder.mkdir(exist_ok=True)
        with closing(sqlite3.connect(folder / name)) as connection:
            connection.execute("CREATE TABLE t (inside TEXT)")
            connection.commit()
        there = resolve(source, f"sqlite:///odd/{quote(name)}", table="t")
        resolved = ResolvedSource(reader="table", location=there, format="database", table="t")
        assert DatabaseTable(resolved, Options()).names == ("inside",)

    @pytest.mark.parametrize("sign", ["%2F", "%252F", "%2f"])
    def test_no_way_out_is_written_into_a_name(self, sign: str) -> None:
        source = self.make()
        outside = self.tmp_path / "outside.db"
        with closing(sqlite3.connect(outside)) as connection:
            connection.execute("CREATE TABLE t (outside TEXT)")
            connection.commit()
        folder = self.tmp_path / "work"
        (folder / "a").mkdir(exist_ok=True)
        name = f"a{sign}..{sign}..{sign}outside.db"
        with closing(sqlite3.connect(folder / name)) as connection:
            connection.execute("CREATE TABLE t (decoy TEXT)")
            connection.commit()
        for written in (name, quote(name), quote(quote(name))):
            try:
                there = resolve(source, f"sqlite:///{written}", table="t")
            except OrreryError:
                continue
            resolved = ResolvedSource(reader="table", location=there, format="database", table="t")
            assert DatabaseTable(resolved, Options()).names == ("decoy",)

    @pytest.mark.parametrize(
        "location",
        [
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite:////etc/passwd",
            "sqlite:///../secret.csv",
            "sqlite:///way-out/secret.csv",
            "sqlite:///sub/none.db",
            "sqlite:///file:/etc/passwd?uri=true",
            "sqlite+pysqlite:////etc/passwd",
            "SQLITE:////etc/passwd",
            "sqlite:///.hidden/data.csv",
        ],
    )
    def test_sqlite_elsewhere(self, location: str) -> None:
        with pytest.raises((Forbidden, Invalid, NotFound)):
            resolve(self.make(), location, table="t")


class TestFrame(SourceBackendContract):
    tmp_path: Path
    good = SourceIn(kind="frame", location="0" * 32, name="df")

    def make(self) -> SourceBackend:
        source = FrameSource(context=context(self.tmp_path))
        given = asyncio.get_running_loop().create_task(source.create_handover(asked()))

        async def resolve(one: SourceIn) -> Any:
            handover = await given
            Path(handover.path).write_bytes(b"ARROW1")
            if one.location == self.good.location:
                one = one.model_copy(update={"location": handover.id})
            return await FrameSource.resolve(source, one)

        source.resolve = resolve  # type: ignore[method-assign]
        return source


def asked(**more: Any) -> HandoverIn:
    return HandoverIn.model_validate({"name": "df", "rows": 1, "bytes": 10, **more})


def test_a_handover_is_private_from_the_first_byte(tmp_path: Path) -> None:
    async def test() -> None:
        source = FrameSource(context=context(tmp_path))
        given = await source.create_handover(asked())
        path = Path(given.path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        one = SourceIn(kind="frame", location=given.id, name="df")
        with pytest.raises(Invalid):
            await source.resolve(one)
        path.write_bytes(b"ARROW1")
        assert (await source.resolve(one)).location == given.path
        await source.delete_handover(given.id)
        assert not path.exists()
        for gone in (source.resolve(one), source.delete_handover(given.id)):
            with pytest.raises(NotFound):
                await gone

    asyncio.run(test())


async def until_gone(path: str) -> None:
    """Until a file that has a time to live is there no more."""
    for _ in range(500):
        if not Path(path).exists():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} is still there")


def test_a_handover_goes_after_its_time_and_soon_after_its_use(tmp_path: Path) -> None:
    async def test() -> None:
        source = FrameSource(context=context(tmp_path), keep_seconds=2.0, linger_seconds=0.05)
        first, second = await source.create_handover(asked()), await source.create_handover(asked())
        Path(second.path).write_bytes(b"ARROW1")
        one = SourceIn(kind="frame", location=second.id, name="df")
        await source.resolve(one)
        source.release(one)
        await until_gone(second.path)
        assert Path(first.path).exists()
        await until_gone(first.path)
        with pytest.raises(NotFound):
            await source.resolve(one)
        await source.close()

    asyncio.run(test())


def test_a_handover_that_does_not_fit_is_refused_before_it_is_written(tmp_path: Path) -> None:
    async def test() -> None:
        source = FrameSource(context=context(tmp_path))
        with pytest.raises(StorageFull) as caught:
            await source.create_handover(asked(bytes=10**18))
        assert "bytes" in caught.value.reason
        assert "sample" in caught.value.remedy

    asyncio.run(test())


class TestFiles(ReportBackendContract):
    tmp_path: Path

    def make(self) -> ReportBackend:
        return FileReports(folder=str(self.tmp_path / "reports"))

    def test_only_the_person_can_read_them(self) -> None:
        async def test(store: ReportBackend) -> None:
            await store.keep(run_result_of(run_of()))
            files = [p for p in (self.tmp_path / "reports").rglob("*") if p.is_file()]
            assert len(files) >= 2
            assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)

        self.run(test)

    @pytest.mark.parametrize("ending", [".run.json", ".jsonl"])
    @pytest.mark.parametrize("damage", ["cut", "other", "newer", "pickle", "empty", "binary"])
    def test_a_damaged_file_is_set_aside_and_the_others_stay(
        self, ending: str, damage: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def test(store: ReportBackend) -> None:
            good = await store.keep(run_result_of(run_of(), 120))
            bad = await store.keep(run_result_of(run_of(), 120))
            path = self.tmp_path / "reports" / f"{bad.id}{ending}"
            path.write_bytes(damaged(path.read_bytes(), damage))
            other = self.make()
            assert good in await other.runs()
            with pytest.raises(NotFound) if ending == ".jsonl" else nothing():
                await other.load(bad.id)
            assert (await other.load(good.id))[0].run == good
            assert not path.exists()
            assert len(list((self.tmp_path / "reports" / "aside").iterdir())) == 1
            assert "moved to" in caplog.text
            await other.close()

        self.run(test)

    def test_what_is_kept_is_not_read_again_until_it_changes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def test(store: ReportBackend) -> None:
            for _ in range(5):
                await store.keep(run_result_of(run_of()))
            assert len(await store.runs()) == 5
            read: list[Path] = []
            whole = Path.read_bytes
            monkeypatch.setattr(
                Path, "read_bytes", lambda path: (read.append(path), whole(path))[1]
            )
            assert len(await store.runs()) == 5
            assert read == []
            await store.keep(run_result_of(run_of()))
            assert len(await store.runs()) == 6
            assert len([p for p in read if p.name.endswith(".run.json")]) == 1

        self.run(test)

    def test_a_server_that_was_killed(self) -> None:
        folder = self.tmp_path / "reports"
        program = (
            "import asyncio, sys, time\n"
            "from orrery_server.eda.backends.files import FileReports\n"
            "from tests.server.eda.contract import run_of\n"
            f"store = FileReports(folder={str(folder)!r})\n"
            "asyncio.run(store.begin(run_of(state='running')))\n"
            "print('begun', flush=True)\n"
            "time.sleep(60)\n"
        )
        server = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
        )
        assert server.stdout is not None
        assert server.stdout.readline() == b"begun\n"

        async def lives(store: ReportBackend) -> None:
            assert (await store.runs())[0].state == "running"

        async def gone(store: ReportBackend) -> None:
            (run,) = await store.runs()
            assert run.state == "failed"
            assert run.error is not None
            assert run.error.remedy == "Run it again."

        self.run(lives)
        server.kill()
        server.wait()
        server.stdout.close()
        self.run(gone)

    def test_what_a_killed_server_left_half_written_goes(self) -> None:
        folder = self.tmp_path / "reports"
        folder.mkdir()
        old, new = folder / ".x.jsonl.aaaa.tmp", folder / ".y.jsonl.bbbb.tmp"
        for path in (old, new):
            path.write_text("half", encoding="utf-8")
        os.utime(old, (time.time() - 7200,) * 2)

        async def test(store: ReportBackend) -> None:
            await store.begin(run_of())
            assert not old.exists()
            assert new.exists()

        self.run(test)


class nothing:  # noqa: N801 - stands where a `with` is written
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def damaged(data: bytes, how: str) -> bytes:
    """A file as a disk, a newer Orrery or an attacker may leave it."""
    if how == "cut":
        return data[: len(data) // 2]
    if how == "other":
        return b'{"hello": "there"}\n'
    if how == "newer":
        return data.replace(b'"schema":1', b'"schema":2')
    if how == "pickle":
        return pickle.dumps({"run": 1})
    return b"" if how == "empty" else os.urandom(500)


def test_every_shipped_backend_is_tested_here() -> None:
    tested = {TestFile, TestLake, TestUrl, TestTable, TestFrame}
    kinds: set[SourceKind] = {one.good.kind for one in tested}
    assert kinds == {point.name for point in entry_points(group="orrery.eda")}
    assert {point.name for point in entry_points(group="orrery.eda.reports")} == {"files"}


def test_formats_by_their_endings() -> None:
    assert format_of("a/B.CSV.GZ") == "csv"
    assert format_of("x.ndjson.zst") == "json"
    assert format_of("x") is None
    assert format_of(".csv") is None
