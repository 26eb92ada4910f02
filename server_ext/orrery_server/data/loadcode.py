"""Code that loads a thing of the tree: through `orrery.connect(name)`, or by a path that is relative to the notebook."""

from __future__ import annotations

import keyword
import os
import re
from dataclasses import dataclass
from pathlib import Path

from orrery_engine.catalog.spec import DatabaseKind
from orrery_engine.lake.names import checked_path
from orrery_engine.quoting import sql_name
from orrery_server.data import listing
from orrery_server.data.schemas import CodeQuery, Library, LoadCode, Location
from orrery_wire.errors import Invalid

_FORMATS = {
    "parquet": "parquet",
    "pq": "parquet",
    "csv": "csv",
    "tsv": "tsv",
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
    "orc": "orc",
    "xlsx": "excel",
    "xls": "excel",
}
_TABLE_ROWS = 1_000
_LAST = 2
_IMPORTS = {
    "pandas": "import pandas as pd",
    "polars": "import polars as pl",
    "duckdb": "import duckdb",
    "orrery": "import jupyter_orrery as orrery",
}
_DIALECTS: dict[str, DatabaseKind] = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}


@dataclass(frozen=True)
class _Source:
    """What code reads: ``path`` as text, ``connection`` as the name of a variable, or none for a file of the lab."""

    path: str
    connection: str = ""

    @property
    def opened(self) -> str:
        """An open file, or the path of one."""
        return f"{self.connection}.open({self.path!r})" if self.connection else repr(self.path)

    @property
    def filesystem(self) -> str:
        """The argument that says where the path is."""
        return f", filesystem={self.connection}.fs" if self.connection else ""

    @property
    def address(self) -> str:
        """What DuckDB names it by."""
        return f"orrery://{self.path}" if self.connection else self.path


# What reads a format, by library; `{opened}`, `{path!r}` and `{filesystem}` are filled in. An import stands before `;`.
_READERS: dict[tuple[str, str], str] = {
    ("pandas", "parquet"): "pd.read_parquet({opened})",
    ("pandas", "csv"): "pd.read_csv({opened})",
    ("pandas", "tsv"): 'pd.read_csv({opened}, sep="\\t")',
    ("pandas", "json"): "pd.read_json({opened})",
    ("pandas", "ndjson"): "pd.read_json({opened}, lines=True)",
    ("pandas", "arrow"): "pd.read_feather({opened})",
    ("pandas", "orc"): "pd.read_orc({opened})",
    ("pandas", "excel"): "pd.read_excel({opened})",
    ("polars", "parquet"): "pl.read_parquet({opened})",
    ("polars", "csv"): "pl.read_csv({opened})",
    ("polars", "tsv"): 'pl.read_csv({opened}, separator="\\t")',
    ("polars", "json"): "pl.read_json({opened})",
    ("polars", "ndjson"): "pl.read_ndjson({opened})",
    ("polars", "arrow"): "pl.read_ipc({opened})",
    ("polars", "excel"): "pl.read_excel({opened})",
    ("pyarrow", "parquet"): "import pyarrow.parquet as pq;pq.read_table({path!r}{filesystem})",
    ("pyarrow", "csv"): "from pyarrow import csv;csv.read_csv({opened})",
    ("pyarrow", "tsv"): 'from pyarrow import csv;csv.read_csv({opened}, parse_options=csv.ParseOptions(delimiter="\\t"))',
    ("pyarrow", "ndjson"): "from pyarrow import json;json.read_json({opened})",
    ("pyarrow", "arrow"): "from pyarrow import feather;feather.read_table({opened})",
    ("pyarrow", "orc"): "from pyarrow import orc;orc.read_table({opened})",
    ("duckdb", "parquet"): "duckdb.sql({select!r})",
    ("duckdb", "csv"): "duckdb.sql({select!r})",
    ("duckdb", "tsv"): "duckdb.sql({select!r})",
    ("duckdb", "json"): "duckdb.sql({select!r})",
    ("duckdb", "ndjson"): "duckdb.sql({select!r})",
}  # fmt: skip
_DUCKDB_FUNCTIONS = {
    "parquet": "read_parquet",
    "csv": "read_csv",
    "tsv": "read_csv",
    "json": "read_json",
    "ndjson": "read_json",
}


def write(location: Location, query: CodeQuery, root: Path) -> LoadCode:
    """The code for a file or a table; nothing secret is in it, for the name of the connection is all it needs.

    Raises:
        Invalid: nothing loads such a thing, or not by that library.
    """
    if location.kind == "database":
        return _table(location, query)
    source, lines = _source(location, query, root)
    name = query.path.rstrip("/").rpartition("/")[2]
    kind = _FORMATS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if kind is None:
        return _any_file(source, lines, name)
    template = _READERS.get((query.library, kind))
    if template is None:
        able = sorted(library for library, read in _READERS if read == kind)
        raise Invalid(
            f"{query.library} does not read {kind} files",
            remedy=f"Choose {' or '.join(able)}.",
        )
    return _file(source, lines, query.library, kind, template)


def _file(
    source: _Source, lines: list[str], library: Library, kind: str, template: str
) -> LoadCode:
    imports, _, call = template.rpartition(";")
    function = _DUCKDB_FUNCTIONS.get(kind, "")
    quoted = source.address.replace("'", "''")
    call = call.format(
        opened=source.opened,
        path=source.path,
        filesystem=source.filesystem,
        select=f"FROM {function}('{quoted}')",
    )
    before = [imports] if imports else [_IMPORTS[library]]
    if library == "duckdb" and source.connection:
        lines = [*lines, f"duckdb.register_filesystem({source.connection}.fs)"]
    variable = "table" if library == "pyarrow" else "df"
    return _code(before, lines, f"{variable} = {call}", variable, library)


def _any_file(source: _Source, lines: list[str], name: str) -> LoadCode:
    """The bytes of what no library here reads."""
    if not name:
        raise Invalid("A location itself cannot be loaded", remedy="Choose a file or a table.")
    read = f"with {source.opened} as file:\n    content = file.read()"
    if not source.connection:
        read = f"from pathlib import Path\n\ncontent = Path({source.path!r}).read_bytes()"
    return _code([], lines, read, "content", "")


def _table(location: Location, query: CodeQuery) -> LoadCode:
    names = listing.parts_of(query.path)
    if len(names) < _LAST:
        raise Invalid("A schema cannot be loaded", remedy="Choose a table in it.")
    dialect = _DIALECTS.get(location.source, "postgresql")
    column = sql_name(names[_LAST], dialect) if len(names) > _LAST else "*"
    table = ".".join(sql_name(name, dialect) for name in names[:_LAST])
    connection = variable_of(location.name)
    statement = f"SELECT {column} FROM {table} LIMIT {_TABLE_ROWS}"  # noqa: S608  # names are quoted
    lines = [f"{connection} = orrery.connect({location.name!r})"]
    result = f"{connection}.sql({statement!r})"
    wraps = {
        "pandas": ("df", f"{result}.to_pandas()", []),
        "polars": ("df", f"pl.from_arrow({result})", [_IMPORTS["polars"]]),
        "duckdb": ("df", f"duckdb.from_arrow({result})", [_IMPORTS["duckdb"]]),
        "pyarrow": ("table", result, []),
    }
    variable, call, imports = wraps[query.library]
    return _code(
        [*imports, _IMPORTS["orrery"]], lines, f"{variable} = {call}", variable, query.library
    )


def _source(location: Location, query: CodeQuery, root: Path) -> tuple[_Source, list[str]]:
    """What is read, and the lines before it."""
    if query.path.rstrip("/") == "":
        raise Invalid("A location itself cannot be loaded", remedy="Choose a file or a table.")
    path = checked_path(query.path)
    folder = root / (query.folder or "").lstrip("/")
    if location.kind == "files":
        return _Source(os.path.relpath(root / path, folder)), []
    if location.kind == "lake" and Path(location.address).is_relative_to(root):
        return _Source(os.path.relpath(Path(location.address) / path, folder)), []
    name = variable_of(location.name)
    lines = [f"{name} = orrery.connect({location.name!r})"]
    return _Source(path, name), lines


def _code(imports: list[str], lines: list[str], last: str, variable: str, library: str) -> LoadCode:
    needs_orrery = any("orrery.connect(" in line for line in lines)
    heads = [*imports]
    if needs_orrery and _IMPORTS["orrery"] not in heads:
        heads.append(_IMPORTS["orrery"])
    blocks = ["\n".join(sorted(heads)), "\n".join([*lines, last])]
    requires = tuple(name for name in (library, "jupyter-orrery" if needs_orrery else "") if name)
    return LoadCode(
        code="\n\n".join(block for block in blocks if block),
        variable=variable,
        requires=requires,
    )


def variable_of(name: str) -> str:
    """A connection's name as a name in Python."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "connection"
    if not plain[0].isalpha():
        plain = f"connection_{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) or plain in ("pd", "pl", "orrery") else plain
