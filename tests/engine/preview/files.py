"""Small files of each format with the same rows."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from datetime import date, datetime
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq

ROWS = 1_000


def table(rows: int = ROWS) -> pa.Table:
    """Columns of several types."""
    return pa.table(
        {
            "id": pa.array(range(rows), pa.int64()),
            "name": pa.array([f"n{number % 7}" for number in range(rows)]),
            "amount": pa.array(
                [None if number % 10 == 0 else number / 4 for number in range(rows)]
            ),
            "day": pa.array([date(2026, 1, 1 + number % 28) for number in range(rows)]),
            "at": pa.array([datetime(2026, 1, 1, number % 24) for number in range(rows)]),
        }
    )


def parquet(data: pa.Table, **more: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(data, sink, **more)
    return sink.getvalue()


def arrow(data: pa.Table, *, is_stream: bool = False) -> bytes:
    sink = io.BytesIO()
    make = pa.ipc.new_stream if is_stream else pa.ipc.new_file
    with make(sink, data.schema) as writer:
        writer.write_table(data, max_chunksize=300)
    return sink.getvalue()


def orc_file(data: pa.Table) -> bytes:
    sink = io.BytesIO()
    orc.write_table(data, sink)
    return sink.getvalue()


def csv(data: pa.Table, delimiter: str = ",") -> bytes:
    lines = [delimiter.join(data.column_names)]
    lines += [
        delimiter.join("" if value is None else str(value) for value in row.values())
        for row in data.to_pylist()
    ]
    return ("\n".join(lines) + "\n").encode()


def records(data: pa.Table) -> list[dict[str, Any]]:
    return [
        {
            key: value if isinstance(value, int | float | None) else str(value)
            for key, value in row.items()
        }
        for row in data.to_pylist()
    ]


def ndjson(data: pa.Table) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in records(data)).encode()


def avro(data: pa.Table) -> bytes:
    sink = io.BytesIO()
    schema = {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "name", "type": "string"},
            {"name": "amount", "type": ["null", "double"]},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        ],
    }
    fastavro.writer(sink, fastavro.parse_schema(schema), data.to_pylist(), codec="deflate")
    return sink.getvalue()


def excel(data: pa.Table) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(data.column_names)
    for row in data.to_pylist():
        sheet.append(list(row.values()))
    book.create_sheet("Other").append(["a", "b"])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


def all_files(data: pa.Table) -> dict[str, bytes]:
    """A file of each format, by name."""
    text = csv(data)
    return {
        "a.parquet": parquet(data, row_group_size=400),
        "a.arrow": arrow(data),
        "a.arrows": arrow(data, is_stream=True),
        "a.feather": arrow(data),
        "a.orc": orc_file(data),
        "a.avro": avro(data),
        "a.csv": text,
        "a.tsv": csv(data, "\t"),
        "a.csv.gz": gzip.compress(text),
        "a.csv.bz2": bz2.compress(text),
        "a.csv.xz": lzma.compress(text),
        "a.csv.zst": pa.Codec("zstd").compress(text, asbytes=True),
        "a.csv.zip": zipped("a.csv", text),
        "a.jsonl": ndjson(data),
        "a.json": json.dumps(records(data)).encode(),
        "a.xlsx": excel(data),
    }
