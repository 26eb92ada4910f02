"""What a store is opened from: where it is, and apart from that what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

StoreKind = Literal["s3", "gs", "abfs", "http", "local"]


@dataclass(frozen=True)
class StoreSpec:
    """Where a store is; nothing in it is secret.

    Attributes:
        bucket: the bucket or container; of `http` the base address, of `local` the absolute folder.
        root: the folder inside of it that is the store's root.
        endpoint: the address of the service; empty for the provider's own.
        account: the storage account, for `abfs`.
        is_virtual_hosted: whether the bucket is part of the host's name.
    """

    kind: StoreKind
    bucket: str
    root: str = ""
    endpoint: str = ""
    region: str = ""
    account: str = ""
    is_virtual_hosted: bool = False
    is_read_only: bool = False


@dataclass(frozen=True)
class Credentials:
    """What opens a store. Its values appear in no representation.

    Attributes:
        values: by the field's name: `access_key_id`, `secret_access_key`, `session_token` for `s3`; `service_account`
            (JSON) or `token` for `gs`; `account_key` or `sas_token` for `abfs`.
        is_ambient: whether the identity of this machine or pod opens it; it is sent to the host of the store.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_ambient: bool = False

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")
