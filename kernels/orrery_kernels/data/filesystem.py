"""A filesystem of fsspec over the lab's server."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from orrery_kernels.data.service import UPLOAD_BYTES, iter_entries, read, upload
from orrery_kernels.errors import UsageError
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.types.data import DataCalls, Entry

if TYPE_CHECKING:
    from orrery_kernels.data.connection import DataConnection

_BLOCK_BYTES = 4 * 2**20


class OrreryFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of one connection. Paths begin at its top."""

    protocol = "orrery"
    root_marker = ""
    # Two connections are two filesystems.
    cachable = False

    def __init__(self, connection: DataConnection, **options: Any) -> None:
        super().__init__(**options)
        self.connection = connection
        self.calls = DataCalls(connection.client)

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """What is in a folder; of a file, the file itself."""
        inner = self._inner(path)
        try:
            entries = [
                _info(entry)
                for entry in iter_entries(self.connection.client, self.connection.id, inner)
                if not entry["problem"]
            ]
        except NotFound:
            raise FileNotFoundError(path) from None
        except OSError:
            raise
        if not entries and inner:
            info = self.info(inner)
            entries = [info] if info["type"] == "file" else []
        return entries if detail else [entry["name"] for entry in entries]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size, kind and time of a file or folder."""
        inner = self._inner(path)
        if not inner:
            return {"name": "", "size": 0, "type": "directory"}
        try:
            answer = self.calls.entry({"location": self.connection.id, "path": inner})
        except NotFound:
            raise FileNotFoundError(path) from None
        return _info(answer["entry"])

    def modified(self, path: str) -> datetime:
        """When a file was changed."""
        changed = self.info(path)["modified"]
        if changed is None:
            raise NotImplementedError("this store does not say when a file was changed")
        return datetime.fromisoformat(changed)

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **_: Any
    ) -> bytes:
        """Bytes of a file from one place to another; negative places count from its end."""
        info = self.info(path)
        if info["type"] != "file":
            raise (
                FileNotFoundError(path) if info["type"] != "directory" else IsADirectoryError(path)
            )
        size: int = info["size"]
        first, last, _step = slice(start, end).indices(size)
        return self.read_range(info["name"], first, max(0, last - first), info["etag"])

    def read_range(self, path: str, start: int, length: int, etag: str = "") -> bytes:
        """Bytes of a file of which the size is known."""
        return read(self.connection.client, self.connection.id, path, start, length, etag)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Store a file: whole, or not at all."""
        try:
            upload(
                self.connection.client,
                self.connection.id,
                self._inner(path),
                bytes(value),
                replace=mode != "create",
            )
        except Conflict as problem:
            raise FileExistsError(path) from problem

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Make an empty folder."""
        inner = self._inner(path)
        if not inner:
            return
        if self.exists(inner):
            raise FileExistsError(path)
        self.calls.make_folder({"location": self.connection.id, "path": inner})

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Make a folder with all above it."""
        inner = self._inner(path)
        if inner and self.exists(inner):
            if not exist_ok:
                raise FileExistsError(path)
            return
        self.mkdir(path)

    def rm(
        self, path: str | list[str], recursive: bool = False, maxdepth: int | None = None
    ) -> None:
        """Delete files for good; folders only with ``recursive``."""
        paths = [path] if isinstance(path, str) else path
        inner = [self._inner(item) for item in paths]
        for item in inner:
            if self.info(item)["type"] == "directory" and not recursive:
                raise IsADirectoryError(item)
        self.calls.delete_files({"location": self.connection.id, "paths": inner, "is_final": True})

    def rm_file(self, path: str) -> None:
        """Delete a file for good."""
        self.rm(path)

    def rmdir(self, path: str) -> None:
        """Delete an empty folder."""
        if self.ls(path):
            raise OSError(f"{path} is not empty")
        self.rm(path, recursive=True)

    def _rm(self, path: str) -> None:
        self.rm(path)

    def cp_file(self, path1: str, path2: str, **_: Any) -> None:
        """Copy a file through this process."""
        if self.isdir(path1):
            self.makedirs(path2, exist_ok=True)
            return
        self.pipe_file(path2, self.cat_file(path1))

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        **options: Any,
    ) -> OrreryFile:
        return OrreryFile(
            self,
            self._inner(path),
            mode,
            block_size=block_size or _BLOCK_BYTES,
            autocommit=autocommit,
            cache_options=cache_options,
            **options,
        )

    def _inner(self, path: str) -> str:
        return str(self._strip_protocol(path)).strip("/")


class OrreryFile(AbstractBufferedFile):  # type: ignore[misc]
    """A file that is read by ranges, all of one version, and written as a whole when it is closed."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        etag = self.details["etag"]
        content: bytes = self.fs.read_range(self.path, start, end - start, etag)
        return content

    def _initiate_upload(self) -> None:
        self._content = bytearray()

    def _upload_chunk(self, final: bool = False) -> bool:
        self.buffer.seek(0)
        self._content += self.buffer.read()
        if len(self._content) > UPLOAD_BYTES:
            raise UsageError(
                f"{self.path} grows beyond what can be written at once",
                reason=f"The limit is {UPLOAD_BYTES:,} bytes.",
                remedy="Write it in several files.",
            )
        if final and self.autocommit:
            self.commit()
        return True

    def commit(self) -> None:
        """Store what was written."""
        self.fs.pipe_file(self.path, bytes(self._content))

    def discard(self) -> None:
        """Forget what was written."""
        self._content = bytearray()


def _info(entry: Entry) -> dict[str, Any]:
    is_file = entry["kind"] == "file"
    return {
        "name": entry["path"],
        "size": entry["size"] if is_file else 0,
        "type": "file" if is_file else "directory",
        "modified": entry["modified"],
        "etag": entry["etag"],
    }
