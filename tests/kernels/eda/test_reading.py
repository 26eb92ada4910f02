"""Options of reading in a line, a command and the SDK."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

from jupyter_orrery import eda as sdk
from orrery_kernels.eda import api, magic
from orrery_kernels.eda.commands import eda
from orrery_kernels.eda.reading import READING_OPTIONS, parse_reading, with_reading
from orrery_kernels.eda.sources import source_of
from orrery_kernels.errors import UsageError
from orrery_wire.errors import OrreryError
from tests.loops import each

# Words of an option, and what they stand for.
WORDS: tuple[tuple[str, str, Any], ...] = (
    ("delimiter", ";", ";"),
    ("delimiter", "tab", "\t"),
    ("delimiter", "\\t", "\t"),
    ("delimiter", "blank", " "),
    ("encoding", "windows-1252", "windows-1252"),
    ("decimal", ",", ","),
    ("decimal", "comma", ","),
    ("thousands", "none", ""),
    ("thousands", "blank", " "),
    ("header", "3", 3),
    ("header", "none", 0),
    ("skip", "2", 2),
    ("comment", "#", "#"),
    ("quote", "none", ""),
    ("escape", "\\", "\\"),
    ("na", "-, ?,missing", ("-", "?", "missing")),
    ("na", "", ()),
    ("sheet", "May 2024", "May 2024"),
    ("day_first", "no", False),
    ("date_order", "YMD", "ymd"),
)
WRONG = (
    ("delimiter", "ab"),
    ("header", "first"),
    ("skip", "-1"),
    ("day_first", "perhaps"),
    ("date_order", "myd"),
    ("quote", "''"),
)


@each("name, words, value", WORDS)
def test_words_of_an_option(name: str, words: str, value: Any) -> None:
    assert parse_reading({name: words}) == {name: value}
    flag = next(option.flag for option in READING_OPTIONS if option.name == name)
    arguments = magic.parse(["a.csv", f"{flag}={words}"])
    assert parse_reading(vars(arguments)) == {name: value}


@each("name, words", WRONG)
def test_words_that_stand_for_nothing_are_refused_by_name(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=name.replace("_", "-")):
        parse_reading({name: words})


def test_options_go_with_the_source() -> None:
    source = with_reading(source_of("a.csv"), {"delimiter": ";", "na": ["-"], "header": None})
    assert source["reading"] == {"delimiter": ";", "na": ["-"]}
    assert with_reading(source_of("a.xlsx"), {"sheet": "May"})["sheet"] == "May"
    assert with_reading(source_of("a.csv"), {})["reading"] is None
    with pytest.raises(UsageError, match="list"):
        with_reading(source_of("a.csv"), {"na": "-"})


def test_a_dataframe_takes_no_options() -> None:
    with pytest.raises(UsageError, match="delimiter"):
        api.run(
            api.RunRequest("profile", pd.DataFrame({"a": [1]}), reading={"delimiter": ";"}),
            alone=True,
        )


ODD = "made by hand\nname~v\nJosé~1,5\n~2,25\n-~3\n"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "odd.txt"
    path.write_bytes(ODD.encode("windows-1252"))
    return path


def test_a_command_reads_as_it_is_told(odd: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    options = ["--delimiter", "~", "--encoding", "windows-1252", "--decimal", "comma"]
    options += ["--skip", "1", "--header", "1", "--na", "-", "--alone"]
    result = CliRunner().invoke(eda, [str(odd), *options, "-o", str(out)])
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text(encoding="utf-8"))
    columns = {column["name"]: column for column in report["columns"]}
    assert columns["v"]["mean"] == 2.25
    assert columns["name"]["missing"] == 2
    assert columns["name"]["top"][0]["value"] == "José"
    assert report["result"]["run"]["source"]["reading"]["delimiter"] == "~"
    assert report["result"]["overview"]["reading"]["encoding"] == "cp1252"


def test_a_command_names_an_option_without_effect(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}]', encoding="utf-8")
    result = CliRunner().invoke(eda, [str(path), "--delimiter", ";", "--alone"])
    assert result.exit_code == 2
    assert "delimiter" in result.output
    result = CliRunner().invoke(eda, [str(path), "--header", "x", "--alone"])
    assert result.exit_code == 2
    assert "--header" in result.output


def test_what_was_assumed_is_said_in_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name,v\nJosé,1\nMüller,2\n".encode("latin-1"))
    result = CliRunner().invoke(eda, [str(path), "--alone"])
    assert result.exit_code == 0, result.output
    assert "Note: The file is no valid UTF-8; it was read as Windows-1252." in result.output


def test_the_reference_takes_the_options_that_it_has(odd: Path, tmp_path: Path) -> None:
    other = tmp_path / "before.parquet"
    pd.DataFrame({"name": ["a"], "v": [1.5]}).to_parquet(other)
    result = sdk.compare(
        str(other), str(odd), delimiter="~", encoding="latin-1", decimal=",", skip=1
    )
    assert {drift["name"] for drift in result.drifts} == {"name", "v"}


@pytest.mark.filterwarnings("ignore:The file is no valid UTF-8")
def test_the_sdk_reads_as_a_profile_does(odd: Path, tmp_path: Path) -> None:
    reading: dict[str, Any] = {
        "delimiter": "~",
        "decimal": ",",
        "skip": 1,
        "header": 1,
        "na": ["-"],
    }
    frame = sdk.read(odd, **reading)
    assert list(frame.columns) == ["name", "v"]
    assert frame["v"].tolist() == [1.5, 2.25, 3.0]
    assert frame["name"].isna().sum() == 2
    assert isinstance(sdk.read(odd, dialect="pyarrow", **reading), pa.Table)
    assert sdk.read(odd, dialect="polars", **reading)["v"].sum() == 6.75
    assert sdk.read(odd, dialect="duckdb", **reading).fetchall()[0] == ("José", 1.5)
    with pytest.raises(OrreryError, match="dataframe"):
        sdk.read(odd, dialect="spark")
    with pytest.raises(OrreryError, match="not read so"):
        sdk.read("lake://a.csv")


def test_whole_numbers_stay_whole_beside_missing_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,yes\n1,true\n,\n9007199254740993,false\n", encoding="utf-8")
    frame = sdk.read(path)
    assert str(frame["n"].dtype) == "Int64"
    assert str(frame["yes"].dtype) == "boolean"
    assert frame["n"].iloc[2] == 9007199254740993
