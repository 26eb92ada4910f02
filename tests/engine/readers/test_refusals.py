"""What is refused is called what it is, with what to do."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from orrery_wire.errors import Invalid
from tests.engine.readers.test_excel import read as read_workbook
from tests.engine.readers.test_reading_kinds import read
from tests.engine.readers.test_workbook_copies import sheet_of_open_document


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt"])
def test_workbooks_under_the_name_of_texts(name: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    if ending == "ods":
        sheet_of_open_document(path, "a", "b")
    else:
        book = openpyxl.Workbook()
        book.active.append(["a", "b"])
        book.save(path)
    with pytest.raises(Invalid, match=r"(?s)is a workbook or another document.*\.xlsx or \.ods"):
        read(tmp_path / name, path.read_bytes())


@pytest.mark.parametrize("name", ["x.xls", "x.xlsx", "x.ods"])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook></Workbook>', "web page"),
        ("\ufeff<html></html>".encode("utf-16-le"), "web page"),
        (b"a\tb\n1\t2\n", "It is text under"),
        (b"id;v\n1;2\n", "It is text under"),
        ("\ufeffid\tv\n1\t2\n".encode("utf-16-le"), "It is text under"),
        (b"PK\x03\x04damaged", "It is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1short", "It is damaged"),
        (b"\x00\x01\x02\x03", "It is damaged"),
        (b"", "It is damaged"),
    ],
)
def test_others_under_the_name_of_workbooks(
    data: bytes, what: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Invalid, match=what):
        read_workbook(path)


@pytest.mark.parametrize("ending", ["arrow", "parquet"])
def test_types_that_are_not_read_are_no_damage(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    frame = pl.DataFrame({"a": pl.Series([1, 2**100], dtype=pl.Int128), "b": [1, 2]})
    frame.write_ipc(path) if ending == "arrow" else frame.write_parquet(path)
    with pytest.raises(Invalid, match="whole numbers of 128 bits") as told:
        read(path)
    assert "damaged" not in str(told.value)


def test_open_documents_with_commas_in_seconds(tmp_path: Path) -> None:
    for text, seconds in (("00H00M01,5S", 1.5), ("00H01M00.25S", 60.25), ("01H00M00S", 3600)):
        path = tmp_path / "x.ods"
        sheet_of_open_document(path, "first", "second")
        with zipfile.ZipFile(path) as packed:
            parts = {name: packed.read(name).decode() for name in packed.namelist()}
        for word, own in (("first", text), ("second", "00H00M02S")):
            plain = f'<table:table-cell office:value-type="string"><text:p>{word}</text:p>'
            timed = f'<table:table-cell office:value-type="time" office:time-value="PT{own}"><text:p>{word}</text:p>'
            assert plain in parts["content.xml"]
            parts["content.xml"] = parts["content.xml"].replace(plain, timed)
        with zipfile.ZipFile(path, "w") as packed:
            for name, part in parts.items():
                packed.writestr(name, part)
        values = read_workbook(path).column(1).to_list()
        assert [length(own) for own in values] == [
            timedelta(seconds=seconds),
            timedelta(seconds=2),
        ], text


def length(item: time | timedelta) -> timedelta:
    """A time of the day as the length since its beginning."""
    if isinstance(item, time):
        return datetime.combine(date.min, item) - datetime.min
    return item
