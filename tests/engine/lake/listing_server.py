"""A server that answers ListObjectsV2 in parts of any size, and every failure that a test wants."""

from __future__ import annotations

import asyncio
import bisect
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape


@dataclass
class ListingServer:
    """Keys of one bucket. ``part`` is how many entries it gives at once; ``delay`` is in seconds.

    ``fail`` is asked first: what it gives is the answer instead of a list.
    """

    keys: Sequence[bytes]
    part: int = 1000
    delay: float = 0.0
    fail: Callable[[dict[str, str]], tuple[int, bytes] | None] = lambda _: None
    requests: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> ListingServer:
        ready = threading.Event()

        async def serve() -> None:
            self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
            server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ready.set()
            async with server:
                await self._end.wait()
                for writer in list(self._writers):
                    writer.transport.abort()

        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                target = head.split(b" ", 2)[1].decode()
                query = dict(parse_qsl(target.partition("?")[2], keep_blank_values=True))
                self.requests.append(query)
                if self.delay:
                    await asyncio.sleep(self.delay)
                status, body = self.fail(query) or (200, self._part(query))
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n"
                    % (status, len(body))
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _part(self, query: dict[str, str]) -> bytes:
        prefix = query.get("prefix", "").encode()
        after = (query.get("continuation-token") or query.get("start-after") or "").encode()
        delimiter = query.get("delimiter", "").encode()
        size = min(int(query.get("max-keys", "1000")), self.part)
        position = max(bisect.bisect_left(self.keys, prefix), bisect.bisect_right(self.keys, after))
        files: list[bytes] = []
        folders: list[bytes] = []
        last = b""
        while position < len(self.keys) and self.keys[position].startswith(prefix):
            if len(files) + len(folders) == size:
                return _document(query, files, folders, last)
            key = self.keys[position]
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                files.append(key)
                last = key
                position += 1
                continue
            folder = key[: cut + 1]
            # Where a list goes on in the middle of a folder, S3 gives the folder again.
            folders.append(folder)
            last = folder + b"\xf4\x8f\xbf\xbf"
            position = bisect.bisect_left(self.keys, last)
        return _document(query, files, folders, b"")


def _document(
    query: dict[str, str], files: list[bytes], folders: list[bytes], last: bytes
) -> bytes:
    more = f"<NextContinuationToken>{escape(last.decode())}</NextContinuationToken>" if last else ""
    parts = [
        f"<Contents><Key>{escape(key.decode())}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f'<ETag>"{len(key):032x}"</ETag><Size>{len(key)}</Size></Contents>'
        for key in files
    ]
    parts += [
        f"<CommonPrefixes><Prefix>{escape(key.decode())}</Prefix></CommonPrefixes>"
        for key in folders
    ]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
        f"<Prefix>{escape(query.get('prefix', ''))}</Prefix><KeyCount>{len(parts)}</KeyCount>"
        f"<MaxKeys>1000</MaxKeys><IsTruncated>{str(bool(last)).lower()}</IsTruncated>{more}"
    )
    return (head + "".join(parts) + "</ListBucketResult>").encode()
