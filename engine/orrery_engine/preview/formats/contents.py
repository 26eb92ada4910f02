"""What is no table: texts, notebooks, pictures, and bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from orrery_engine.preview.shapes import Cell
from orrery_engine.preview.sparse import SparseFile
from orrery_engine.readers.text import encodings
from orrery_wire.errors import Invalid

HEAD = 256 * 1024
MOST_IMAGE = 32 * 2**20
_MOST_PIXELS = 100_000_000
_MOST_SEGMENTS = 4_000
_OLD_BMP = 12  # bytes of its header
_LOSSLESS_MARK = 0x2F
_MOST_NOTEBOOK = 32 * 2**20
_MOST_CELLS = 2_000
_LONG = 20_000
_HEX_BYTES = 4_096
IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}


def text_of(file: SparseFile) -> tuple[str, str, str]:
    """The beginning of a text, its encoding, and what to say of it."""
    sample = file.read_range(0, HEAD)
    encoding = encodings.detect(sample)
    text = sample[encoding.mark :].decode(encoding.name, "replace")
    note = encoding.note()
    if len(sample) < file.size:
        text = text.rpartition("\n")[0] or text
        note = f"The first {len(sample):,} of {file.size:,} bytes are shown. {note}".strip()
    return text.encode("utf-8", "replace").decode(), encoding.name, note


def hexadecimal(file: SparseFile) -> tuple[str, str]:
    """The first bytes of a file as numbers and signs, and what to say of it."""
    data = file.read_range(0, _HEX_BYTES)
    lines = []
    for begin in range(0, len(data), 16):
        row = data[begin : begin + 16]
        signs = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{begin:08x}  {row.hex(' ', 8):<33}  {signs}")
    note = (
        f"The first {len(data):,} of {file.size:,} bytes are shown."
        if len(data) < file.size
        else ""
    )
    return "\n".join(lines), note


def notebook_of(file: SparseFile) -> tuple[tuple[Cell, ...], list[str]]:
    """The cells of a notebook as texts, and what to say of them. No output is run or drawn.

    Raises:
        Invalid: it is none, or too large.
    """
    if file.size > _MOST_NOTEBOOK:
        raise Invalid(
            "The notebook is too large to be shown", reason=f"It has {file.size:,} bytes."
        )
    try:
        content = json.loads(file.read_range(0, file.size))
        cells = content["cells"]
        if not isinstance(cells, list):
            raise TypeError("no list of cells")
        shown = tuple(map(_cell, cells[:_MOST_CELLS]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Invalid(
            "The notebook cannot be read",
            reason="It is not what a notebook of the fourth format looks like.",
            remedy="Open it as text.",
        ) from problem
    notes = ["Outputs are shown as text."]
    if len(cells) > _MOST_CELLS:
        notes.append(f"The first {_MOST_CELLS:,} of {len(cells):,} cells are shown.")
    return shown, notes


def _cell(raw: Any) -> Cell:
    kind = raw.get("cell_type")
    outputs = raw.get("outputs") or []
    return Cell(
        kind=kind if kind in ("code", "markdown", "raw") else "raw",
        source=_joined(raw.get("source", "")),
        output="\n".join(filter(None, map(_output, outputs[:100])))[:_LONG],
    )


def _joined(text: Any) -> str:
    lines: Sequence[Any] = text if isinstance(text, list) else [text]
    return "".join(map(str, lines))[:_LONG].encode("utf-8", "replace").decode()


def _output(raw: Any) -> str:
    if raw.get("output_type") == "stream":
        return _joined(raw.get("text", ""))
    if raw.get("output_type") == "error":
        return _joined(f"{raw.get('ename')}: {raw.get('evalue')}")
    data = raw.get("data") or {}
    pictures = [name for name in data if str(name).startswith("image/")]
    text = _joined(data.get("text/plain", ""))
    return f"{text}\n({pictures[0]})" if pictures else text


def image_type(begin: bytes) -> str:
    """The media type of a picture by its first bytes; "" for none that is shown."""
    if begin[:4] == b"RIFF" and begin[8:12] == b"WEBP":
        return "image/webp"
    return next((media for mark, media in IMAGES.items() if begin.startswith(mark)), "")


def image_size(file: SparseFile, media: str) -> tuple[int, int]:
    """Width and height of a picture.

    Raises:
        Invalid: it has more pixels than a browser should unpack, or too many bytes, or does not say how large it is.
    """
    if file.size > MOST_IMAGE:
        raise Invalid("The picture is too large to be shown", reason=f"It has {file.size:,} bytes.")
    try:
        width, height = _SIZES[media](file)
    except (struct.error, IndexError):
        width = height = 0
    if not width or not height:
        raise Invalid(
            "The picture cannot be shown",
            reason="Its beginning does not say how large it is: it is damaged, or written in an uncommon way.",
            remedy="Write it again with a program for pictures.",
        )
    if width * height > _MOST_PIXELS:
        raise Invalid(
            "The picture is too large to be shown",
            reason=f"It has {width:,} by {height:,} pixels.",
            remedy="Make it smaller with a program for pictures.",
        )
    return width, height


def _png(file: SparseFile) -> tuple[int, int]:
    width, height = struct.unpack(">II", file.read_range(16, 8))
    return width, height


def _gif(file: SparseFile) -> tuple[int, int]:
    width, height = struct.unpack("<HH", file.read_range(6, 4))
    return width, height


def _bmp(file: SparseFile) -> tuple[int, int]:
    (header,) = struct.unpack("<I", file.read_range(14, 4))
    if header == _OLD_BMP:
        width, height = struct.unpack("<HH", file.read_range(18, 4))
    else:
        width, height = struct.unpack("<ii", file.read_range(18, 8))
    return abs(width), abs(height)


def _webp(file: SparseFile) -> tuple[int, int]:
    data = file.read_range(0, 32)
    kind = data[12:16]
    if kind == b"VP8X":
        return _number(data[24:27]) + 1, _number(data[27:30]) + 1
    if kind == b"VP8L" and data[20] == _LOSSLESS_MARK:
        bits = _number(data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return _number(data[26:28]) & 0x3FFF, _number(data[28:30]) & 0x3FFF
    return 0, 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _jpeg(file: SparseFile) -> tuple[int, int]:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        head = file.read_range(at, 9)
        if head[0] != 0xFF:
            break
        marker = head[1]
        if marker == 0xFF:
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[5:9])
            return width, height
        else:
            at += 2 + max(2, int.from_bytes(head[2:4], "big"))
    return 0, 0


_SIZES: dict[str, Any] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/webp": _webp,
    "image/jpeg": _jpeg,
}
