"""Files that hold something else than their name says are refused in plain words, or what they may be is said."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from orrery_wire.errors import Invalid
from tests.engine.readers.test_reading_kinds import read

TEXT = b"id,v\n1,2\n3,4\n"
TABLE = pa.table({"a": [1, 2, 3]})


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        item = tarfile.TarInfo("a.csv")
        item.size = len(TEXT)
        archive.addfile(item, io.BytesIO(TEXT))
    return out.getvalue()


def written(writer: object) -> bytes:
    out = io.BytesIO()
    writer(TABLE, out)  # type: ignore[operator]
    return out.getvalue()


def stream() -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, TABLE.schema) as target:
        target.write_table(TABLE)
    return out.getvalue()


def packed_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", TEXT)
    return out.getvalue()


OTHERS = [
    (gzip.compress(gzip.compress(TEXT)), "packed twice"),
    (gzip.compress(bz2.compress(TEXT)), "packed twice"),
    (gzip.compress(lzma.compress(TEXT)), "packed twice"),
    (gzip.compress(packed_zip()), "archive"),
    (tar(), "tar"),
    (gzip.compress(tar()), "tar"),
    (written(pq.write_table), "Parquet"),
    (written(feather.write_feather), "Arrow"),
    (stream(), "Arrow"),
    (written(orc.write_table), "ORC"),
    (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "picture"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
    (b"\x89HDF\r\n\x1a\n\x00\x00", "HDF5"),
    (b"<!DOCTYPE html>\n<html><body>Log in, please</body></html>\n", "web site"),
    (b"\xef\xbb\xbf\n<html lang='en'>\n<p>404, not there</p>\n", "web site"),
    (b'<?xml version="1.0"?>\n<rows><r a="1"/></rows>\n', "XML"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS"),
]


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "json"])
def test_other_files_under_the_name_of_a_table_are_refused(ending: str, tmp_path: Path) -> None:
    for data, what in OTHERS:
        with pytest.raises(Invalid) as problem:
            read(tmp_path / f"x.{ending}", data)
        assert what in str(problem.value)


def test_texts_that_begin_alike_are_read(tmp_path: Path) -> None:
    for name in ("PAR1", "ORC", "FEA1", "GIF8", "ARROW1", "BZh9", "<b>", "version", "Obj"):
        for value in ("x", "é"):
            names, rows, _ = read(tmp_path / "x.csv", f"{name},n\n{value},1\n")
            assert names == [name, "n"]
            assert rows == [(value, 1)]


def test_json_and_control_codes_under_the_name_of_a_text_are_said(tmp_path: Path) -> None:
    for text in ('[{"a":1},{"a":2}]', '{"a":1}\n{"a":2}\n', '[\n {"a b": [1]}\n]'):
        assert "begins as JSON does" in read(tmp_path / "x.csv", text)[2]
    for text in ('j\n{"a":1}\n{"a":2}\n', "[a],b\n1,2\n", 'id,j\n1,"{""a"": 1}"\n'):
        assert "JSON" not in read(tmp_path / "x.csv", text)[2]
    assert "control codes" in read(tmp_path / "x.csv", b"a,b\n" + bytes(range(9)) * 40)[2]
    assert "control codes" not in read(tmp_path / "x.csv", "a,b\n1,\x00x\n2,y\n")[2]


def test_a_database_is_none(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "own.db") as connection:
        connection.execute("CREATE TABLE t (a)")
    with pytest.raises(Invalid, match="SQLite"):
        read(tmp_path / "x.csv", (tmp_path / "own.db").read_bytes())
