"""How much is read: two round trips for Parquet of any size, one for text."""

from __future__ import annotations

import uuid

import numpy as np
import pyarrow as pa

from tests.engine.lake.stores import Place, s3_place
from tests.engine.preview import files
from tests.engine.preview.conftest import Previews


def test_the_first_rows_take_two_round_trips_or_one(s3_server: str, previews: Previews) -> None:
    place: Place = s3_place(s3_server, f"r-{uuid.uuid4().hex[:12]}")
    rng = np.random.default_rng(1)
    small, large = (
        pa.table(
            {f"f{number}": rng.random(rows) for number in range(6)}
            | {
                "k": rng.integers(0, 50, rows),
                "t": np.char.add("v", rng.integers(0, 30_000, rows).astype(str)),
            }
        )
        for rows in (60_000, 600_000)
    )
    for data, name in ((small, "small"), (large, "large")):
        place.put({f"{name}.parquet": files.parquet(data, row_group_size=300_000)})
    shown = {name: previews(place, f"{name}.parquet", limit=100) for name in ("small", "large")}
    for name, preview in shown.items():
        assert preview.row_count == 100
        assert preview.transfer.round_trips == 2, (name, preview.transfer)
        assert preview.transfer.bytes < 8 * 2**20, preview.transfer
    assert (shown["large"].total, shown["small"].total) == (600_000, 60_000)
    text = b"id,name\n" + b"".join(b"%d,abcdefghij\n" % number for number in range(400_000))
    place.put({"a.csv": text, "b.jsonl": b'{"a": 1}\n' * 300_000})
    for name in ("a.csv", "b.jsonl"):
        preview = previews(place, name, limit=100)
        assert (preview.row_count, preview.transfer.round_trips) == (100, 1), (
            name,
            preview.transfer,
        )
        assert preview.transfer.bytes <= 256 * 1024


def test_what_is_here_already_is_not_read_again(s3_server: str, previews: Previews) -> None:
    place = s3_place(s3_server, f"r-{uuid.uuid4().hex[:12]}")
    place.put({"a.parquet": files.parquet(files.table(20_000), row_group_size=5_000)})
    shown = previews(place, "a.parquet", limit=100)
    again = previews(place, "a.parquet", limit=100, etag=shown.etag)
    assert again.rows == shown.rows
    assert again.transfer.round_trips == 0
    # Groups whose statistics say that nothing of them matches are not read.
    found = previews(
        place,
        "a.parquet",
        etag=shown.etag,
        filters=[{"column": 0, "operator": "ge", "value": 19_990}],
    )
    assert found.row_count == 10
    assert found.transfer.bytes < 100_000
