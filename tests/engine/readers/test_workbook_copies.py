"""What the reader of workbooks passes over or refuses is read as the programs that wrote it show it."""

from __future__ import annotations

import struct
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlwt

from orrery_engine.readers import old_workbooks, workbook_copies
from tests.engine.readers.test_excel import PEOPLE, book, read, rewrite, rows

DAY = date(2023, 3, 15)  # the number 45000


def old_book(path: Path, code: str) -> Path:
    """An .xls file whose column "v" has a format of its own."""
    work = xlwt.Workbook()
    sheet = work.add_sheet("S")
    style = xlwt.XFStyle()
    style.num_format_str = code
    for place, name in enumerate(("n", "v")):
        sheet.write(0, place, name)
    for place in range(3):
        sheet.write(place + 1, 0, place)
        sheet.write(place + 1, 1, 45000 + place, style)
    work.save(str(path))
    return path


def numbered(path: Path, number: int) -> Path:
    """The same file with its own format under another number."""
    data = path.read_bytes()
    with path.open("rb") as file:
        places, formats = old_workbooks._read(old_workbooks._Compound(file))
    own = max(formats.codes)
    changed = bytearray(data)
    for used, place in formats.uses:
        if used == own:
            at = places.of(place)
            changed[at : at + 2] = struct.pack("<H", number)
    code = struct.pack("<HH", 0x041E, len(formats.codes[own]) + 5) + struct.pack("<H", own)
    at = bytes(changed).index(code)
    changed[at + 4 : at + 6] = struct.pack("<H", number)
    path.write_bytes(bytes(changed))
    return path


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("000000000000", ["000000045000", "000000045001", "000000045002"]),
        ("0000", [45000, 45001, 45002]),
        ("#,##0;[Red]-#,##0", [45000, 45001, 45002]),
        ('0.00" days"', [45000, 45001, 45002]),
        ("dd/mm/yyyy", [DAY + timedelta(days=place) for place in range(3)]),
        ("[h]:mm", [timedelta(days=45000 + place) for place in range(3)]),
    ],
)
def test_a_format_is_what_the_workbook_defines(
    code: str, values: list[Any], tmp_path: Path
) -> None:
    for number in (14, 22, 27, 46, 50, 58, 100, 164, 200, 383, 1_000):
        path = old_book(tmp_path / "x.xls", code)
        table = read(numbered(path, number))
        assert [row[1] for row in rows(table)] == values, number
        assert (table.names, table.rows) == (("n", "v"), 3)


def test_a_format_is_of_a_kind_by_its_first_part() -> None:
    numbers = (
        "General",
        "0",
        '0.00"m"',
        "[Red]0",
        "#,##0\\d",
        "_d0",
        "*y0",
        "0;yyyy",
        "",
        "[$-409]0",
    )
    times = ("d", "yyyy-mm-dd", "[$-409]mmm", "h:mm AM/PM", "[Red]ss.0")
    lengths = ("[h]", "[mm]:ss", "[SS].00", "[Blue][h]:mm;0")
    for kind, codes in ((1, numbers), (14, times), (46, lengths)):
        assert {code: old_workbooks.kind(code)[0] for code in codes} == dict.fromkeys(codes, kind)


def in_small_parts(path: Path) -> Path:
    """The same workbook as a compound file whose stream lies in parts of 64 bytes."""
    with path.open("rb") as file:
        parts = old_workbooks._Compound(file).parts(("Workbook",))
        stream = b"".join(part for _, part in parts).rstrip(b"\0") + b"\0" * 3
    count = -(-len(stream) // 64)
    holders = -(-count // 8)
    free, end = 0xFFFFFFFF, 0xFFFFFFFE

    def table(*numbers: int) -> bytes:
        return struct.pack("<128I", *numbers, *[free] * (128 - len(numbers)))

    def entry(name: str, sort: int, child: int, begin: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0" if name else b""
        facts = struct.pack("<HBBIII", len(text), sort, 1, free, free, child)
        return text.ljust(64, b"\0") + facts + b"\0" * 36 + struct.pack("<III", begin, size, 0)

    head = old_workbooks._MAGIC + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    head += b"\0" * 6 + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4_096, 2, 1, end, 0)
    head += struct.pack("<109I", 0, *[free] * 108)
    sectors = [
        table(0xFFFFFFFD, end, end, *range(4, 3 + holders), end),
        entry("Root Entry", 5, 1, 3, count * 64)
        + entry("Workbook", 2, free, 0, len(stream))
        + entry("", 0, free, 0, 0) * 2,
        table(*range(1, count), end),
    ]
    path.write_bytes(head + b"".join(sectors) + stream.ljust(holders * 512, b"\0"))
    return path


def test_small_old_workbooks_are_read_alike(tmp_path: Path) -> None:
    path = in_small_parts(numbered(old_book(tmp_path / "x.xls", "0000"), 50))
    assert [row[1] for row in rows(read(path))] == [45000, 45001, 45002]


def test_damaged_old_workbooks_are_left_to_the_reader(tmp_path: Path) -> None:
    path = numbered(old_book(tmp_path / "x.xls", "0000"), 50)
    data = path.read_bytes()
    assert old_workbooks.mended(path) is not None
    for place in (0, 30, 44, 48, 56, 60, 68, 76, 512, len(data) - 512):
        for filler in (b"\xff" * 4, b"\0" * 4, b"\xfe\xff\xff\x7f"):
            path.write_bytes(data[:place] + filler + data[place + 4 :])
            old_workbooks.mended(path)
    for length in (0, 7, 511, 512, 1_024, len(data) // 2):
        path.write_bytes(data[:length])
        assert old_workbooks.mended(path) is None or length > 1_024


def sheet_of_open_document(path: Path, *cells: str) -> Path:
    """An .ods file of one column named "v"."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    lines = "".join(
        '<table:table-row><table:table-cell office:value-type="float" office:value="1"/>'
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        "</table:table-row>"
        for cell in cells
    )
    head = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        for name in ("n", "v")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", kind)
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        packed.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="S"><table:table-row>{head}</table:table-row>{lines}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_tabs_and_line_ends_of_open_documents_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {
        "a<text:tab/>b": "a\tb",
        'a<text:tab text:tab-ref="2"/>b<text:tab></text:tab>c': "a\tb\tc",
        "a<text:line-break/>b": "a\nb",
        'x<text:s text:c="3"/>y': "x   y",
        "<text:span>a<text:tab/></text:span>b": "a\tb",
        "plain &lt;text:tab/&gt;": "plain <text:tab/>",
    }
    for chunk in (4 * 2**20, 16, 61):
        monkeypatch.setattr(workbook_copies, "_CHUNK", chunk)
        table = read(sheet_of_open_document(tmp_path / "x.ods", *cells))
        assert [row[1] for row in rows(table)] == [*cells.values()], chunk
    assert workbook_copies.mended(sheet_of_open_document(tmp_path / "y.ods", "a", "b")) is None


@pytest.mark.parametrize("ref", ["1:3", "A:B", "", "$A$1:$B$3", "Sheet!A1:B3", "A1:"])
def test_a_range_of_a_sheet_in_any_words_is_passed_over(ref: str, tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", Data=PEOPLE, More=PEOPLE)
    for old, new in ((b'ref="A1:B3"', f'ref="{ref}"'.encode()), (b'ref="', b'other="x" ref="')):
        rewrite(path, lambda part, old=old, new=new: part.replace(old, new, 1))
        table = read(path, "Data")
        assert rows(table) == [(1, "Ada"), (2, "Bo")]
    assert rows(read(path)) == [(1, "Ada"), (2, "Bo")]
    assert workbook_copies.mended(book(tmp_path / "y.xlsx", Data=PEOPLE)) is None
