"""Code that loads a source, in each dialect; ``offer`` chooses what was run on the source and gives what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from orrery_engine import url_secrets
from orrery_engine.codegen import load_files, load_text
from orrery_engine.codegen.facts import Facts
from orrery_engine.quoting import sql_name, sql_table
from orrery_engine.reader_options import chosen_options
from orrery_engine.schemas import ColumnType, Dialect, SourceIn
from orrery_wire.errors import Invalid

_TITLES: Mapping[Dialect, str] = {
    "duckdb": "DuckDB",
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "spark": "Spark",
    "sql": "SQL",
}
# Values of folders are texts to DuckDB if one of them begins with a zero.
_CASTS: Mapping[ColumnType, str] = {"date": "DATE", "integer": "BIGINT"}
_SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
_UNPROVEN = "# Not run beforehand: Spark is not there where Orrery profiles.\n"


def load_file(facts: Facts, dialect: Dialect, frame: str) -> str:
    """A cell that binds the variable to a file's table; empty if the dialect has no way to read it."""
    return _WRITERS[dialect](facts, frame)


def _value(facts: Facts, dialect: Dialect) -> tuple[str, str]:
    """Imports, and an expression for the table."""
    if facts.format == "csv":
        return load_text.EXPRESSIONS[dialect](facts)
    return _FILES[dialect](facts)


_FILES: Mapping[Dialect, Callable[[Facts], tuple[str, str]]] = {
    "pandas": load_files.pandas,
    "polars": load_files.polars,
    "pyarrow": load_files.arrow,
}


def _select(facts: Facts) -> str:
    """A query in DuckDB's SQL; empty if it reads no such file."""
    if facts.format == "csv":
        return f"SELECT * FROM {load_text.query(facts)}"
    source = load_files.query(facts)
    is_distinct = len(set(facts.names)) == len(facts.names)
    casts = {
        column.name: f"CAST({sql_name(column.name)} AS {_CASTS[column.type]}) AS {sql_name(column.name)}"
        for column in facts.explicit
        if column.type in _CASTS
    }
    columns = f"* REPLACE ({', '.join(casts.values())})" if casts else "*"
    if facts.plan.names and is_distinct:
        columns = ", ".join(casts.get(name, sql_name(name)) for name in facts.names)
    return f"SELECT {columns} FROM {source}" if source else ""


def _pandas(facts: Facts, frame: str) -> str:
    if not _is_pattern(facts):
        imports, value = _value(facts, "pandas")
        return f"{imports}{frame} = {value}\n"
    imports, value = _value(facts, "pandas")
    value = value.replace(facts.place, "file", 1)
    return (
        f"import fsspec\n{imports}tables = []\n"
        f"for opened in fsspec.open_files({facts.location!r}):\n"
        f"    with opened as file:\n        tables.append({value})\n"
        f"{frame} = pd.concat(tables, ignore_index=True)\n"
    )


def _is_pattern(facts: Facts) -> bool:
    return facts.many and (
        facts.format != "parquet" or any(sign in facts.location for sign in "*?[")
    )


def _polars(facts: Facts, frame: str) -> str:
    imports, value = _value(facts, "polars")
    return f"{imports}{frame} = {value}\n"


def _arrow(facts: Facts, frame: str) -> str:
    if _is_pattern(facts):
        code = _pandas(facts, frame)
        return f"import pyarrow as pa\n{code}{frame} = pa.Table.from_pandas({frame}, preserve_index=False)\n"
    imports, value = _value(facts, "pyarrow")
    return f"{imports}{frame} = {value}\n"


def _duckdb(facts: Facts, frame: str) -> str:
    query = _select(facts)
    if query:
        return f"import duckdb\n{frame} = duckdb.sql({query!r})\n"
    return f"import duckdb\n{_pandas(facts, frame)}{frame} = duckdb.from_df({frame})\n"


def _spark(facts: Facts, frame: str) -> str:
    calls = {
        "parquet": f"spark.read.parquet({facts.place})",
        "json": f"spark.read.json({facts.place}{'' if facts.in_lines else ', multiLine=True'})",
    }
    if facts.format in calls:
        return f"{_UNPROVEN}{_SESSION}{frame} = {calls[facts.format]}\n"
    return f"{_SESSION}{_pandas(facts, frame)}{frame} = spark.createDataFrame({frame})\n"


def _sql(facts: Facts, frame: str) -> str:
    query = _select(facts)
    return f"CREATE TABLE {sql_name(frame)} AS {query}\n" if query else ""


_WRITERS: Mapping[Dialect, Callable[[Facts, str], str]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": _arrow,
    "duckdb": _duckdb,
    "spark": _spark,
    "sql": _sql,
}


def load_with_reader(
    source: SourceIn, location: str, dialect: Dialect, frame: str, why: str
) -> str:
    """A cell that reads with Orrery's own reader, which gives what the profile says in every dialect.

    Raises:
        Invalid: the dialect is SQL by itself, which has no such reader.
    """
    title = _TITLES[dialect]
    if dialect == "sql":
        raise Invalid(
            "SQL cannot load this as it was read",
            reason=why,
            remedy="Take the code for DuckDB, pandas or polars.",
        )
    taken = "pandas" if dialect == "spark" else dialect
    options = {"dialect": taken} if taken != "pandas" else {}
    given = ", ".join(
        [
            repr(location),
            *(f"{name}={value!r}" for name, value in (options | chosen_options(source)).items()),
        ]
    )
    # What a library says may hold a part of the data: it stays in the comment, whatever it is.
    comment = "".join(sign if sign.isprintable() else " " for sign in why)
    code = (
        f"# Read as the profile did: {title} by itself does not. {comment}\n"
        f"import jupyter_orrery as orrery\n{frame} = orrery.eda.read({given})\n"
    )
    if dialect == "spark":
        return f"{code}{_SESSION}{frame} = spark.createDataFrame({frame})\n"
    return code


def load_table(source: SourceIn, dialect: Dialect, frame: str) -> str:
    """A cell that binds the variable to a table of a database."""
    return _TABLES[dialect](source, frame)


def _engine(source: SourceIn) -> str:
    """Names of variables stay names; each value is put in where it runs, into the part of the address that it is for."""
    return f"{_address(source.location)}engine = sqlalchemy.create_engine(address)\n"


def _address(location: str) -> str:
    if url_secrets.is_variable(location):
        return f"import os\nimport sqlalchemy\naddress = os.environ[{location[2:-1]!r}]\n"
    parts = url_secrets.address_of(location)
    if parts is None:
        raise Invalid(
            "This is no address of a database",
            remedy="Write it as SQLAlchemy does: postgresql://user:${DB_PASSWORD}@host/database.",
        )
    named = {
        "username": parts.user,
        "password": parts.password,
        "host": parts.host,
        "port": parts.port,
        "database": parts.database,
    }
    written = [_text(parts.driver)]
    written += [
        f"{name}={f'int({_text(part)})' if name == 'port' else _text(part)}"
        for name, part in named.items()
        if part
    ]
    if parts.query:
        written.append(f"query={{{_query(parts.query)}}}")
    imports = "import os\n" if any("os.environ[" in item for item in written) else ""
    return f"{imports}import sqlalchemy\naddress = sqlalchemy.URL.create({', '.join(written)})\n"


def _query(fields: Sequence[tuple[url_secrets.Text, url_secrets.Text]]) -> str:
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(_text(name), []).append(_text(value))
    return ", ".join(
        f"{name}: {items[0] if len(items) == 1 else '(' + ', '.join(items) + ')'}"
        for name, items in values.items()
    )


def _text(part: url_secrets.Text) -> str:
    """An expression for a part of an address."""
    return " + ".join(
        f"os.environ[{str(piece)!r}]" if isinstance(piece, url_secrets.Variable) else repr(piece)
        for piece in part
    )


def _statement(source: SourceIn) -> str:
    return f"SELECT * FROM {sql_table(source.table)}"


def _read_sql(source: SourceIn) -> str:
    return f"pd.read_sql({_statement(source)!r}, engine)"


_TABLES: Mapping[Dialect, Callable[[SourceIn, str], str]] = {
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
