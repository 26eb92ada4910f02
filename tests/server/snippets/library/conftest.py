"""The sample project's lake, an S3 bucket and the runs of the shipped snippets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.snippets.library.processes import FRAMEWORKS, MLFLOW, finish, snippets, start


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data sets of scikit-learn as the sample project has them."""
    from sklearn import datasets

    folder = tmp_path_factory.mktemp("project") / "lake"
    folder.mkdir()
    for name in ("wine", "breast_cancer", "diabetes", "digits", "iris"):
        data = getattr(datasets, f"load_{name}")(as_frame=True)
        frame = data.frame.rename(columns=lambda column: re.sub(r"\W+", "_", column).strip("_"))
        if hasattr(data, "target_names") and name != "digits":
            frame["target_name"] = [str(data.target_names[n]) for n in frame["target"]]
        elif name == "digits":
            frame["target_name"] = frame["target"].astype(str)
        frame.to_csv(folder / f"{name}.csv", index=False)
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


@pytest.fixture(scope="session")
def s3(lake: Path) -> Iterator[dict[str, str]]:
    """A local S3 with the lake's wine in the bucket ``lake``; what it gives goes into the environment."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    settings = {
        **keys,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    client = boto3.client(
        "s3",
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="lake")
    for kind in ("csv", "parquet"):
        client.upload_file(str(lake / f"wine.{kind}"), "lake", f"wine.{kind}")
    client.close()
    yield settings
    server.stop()


@pytest.fixture(scope="session")
def runs(
    lake: Path, s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What became of every snippet that needs no further framework; two processes at a time."""
    base = tmp_path_factory.mktemp("runs")
    listed = {name: entry["file"] for name, entry in snippets().items()}
    store = [name for name, file in listed.items() if file in MLFLOW]
    rest = [name for name, file in listed.items() if file not in (*MLFLOW, *FRAMEWORKS)]
    started = [start(store, lake, base / "store", s3), start(rest, lake, base / "rest", s3)]
    return {
        name: run for process, report in started for name, run in finish(process, report).items()
    }
