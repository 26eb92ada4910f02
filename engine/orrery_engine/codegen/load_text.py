"""Code that loads delimited text: how it was read, and the types that the library would not find by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from orrery_engine.codegen.facts import Column, Facts, arguments, mapping
from orrery_engine.codegen.polars import polars_column
from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.schemas import Dialect

_SINGLE = "\x1f"  # stands in no text: each line is one value
_WIDE = re.compile(r"(utf-(?:16|32))-[lb]e")
_ARROW_TYPES: Mapping[str, str] = {
    "boolean": "pa.bool_()",
    "category": "pa.string()",
    "date": "pa.date32()",
    "datetime": "pa.timestamp('us')",
    "float": "pa.float64()",
    "integer": "pa.int64()",
    "text": "pa.string()",
    "time": "pa.time64('us')",
}
_PANDAS_TYPES: Mapping[str, str] = {
    "boolean": "'boolean'",
    "category": "'str'",
    "float": "'float64'",
    "integer": "'Int64'",
    "text": "'str'",
}
_POLARS_TYPES: Mapping[str, str] = {
    "boolean": "pl.Boolean",
    "category": "pl.String",
    "float": "pl.Float64",
    "integer": "pl.Int64",
    "text": "pl.String",
    "time": "pl.Time",
}
_SQL_TYPES: Mapping[str, str] = {
    "boolean": "BOOLEAN",
    "category": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "decimal": "DECIMAL(38, 6)",
    "float": "DOUBLE",
    "integer": "BIGINT",
    "text": "VARCHAR",
    "time": "TIME",
}


def _encoding(facts: Facts) -> str:
    """The codec's name; variant 0 takes a byte-order mark as such, the next one does not expect any."""
    name = facts.reading.encoding or "utf-8"
    wide = _WIDE.fullmatch(name)
    return wide[1] if wide and not facts.plan.variant else name


def _is_time(column: Column) -> bool:
    return column.type in ("date", "datetime")


# pandas


def pandas(facts: Facts) -> str:
    """An expression for a DataFrame of pandas."""
    read = facts.reading
    times = [column for column in facts.explicit if _is_time(column)]
    forms = {column.name: repr(column.form) for column in times if column.form}
    types = {
        column.name: "'UInt64'" if column.is_unsigned else _PANDAS_TYPES[column.type]
        for column in facts.explicit
        if column.type in _PANDAS_TYPES
    }
    call = arguments(
        facts.place,
        _pandas_delimiter(facts),
        "" if _encoding(facts) == "utf-8" else f"encoding={_encoding(facts)!r}",
        f"skiprows={read.skip}" if read.skip else "",
        _pandas_header(facts),
        f"names={facts.names!r}" if _has_own_names(facts) else "",
        f"comment={read.comment!r}" if read.comment else "",
        _pandas_quote(facts),
        f"escapechar={read.escape!r}" if read.escape else "",
        f"decimal={read.decimal!r}" if read.decimal == "," else "",
        f"thousands={read.thousands!r}" if read.thousands else "",
        f"dtype={mapping(types)}" if types else "",
        f"parse_dates={[column.name for column in times]!r}" if times else "",
        f"date_format={mapping(forms)}" if forms else "",
        f"keep_default_na=False, na_values={['', *(read.na or ())]!r}" if facts.plan.na else "",
        "" if facts.is_packing_named else f"compression={facts.packing or None!r}",
    )
    return f"pd.read_csv({call})" + _pandas_names(facts)


def _pandas_delimiter(facts: Facts) -> str:
    sign = facts.reading.delimiter
    if sign is None:
        return f"sep={_SINGLE!r}"
    return {",": "", " ": "sep=r'\\s+'"}.get(sign, f"sep={sign!r}")


def _pandas_header(facts: Facts) -> str:
    header = facts.reading.header or 0
    if header == 0:
        return "header=None"
    return f"header={header - 1}" if header > 1 or _has_own_names(facts) else ""


def _has_own_names(facts: Facts) -> bool:
    is_distinct = len(set(facts.names)) == len(facts.names)
    return is_distinct and (facts.plan.names or not facts.reading.header)


def _pandas_names(facts: Facts) -> str:
    """pandas numbers names that occur twice."""
    if facts.plan.names and not _has_own_names(facts):
        return f".set_axis({facts.names!r}, axis=1)"
    return ""


def _pandas_quote(facts: Facts) -> str:
    quote = facts.reading.quote
    if quote == "":
        return "quoting=3"
    return f"quotechar={quote!r}" if quote not in (None, '"') else ""


# polars


def polars(facts: Facts) -> str:
    """An expression for a DataFrame of polars."""
    read = facts.reading
    types, casts = _polars_types(facts)
    plain_times = facts.columns and not facts.plan.columns
    has_times = any(_is_time(column) for column in facts.columns)
    call = arguments(
        facts.place,
        _polars_delimiter(facts),
        "" if _encoding(facts) == "utf-8" else f"encoding={_encoding(facts)!r}",
        f"skip_lines={facts.skipped - 1}" if read.header and facts.skipped > 1 else "",
        f"skip_lines={read.skip}" if not read.header and read.skip else "",
        "" if read.header else "has_header=False",
        f"new_columns={facts.names!r}" if facts.plan.names else "",
        f"comment_prefix={read.comment!r}" if read.comment else "",
        _polars_quote(facts),
        "decimal_comma=True" if read.decimal == "," and read.delimiter != "," else "",
        f"schema_overrides={mapping(types)}" if types else "",
        "infer_schema_length=None" if types else "",
        "try_parse_dates=True" if plain_times and has_times else "",
        f"null_values={['', *(read.na or ())]!r}" if facts.plan.na else "",
    )
    return f"pl.read_csv({call})" + (f".with_columns({arguments(*casts)})" if casts else "")


def _polars_delimiter(facts: Facts) -> str:
    sign = facts.reading.delimiter
    if sign is None:
        return f"separator={_SINGLE!r}"
    return "" if sign == "," else f"separator={sign!r}"


def _polars_quote(facts: Facts) -> str:
    quote = facts.reading.quote
    return "quote_char=None" if quote == "" else f"quote_char={quote!r}" if quote != '"' else ""


def _polars_types(facts: Facts) -> tuple[dict[str, str], list[str]]:
    """Types to read as, and columns that are made of texts afterwards."""
    types: dict[str, str] = {}
    casts = []
    marks = facts.reading.thousands or ""
    for column in facts.explicit:
        name = polars_column(column.name)
        if _is_time(column):
            types[column.name] = "pl.String"
            target = "date" if column.type == "date" else "datetime"
            form = repr(column.form) if column.form else ""
            casts.append(f"{name}.str.to_{target}({form})")
        elif column.type in ("integer", "float") and marks:
            types[column.name] = "pl.String"
            value = f"{name}.str.replace_all({marks!r}, '', literal=True)"
            if facts.reading.decimal == ",":
                value += ".str.replace(',', '.', literal=True)"
            casts.append(f"{value}.str.strip_chars().cast({_POLARS_TYPES[column.type]})")
        elif column.is_unsigned:
            types[column.name] = "pl.UInt64"
        elif column.type in _POLARS_TYPES:
            types[column.name] = _POLARS_TYPES[column.type]
    return types, casts


# pyarrow


def arrow(facts: Facts) -> tuple[str, str]:
    """Imports, and an expression for a Table of pyarrow."""
    read = facts.reading
    has_names = facts.plan.names or not read.header
    skip = facts.skipped if has_names else facts.skipped - 1
    times = [column.form for column in facts.explicit if column.form]
    types = {
        column.name: "pa.uint64()" if column.is_unsigned else _ARROW_TYPES[column.type]
        for column in facts.explicit
        if column.type in _ARROW_TYPES
    }
    reading = arguments(
        "" if _encoding(facts) == "utf-8" else f"encoding={_encoding(facts)!r}",
        f"skip_rows={skip}" if skip else "",
        f"column_names={facts.names!r}" if has_names else "",
    )
    parsing = arguments(
        "" if read.delimiter == "," else f"delimiter={read.delimiter or _SINGLE!r}",
        "" if read.quote == '"' else f"quote_char={read.quote or False!r}",
        f"escape_char={read.escape!r}" if read.escape else "",
        "newlines_in_values=True" if facts.plan.variant else "",
    )
    converting = arguments(
        "strings_can_be_null=True",
        f"null_values={['', *(read.na or ())]!r}" if facts.plan.na else "",
        f"column_types={mapping(types)}" if types else "",
        f"timestamp_parsers={[*dict.fromkeys(times), 'ISO8601']!r}" if times else "",
        "decimal_point=','" if read.decimal == "," else "",
    )
    place = facts.place
    if not facts.is_packing_named:
        place = f"pa.input_stream({place}, compression={facts.packing or None!r})"
    parts = [
        f"read_options=csv.ReadOptions({reading})" if reading else "",
        f"parse_options=csv.ParseOptions({parsing})" if parsing else "",
        f"convert_options=csv.ConvertOptions({converting})",
    ]
    needs_arrow = types or not facts.is_packing_named
    imports = "import pyarrow as pa\n" if needs_arrow else ""
    return f"{imports}import pyarrow.csv as csv\n", f"csv.read_csv({arguments(place, *parts)})"


# DuckDB


def query(facts: Facts) -> str:
    """What stands behind FROM in DuckDB's SQL, or a subquery where texts become times."""
    read = facts.reading
    is_complete = len(facts.plan.columns) == len(facts.columns) and facts.columns
    forms = {column.name: column for column in facts.explicit if column.form}
    types = {
        column.name: "VARCHAR"
        if column.form
        else "UBIGINT"
        if column.is_unsigned
        else _SQL_TYPES.get(column.type, "VARCHAR")
        for column in facts.explicit
    }
    listed = (
        "{" + ", ".join(f"{sql_text(name)}: {sql_text(kind)}" for name, kind in types.items()) + "}"
    )
    has_names = facts.plan.names or not read.header
    options = [
        sql_text(facts.location),
        "" if read.delimiter == "," else f"delim = {sql_text(read.delimiter or _SINGLE)}",
        "" if read.quote == '"' else f"quote = {sql_text(read.quote or '')}",
        f"escape = {sql_text(read.escape)}" if read.escape else "",
        "" if _encoding(facts) == "utf-8" else f"encoding = {sql_text(_duckdb_encoding(facts))}",
        f"comment = {sql_text(read.comment)}" if read.comment else "",
        _duckdb_skip(facts, has_names=has_names or bool(is_complete)),
        f"names = [{', '.join(map(sql_text, facts.names))}]"
        if has_names and not is_complete
        else "",
        f"columns = {listed}" if is_complete and types else "",
        "auto_detect = false" if is_complete and types else "",
        f"types = {listed}" if types and not is_complete else "",
        f"nullstr = [{', '.join(map(sql_text, ('', *(read.na or ()))))}]" if facts.plan.na else "",
        "decimal_separator = ','" if read.decimal == "," else "",
        f"thousands = {sql_text(read.thousands)}" if read.thousands else "",
        "" if facts.is_packing_named else f"compression = {sql_text(facts.packing or 'none')}",
    ]
    call = f"read_csv({', '.join(option for option in options if option)})"
    if not forms:
        return call
    values = ", ".join(
        f"CAST(strptime({sql_name(name)}, {sql_text(column.form)}) AS {_SQL_TYPES[column.type]})"
        f" AS {sql_name(name)}"
        for name, column in forms.items()
    )
    return f"(SELECT * REPLACE ({values}) FROM {call})"


def _duckdb_skip(facts: Facts, *, has_names: bool) -> str:
    skip = facts.skipped if has_names else facts.skipped - 1
    if has_names:
        return f"header = false, skip = {skip}" if skip else "header = false"
    return f"skip = {skip}, header = true" if skip else "header = true"


def _duckdb_encoding(facts: Facts) -> str:
    name = _encoding(facts)
    # The signs of both are the same but for 27, which the comparison with what was read finds.
    return "latin-1" if name in ("cp1252", "iso8859-1", "latin-1", "windows-1252") else name


EXPRESSIONS: Mapping[Dialect, Callable[[Facts], tuple[str, str]]] = {
    "pandas": lambda facts: ("import pandas as pd\n", pandas(facts)),
    "polars": lambda facts: ("import polars as pl\n", polars(facts)),
    "pyarrow": arrow,
}
