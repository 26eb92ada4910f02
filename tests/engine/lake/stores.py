"""Stores of each kind with the same content."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from orrery_engine.lake.opening import Store, open_store
from orrery_engine.lake.spec import Credentials, StoreSpec

KEYS = Credentials({"access_key_id": "tests", "secret_access_key": "of-the-tests"})


@dataclass
class Place:
    """A store and a way to put content into it that is not ours."""

    spec: StoreSpec
    credentials: Credentials
    client: Any = None

    def open(self, **changes: Any) -> Store:
        """The store, with other facts where they are given."""
        from dataclasses import replace

        return open_store(replace(self.spec, **changes), self.credentials)

    def put(self, content: Mapping[str, bytes]) -> None:
        """Store files by path."""
        for path, value in content.items():
            if self.client is None:
                file = Path(self.spec.bucket, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(value)
            else:
                self.client.put_object(Bucket=self.spec.bucket, Key=path, Body=value)


def local_place(folder: Path) -> Place:
    """A folder of this machine."""
    return Place(StoreSpec("local", str(folder)), Credentials())


def s3_place(endpoint: str, bucket: str) -> Place:
    """A new bucket of a server that speaks S3."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key_id"],
        aws_secret_access_key=KEYS["secret_access_key"],
    )
    client.create_bucket(Bucket=bucket)
    return Place(StoreSpec("s3", bucket, endpoint=endpoint, region="us-east-1"), KEYS, client)


def paths(store: Store, folder: str = "", **more: Any) -> list[str]:
    """The paths of all pages of a folder; a folder's with a slash at its end."""

    async def walk() -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            page = await store.page(folder, token=token, **more)
            found += [
                f"{entry.path}/" if entry.kind == "folder" else entry.path for entry in page.entries
            ]
            token = page.next
            if not token:
                return found

    return asyncio.run(walk())
