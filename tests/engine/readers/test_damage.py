"""Files that are cut short, damaged or encrypted: what, why and what to do, and never a hang."""

from __future__ import annotations

import csv
import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
import python_calamine

from orrery_engine.error_mapping import failure
from orrery_engine.read_table import read_table
from orrery_engine.readers import damage
from orrery_engine.schemas import SourceIn
from orrery_wire.errors import Invalid, OrreryError
from tests.engine.worker_jobs import Told, profiled

ROWS = 300
FRAME = pl.DataFrame(
    {
        "n": list(range(ROWS)),
        "s": [f"text {number % 7}" for number in range(ROWS)],
        "x": [number / 8 for number in range(ROWS)],
    }
)
TECHNICAL = ("Error", "Exception", "StopIteration", "SELECT", "0x", "Traceback", "std::")
# Words of the libraries that parse files, for those who made them.
PARSERS = ("bit_width", "Corrupt", "corrupt", "thrift", "Thrift", "Snappy", "Invalid:", "IOError", "Couldn't", "deserial", "Unexpected", "dictionary", "new-line", "decompress", "Parquet magic", "Flatbuffer", "polars", "pyarrow", "calamine", "Xml")  # fmt: skip


def workbook(frame: pl.DataFrame) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.append(frame.columns)
    for row in frame.iter_rows():
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    pq.write_table(frame.to_arrow(), out, row_group_size=100)
    return out.getvalue()


def arrow(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_ipc(out, compression="zstd")
    return out.getvalue()


def archive(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("inside.csv", frame.write_csv())
    return out.getvalue()


WRITERS: dict[str, Callable[[pl.DataFrame], bytes]] = {
    "x.parquet": parquet,
    "x.arrow": arrow,
    "x.xlsx": workbook,
    "x.csv.gz": lambda frame: gzip.compress(frame.write_csv().encode()),
    "x.csv.zip": archive,
    "x.csv.zst": lambda frame: pa.Codec("zstd").compress(frame.write_csv().encode()).to_pybytes(),
    "x.ndjson.gz": lambda frame: gzip.compress(frame.write_ndjson().encode()),
    "x.json.gz": lambda frame: gzip.compress(json.dumps(frame.to_dicts()).encode()),
    "x.json": lambda frame: json.dumps(frame.to_dicts()).encode(),
    "x.csv": lambda frame: frame.write_csv().encode(),
}


def tried(path: Path, scratch: Path) -> Told | None:
    """The profile, or nothing if it was refused in plain words."""
    try:
        return profiled(path, scratch)
    except Exception as problem:  # noqa: BLE001 - whatever a library raises has to become plain words
        plain = failure(problem)
    text = f"{plain.message} {plain.reason}"
    assert plain.code == "invalid", plain
    assert all((plain.message, plain.reason, plain.remedy))
    assert not any(word in text for word in (*TECHNICAL, str(path.parent))), text
    return None


def is_said(profile: Told) -> bool:
    """Whether something of the rows or columns is said to be missing."""
    return bool(profile.last.notes) or any(column.unread for column in profile.columns)


@pytest.mark.parametrize("name", WRITERS)
def test_files_that_are_cut_short(name: str, tmp_path: Path) -> None:
    whole = WRITERS[name](FRAME)
    for share in (0.0, 0.01, 0.3, 0.7, 0.999):
        path = tmp_path / name
        path.write_bytes(whole[: int(len(whole) * share)])
        profile = tried(path, tmp_path / "scratch")
        if profile is not None and profile.columns and not is_said(profile):
            # Text has no end that could be missing: what is there is read.
            assert name == "x.csv"


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "x.csv"])
def test_files_with_damaged_bytes(name: str, tmp_path: Path) -> None:
    whole = WRITERS[name](FRAME)
    random = np.random.default_rng(7)
    for place in [3, len(whole) // 2, len(whole) - 9, *random.integers(0, len(whole), 4)]:
        data = bytearray(whole)
        data[place : place + 4] = bytes(byte ^ 0xA5 for byte in data[place : place + 4])
        path = tmp_path / name
        path.write_bytes(data)
        tried(path, tmp_path / "scratch")


class Keys(pe.KmsClient):  # type: ignore[misc]
    """Keys that are their own wrappings."""

    def wrap_key(self, key: bytes, master: str) -> bytes:
        return key

    def unwrap_key(self, key: bytes, master: str) -> bytes:
        return key


def encrypted(path: Path, *, plain_footer: bool) -> None:
    """A Parquet file of which the texts are encrypted, and the footer if it is not plain."""
    table = FRAME.to_arrow()
    config = pe.EncryptionConfiguration(
        footer_key="f", column_keys={"k": ["s"]}, plaintext_footer=plain_footer
    )
    factory = pe.CryptoFactory(lambda _: Keys())
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)


def test_what_is_encrypted_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    encrypted(path, plain_footer=False)
    with pytest.raises(Invalid, match="It is encrypted"):
        profiled(path, tmp_path / "scratch")
    encrypted(path, plain_footer=True)
    profile = profiled(path, tmp_path / "scratch")
    assert profile.named("n").total == sum(range(ROWS))
    assert profile.named("s").unread
    assert "encrypted" in profile.named("s").note


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.parquet", b"a,b\n1,2\n" * 9),
        ("x.arrow", b"PAR1" + bytes(100)),
        ("x.xlsx", b"<html>no workbook</html>"),
        ("x.json", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
    ],
)
def test_files_of_another_kind(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert tried(path, tmp_path / "scratch") is None


@pytest.mark.parametrize("name", WRITERS)
def test_the_reader_of_a_notebook_has_plain_words_too(name: str, tmp_path: Path) -> None:
    """A profile shows the columns that can be read; a table is read as a whole or refused, in words for a person."""
    whole = WRITERS[name](FRAME)
    random = np.random.default_rng(11)
    path = tmp_path / name
    refused: list[OrreryError] = []
    for place in [5, len(whole) // 3, len(whole) - 12, *random.integers(0, len(whole), 5)]:
        data = bytearray(whole)
        data[place : place + 6] = bytes(byte ^ 0xA5 for byte in data[place : place + 6])
        path.write_bytes(data)
        try:
            read_table(SourceIn(kind="file", location=str(path)))
        except OrreryError as problem:
            refused.append(problem)
        profile = tried(path, tmp_path / "scratch")
        notes = " ".join(column.note for column in profile.columns) if profile else ""
        assert not any(word in notes for word in PARSERS), notes
    assert refused or name == "x.csv"
    for problem in refused:
        text = f"{problem.message} {problem.reason}"
        assert all((problem.message, problem.reason, problem.remedy))
        assert not any(word in text for word in (*TECHNICAL, *PARSERS, str(tmp_path))), text


@pytest.mark.parametrize(
    "problem",
    [
        pa.ArrowInvalid("Invalid or corrupted bit_width 254"),
        pl.exceptions.ComputeError("buffer's length is too small in mmap"),
        csv.Error("new-line character seen in unquoted field"),
        python_calamine.CalamineError("XmlError(Unexpected Eof)"),
        zlib.error("Error -3 while decompressing data: invalid block type"),
        struct.error("unpack requires a buffer of 4 bytes"),
    ],
)
def test_what_a_parser_says_reaches_nobody(problem: Exception) -> None:
    for text in (failure(problem).reason, damage.words(problem)):
        assert text
        assert str(problem) not in text
    # What the machine or a database says is for the person.
    assert "timed out" in failure(TimeoutError("timed out")).reason
    assert damage.words(damage.UnreadableError("the file says so")) == "the file says so"
