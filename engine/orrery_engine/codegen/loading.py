"""Code that loads a source, in each dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orrery_engine.formats import ending, format_of
from orrery_engine.quoting import sql_name, sql_table, sql_text
from orrery_engine.schemas import Dialect, SourceIn

Format = Literal["parquet", "csv", "tsv", "json", "ndjson", "arrow", "excel"]

# Endings whose files need other arguments than the rest of their format.
_VARIANTS: dict[str, Format] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}


@dataclass(frozen=True)
class _File:
    """Where it is and how it is written."""

    location: str
    format: Format
    sheet: str
    many: bool

    @property
    def place(self) -> str:
        """The location as a literal."""
        return repr(self.location)


def load(source: SourceIn, dialect: Dialect, frame: str) -> str:
    """A cell that binds the variable to the source; a table of a kernel is there already."""
    if source.kind == "frame":
        return f"{frame}\n"
    if source.kind == "table":
        return _TABLES[dialect](source, frame)
    many = any(sign in source.location for sign in "*?[") or source.location.endswith("/")
    return _FILES[dialect](
        _File(source.location, _format_of(source.location), source.sheet, many), frame
    )


def _format_of(location: str) -> Format:
    """How the file is loaded, by its ending; as Parquet if that stands for nothing."""
    name = location.rstrip("/*")
    return _VARIANTS.get(ending(name)) or format_of(name) or "parquet"


def _pandas_call(file: _File, place: str) -> str:
    calls = {
        "parquet": f"pd.read_parquet({place})",
        "csv": f"pd.read_csv({place})",
        "tsv": f"pd.read_csv({place}, sep='\\t')",
        "json": f"pd.read_json({place})",
        "ndjson": f"pd.read_json({place}, lines=True)",
        "arrow": f"pd.read_feather({place})",
        "excel": f"pd.read_excel({place}{_sheet(file)})",
    }
    return calls[file.format]


def _sheet(file: _File) -> str:
    return f", sheet_name={file.sheet!r}" if file.sheet else ""


def _pandas_value(file: _File) -> tuple[str, str]:
    """Imports, and an expression for a DataFrame of pandas."""
    if not file.many or (file.format == "parquet" and file.location.endswith("/")):
        return "import pandas as pd\n", _pandas_call(file, file.place)
    glob = file.location + "*" if file.location.endswith("/") else file.location
    code = (
        f"pd.concat(\n    ({_pandas_call(file, 'one.open()')} for one in fsspec.open_files({glob!r})),"
        "\n    ignore_index=True,\n)"
    )
    return "import fsspec\nimport pandas as pd\n", code


def _pandas(file: _File, frame: str) -> str:
    imports, value = _pandas_value(file)
    return f"{imports}{frame} = {value}\n"


def _polars(file: _File, frame: str) -> str:
    calls = {
        "parquet": f"pl.read_parquet({file.place})",
        "csv": f"pl.read_csv({file.place}, try_parse_dates=True)",
        "tsv": f"pl.read_csv({file.place}, separator='\\t', try_parse_dates=True)",
        "json": f"pl.read_json({file.place})",
        "ndjson": f"pl.read_ndjson({file.place})",
        "arrow": f"pl.read_ipc({file.place})",
        "excel": f"pl.read_excel({file.place}{_sheet(file)})",
    }
    return f"import polars as pl\n{frame} = {calls[file.format]}\n"


def _arrow(file: _File, frame: str) -> str:
    if file.format in ("json", "excel") or (file.many and not file.location.endswith("/")):
        imports, value = _pandas_value(file)
        table = f"pa.Table.from_pandas({value}, preserve_index=False)"
        return f"{imports}import pyarrow as pa\n{frame} = {table}\n"
    imports = "import pyarrow.dataset as ds\n"
    if file.format in ("csv", "tsv"):
        imports = "import pyarrow.csv as csv\n" + imports
        sign = repr("\t" if file.format == "tsv" else ",")
        kind = (
            f"ds.CsvFileFormat(\n    csv.ParseOptions(delimiter={sign}),\n"
            "    convert_options=csv.ConvertOptions(strings_can_be_null=True),\n)"
        )
    else:
        kind = repr({"ndjson": "json"}.get(file.format, file.format))
    return f"{imports}{frame} = ds.dataset({file.place}, format={kind}).to_table()\n"


def _query(file: _File) -> str:
    """The call in DuckDB's SQL, if it has one."""
    place = sql_text(file.location)
    calls = {
        "parquet": f"read_parquet({place})",
        "csv": f"read_csv({place})",
        "tsv": f"read_csv({place}, delim = '\t')",
        "json": f"read_json({place})",
        "ndjson": f"read_json({place})",
    }
    return calls.get(file.format, "")


def _duckdb(file: _File, frame: str) -> str:
    query = _query(file)
    if query:
        return f"import duckdb\n{frame} = duckdb.sql({f'SELECT * FROM {query}'!r})\n"
    imports, value = _pandas_value(file)
    return f"import duckdb\n{imports}{frame} = duckdb.from_df({value})\n"


def _spark(file: _File, frame: str) -> str:
    calls = {
        "parquet": f"spark.read.parquet({file.place})",
        "csv": f"spark.read.csv({file.place}, header=True, inferSchema=True)",
        "tsv": f"spark.read.csv({file.place}, sep='\\t', header=True, inferSchema=True)",
        "json": f"spark.read.json({file.place}, multiLine=True)",
        "ndjson": f"spark.read.json({file.place})",
    }
    session = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
    if file.format in calls:
        return f"{session}{frame} = {calls[file.format]}\n"
    imports, value = _pandas_value(file)
    return f"{imports}{session}{frame} = spark.createDataFrame({value})\n"


def _sql(file: _File, frame: str) -> str:
    query = _query(file) or f"read_parquet({sql_text(file.location)})"
    return f"CREATE TABLE {sql_name(frame)} AS SELECT * FROM {query}\n"


_FILES: dict[Dialect, Callable[[_File, str], str]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _arrow,
    "duckdb": _duckdb,
    "spark": _spark,
    "sql": _sql,
}


def _engine(source: SourceIn) -> str:
    """The address keeps its names of variables; their values are read where it runs."""
    return (
        "import os\nimport sqlalchemy\n"
        f"engine = sqlalchemy.create_engine(os.path.expandvars({source.location!r}))\n"
    )


def _statement(source: SourceIn) -> str:
    return f"SELECT * FROM {sql_table(source.table)}"


def _read_sql(source: SourceIn) -> str:
    return f"pd.read_sql({_statement(source)!r}, engine)"


_TABLES: dict[Dialect, Callable[[SourceIn, str], str]] = {
    "pandas": lambda source, frame: (
        f"import pandas as pd\n{_engine(source)}{frame} = {_read_sql(source)}\n"
    ),
    "polars": lambda source, frame: (
        f"import polars as pl\n{_engine(source)}"
        f"{frame} = pl.read_database({_statement(source)!r}, engine)\n"
    ),
    "pyarrow": lambda source, frame: (
        f"import pandas as pd\nimport pyarrow as pa\n{_engine(source)}"
        f"{frame} = pa.Table.from_pandas({_read_sql(source)}, preserve_index=False)\n"
    ),
    "duckdb": lambda source, frame: (
        f"import duckdb\nimport pandas as pd\n{_engine(source)}"
        f"{frame} = duckdb.from_df({_read_sql(source)})\n"
    ),
    "spark": lambda source, frame: (
        f"import pandas as pd\nfrom pyspark.sql import SparkSession\n{_engine(source)}"
        "spark = SparkSession.builder.getOrCreate()\n"
        f"{frame} = spark.createDataFrame({_read_sql(source)})\n"
    ),
    "sql": lambda source, frame: f"{_statement(source)}\n",
}
