"""Code that loads Parquet, JSON, Arrow files and workbooks; of several ways the first that reads the same is taken."""

from __future__ import annotations

from orrery_engine.codegen.facts import Facts, arguments, mapping
from orrery_engine.quoting import sql_text

_PANDAS_TYPES = {
    "boolean": "'boolean'",
    "integer": "'Int64'",
    "text": "'str'",
    "float": "'float64'",
}


def _is_pattern(facts: Facts) -> bool:
    return facts.many and any(sign in facts.location for sign in "*?[")


def _folder_pattern(facts: Facts) -> str:
    """The files of a folder as a pattern; a pattern or a file as it is."""
    if facts.many and not _is_pattern(facts):
        return f"{facts.location.rstrip('/')}/**/*.parquet"
    return facts.location


def dataset(facts: Facts) -> str:
    """A dataset of pyarrow; its folders may be named after values."""
    parts = "partitioning='hive'" if facts.many else ""
    call = arguments(facts.place, "format='parquet'", parts)
    return f"ds.dataset({call})"


def pandas(facts: Facts) -> tuple[str, str]:
    """Imports, and an expression for a DataFrame of pandas."""
    plain = "import pandas as pd\n"
    if facts.format == "parquet":
        if facts.plan.variant and not _is_pattern(facts):
            value = f"{dataset(facts)}.to_table().to_pandas(){_nullable(facts)}"
            return "import pyarrow.dataset as ds\n", value
        return plain, f"pd.read_parquet({facts.place}){_nullable(facts)}"
    if facts.format == "json":
        return plain, f"pd.read_json({_pandas_json(facts)}){_nullable(facts)}"
    if facts.format == "arrow":
        return plain, f"pd.read_feather({facts.place})"
    return plain, _pandas_excel(facts)


def _nullable(facts: Facts) -> str:
    """Whole numbers and truths beside missing values become floats and objects without this."""
    types = {
        column.name: "'UInt64'" if column.is_unsigned else _PANDAS_TYPES[column.type]
        for column in facts.explicit
        if column.type in ("boolean", "integer")
    }
    return f".astype({mapping(types)})" if types else ""


def _pandas_json(facts: Facts) -> str:
    return arguments(
        facts.place,
        "lines=True" if facts.in_lines else "",
        "dtype=False, convert_dates=False" if facts.plan.variant else "",
        "encoding='utf-8-sig'" if facts.plan.variant > 1 else "",
        "" if facts.is_packing_named else f"compression={facts.packing or None!r}",
    )


def _pandas_excel(facts: Facts) -> str:
    read = facts.reading
    types = {
        column.name: _PANDAS_TYPES[column.type]
        for column in facts.explicit
        if column.type in _PANDAS_TYPES
    }
    header = read.header if read.header is not None else 1
    call = arguments(
        facts.place,
        f"sheet_name={facts.sheet!r}" if facts.sheet else "",
        f"skiprows={read.skip}" if read.skip else "",
        "header=None" if header == 0 else f"header={header - 1}" if header > 1 else "",
        f"dtype={mapping(types)}" if types and not facts.plan.names else "",
        "engine='calamine'" if facts.plan.variant else "",
    )
    result = f"pd.read_excel({call})"
    if facts.plan.variant > 1:
        result += ".dropna(how='all', ignore_index=True).dropna(how='all', axis=1)"
    if facts.plan.names:
        result += f".set_axis({facts.names!r}, axis=1)"
        result += f".astype({mapping(types)})" if types else ""
    return result


def polars(facts: Facts) -> tuple[str, str]:
    """Imports, and an expression for a DataFrame of polars."""
    imports = "import polars as pl\n"
    if facts.format == "parquet":
        parts = "hive_partitioning=True" if facts.many and facts.plan.variant else ""
        place = repr(_folder_pattern(facts)) if facts.plan.variant else facts.place
        return imports, f"pl.read_parquet({arguments(place, parts)})"
    if facts.format == "json":
        name = "read_ndjson" if facts.in_lines else "read_json"
        length = "infer_schema_length=None" if facts.plan.variant else ""
        return imports, f"pl.{name}({arguments(facts.place, length)})"
    if facts.format == "arrow":
        return imports, f"pl.read_ipc{'_stream' if facts.plan.variant else ''}({facts.place})"
    sheet = f"sheet_name={facts.sheet!r}" if facts.sheet else ""
    return imports, f"pl.read_excel({arguments(facts.place, sheet)})"


def arrow(facts: Facts) -> tuple[str, str]:
    """Imports, and an expression for a Table of pyarrow."""
    if facts.format == "parquet" and not _is_pattern(facts):
        return "import pyarrow.dataset as ds\n", f"{dataset(facts)}.to_table()"
    if facts.format == "arrow":
        return "import pyarrow.feather as feather\n", f"feather.read_table({facts.place})"
    if facts.format == "json" and facts.in_lines:
        return "import pyarrow.json as json\n", f"json.read_json({facts.place})"
    imports, value = pandas(facts)
    return (
        f"{imports}import pyarrow as pa\n",
        f"pa.Table.from_pandas({value}, preserve_index=False)",
    )


def query(facts: Facts) -> str:
    """What stands behind FROM in DuckDB's SQL; empty if it reads no such file."""
    if facts.format == "parquet":
        place = sql_text(_folder_pattern(facts))
        more = ", hive_partitioning = true, union_by_name = true" if facts.many else ""
        return f"read_parquet({place}{more})"
    if facts.format == "json":
        more = ", sample_size = -1" if facts.plan.variant else ""
        packing = f", compression = {sql_text(facts.packing or 'none')}"
        more += "" if facts.is_packing_named else packing
        return f"read_json({sql_text(facts.location)}{more})"
    return ""
