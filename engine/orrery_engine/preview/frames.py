"""Messages between a worker and the process that started it: a JSON object and bytes, each with its length before it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

HEADER = struct.Struct("!II")
MAX_JSON = 64 * 2**20
MAX_BLOB = 512 * 2**20


class FrameError(ConnectionError):
    """What came is no message."""


def pack(message: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> list[bytes]:
    """The pieces of a message; the lengths of its ``blobs`` stand in it."""
    text = json.dumps({**message, "blobs": [len(blob) for blob in blobs]}).encode()
    return [HEADER.pack(len(text), sum(map(len, blobs))), text, *blobs]


def lengths(header: bytes) -> tuple[int, int]:
    """How many bytes of JSON and of blobs follow.

    Raises:
        FrameError: more than any message has.
    """
    text, blob = HEADER.unpack(header)
    if text > MAX_JSON or blob > MAX_BLOB:
        raise FrameError("a message is too long")
    return text, blob


def unpack(text: bytes, blob: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """The message and its blobs."""
    message = json.loads(text)
    if not isinstance(message, dict):
        raise FrameError("a message is no object")
    view = memoryview(blob)
    blobs = []
    begin = 0
    for length in message.pop("blobs", []):
        blobs.append(view[begin : begin + length])
        begin += length
    return message, blobs


def receive(read: Callable[[int], bytes]) -> tuple[dict[str, Any], list[memoryview]] | None:
    """The next message of a blocking stream; none at its end."""
    header = read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    text, blob = lengths(header)
    return unpack(read(text), read(blob) if blob else b"")
