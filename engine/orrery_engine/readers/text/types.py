"""What columns of texts are: a type is taken only if every text of the column is written as one of its values.

DuckDB's own casts round "3.5" to 4 and drop leading zeros; here a text either is exactly the value or the
column is of another type.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from orrery_engine.quoting import sql_text
from orrery_engine.schemas.reading import ReaderOptions

_INTEGER = r"[+-]?(0|[1-9][0-9]*)"
_FIXED = r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)"
_EXPONENT = r"([eE][+-]?[0-9]{1,3})?"
_SPECIAL = r"[+-]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])"
# A plus sign in front of so many digits makes a telephone number, or may.
_LONG_PLUS = 8
_DAY = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
_CLOCK_NS = r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}[.][0-9]{7,9}"
_ZONE = r" ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"
# Below a thousand there is no sign between thousands to be seen.
_MAYBE_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,2}(\.[0-9]{3})?)")
_NAMED = 5
# So many digits a float keeps, whatever they are.
_SHORT = 15


@dataclass(frozen=True)
class TextType:
    """A type that texts may stand for.

    Attributes:
        name: what it is called here; several ways of writing may share one.
        pattern: what a text of it looks like, in the grammar that Python and RE2 share.
        condition: SQL that is true for a text of it, beyond the pattern; ``{c}`` is the column.
        value: SQL of the value.
        strict: SQL that is true for usual texts of it and false for all others; quicker than the pattern.
        note: what to say if a column has it; ``{names}`` are such columns.
        form: of times, the format of ``strptime``.
    """

    name: str
    pattern: str
    value: str
    condition: str = "true"
    strict: str = ""
    note: str = ""
    form: str = ""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def fits(self, texts: Iterable[str]) -> bool:
        """Whether each of some texts looks like one; the whole column may still say otherwise."""
        return all(self._compiled.fullmatch(text.strip()) for text in texts)

    def test(self, column: str) -> str:
        """SQL that is true for every text of the type."""
        pattern = f"regexp_full_match(trim({column}), {sql_text(self.pattern)})"
        return f"coalesce({pattern} AND {_in(self.condition, column)}, false)"

    def cast(self, column: str, place: int) -> str:
        """SQL of the value of each text; the first text that is none ends the query with an error."""
        value = _in(self.value, column)
        usual = _in(self.strict, column) or self.test(column)
        unusual = f"WHEN {self.test(column)} THEN {value} " if self.strict else ""
        return (
            f"CASE WHEN {column} IS NULL THEN NULL WHEN {usual} THEN {value} {unusual}"
            f"ELSE error({sql_text(f'{MISMATCH}{place}')}) END"
        )


def _in(template: str, column: str) -> str:
    return template.replace("{c}", column)


MISMATCH = "orrery column type "
TEXT = TextType("text", r"(?s).*", "{c}")
# Of a column in which nothing was met so far: the first text that is there ends the query.
UNSEEN = TextType("text", r"[^\s\S]", "NULL::VARCHAR", condition="false")

BOOLEAN = TextType(
    "boolean",
    r"[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]",
    "(lower(trim({c})) = 'true')",
    strict="(lower({c}) IN ('true', 'false'))",
)
_BIGINT = TextType(
    "integer",
    rf"-?(0|[1-9][0-9]*)|\+(0|[1-9][0-9]{{0,{_LONG_PLUS - 2}}})",
    "CAST(trim({c}) AS BIGINT)",
    condition="TRY_CAST(trim({c}) AS BIGINT) IS NOT NULL",
    strict="(CAST(TRY_CAST({c} AS BIGINT) AS VARCHAR) = {c})",
)
_PHONE = TextType("text", rf"\+[1-9][0-9]{{{_LONG_PLUS - 1},14}}", "{c}")
_PLUS = TextType(
    "integer",
    _INTEGER,
    "CAST(trim({c}) AS BIGINT)",
    condition="TRY_CAST(trim({c}) AS BIGINT) IS NOT NULL",
    note="{names}: plus signs in front of whole numbers were left out.",
)
_UBIGINT = TextType(
    "integer",
    _INTEGER,
    "CAST(trim({c}) AS UBIGINT)",
    condition="TRY_CAST(trim({c}) AS UBIGINT) IS NOT NULL",
    strict="(CAST(TRY_CAST({c} AS UBIGINT) AS VARCHAR) = {c})",
)
_HUGE = TextType("integer", r"[+-]?(0|[1-9][0-9]{0,37})", "CAST(trim({c}) AS DECIMAL(38, 0))")
# No number that becomes infinite or zero in a float; what is written as infinite is another matter.
_IN_RANGE = (
    "(isfinite(TRY_CAST(trim({c}) AS DOUBLE)) OR regexp_matches({c}, '[nN]'))"
    " AND (TRY_CAST(trim({c}) AS DOUBLE) <> 0 OR NOT regexp_matches({c}, '^[^eE]*[1-9][^eE]*[eE]'))"
)
# Digits before an exponent: as many as a float has, or those that are printed of it beyond these.
_MANTISSA = (
    "(regexp_full_match(trim({c}), '[^eE]*[eE].*')"
    " AND (length(regexp_replace(regexp_extract({c}, '^[^eE]*'), '[^0-9]', '', 'g')) <= 17"
    " OR replace(format('{:.' || greatest(0, length(regexp_extract({c}, '[.]([0-9]*)', 1))) || 'e}',"
    " TRY_CAST(trim({c}) AS DOUBLE)), '+', '') = replace(lower(trim({c})), '+', '')))"
)
_DOUBLE = TextType(
    "float",
    f"{_FIXED}{_EXPONENT}|{_SPECIAL}",
    "CAST(trim({c}) AS DOUBLE)",
    condition=(
        f"{_IN_RANGE} AND (length(trim({{c}})) - contains({{c}}, '.')::INTEGER <= {_SHORT} OR CAST(TRY_CAST(trim({{c}}) AS DOUBLE) AS VARCHAR) = trim({{c}})"
        " OR regexp_matches({c}, '[nN]') OR regexp_full_match(trim({c}), '[+-]?0?[.]0*[0-9]{1,17}')"
        f" OR {_MANTISSA})"
    ),
    strict=(
        f"((length({{c}}) - contains({{c}}, '.')::INTEGER <= {_SHORT} OR CAST(TRY_CAST({{c}} AS DOUBLE) AS VARCHAR) = {{c}})"
        " AND isfinite(TRY_CAST({c} AS DOUBLE)) AND NOT contains({c}, '_')"
        " AND (TRY_CAST({c} AS DOUBLE) <> 0 OR NOT regexp_matches({c}, '[eE]'))"
        " AND (NOT starts_with({c}, '0') OR starts_with({c}, '0.') OR {c} = '0')"
        " AND NOT starts_with({c}, '-0') AND NOT starts_with({c}, '+'))"
    ),
)


def _decimal(scale: int) -> TextType:
    whole = 38 - scale
    return TextType(
        "decimal",
        rf"[+-]?((0|[1-9][0-9]{{0,{whole - 1}}})(\.[0-9]{{0,{scale}}})?|\.[0-9]{{1,{scale}}})",
        f"CAST(trim({{c}}) AS DECIMAL(38, {scale}))",
    )


_DECIMALS = tuple(_decimal(scale) for scale in (6, 12, 18, 24, 30, 37))
_LONG = TextType(
    "float",
    f"{_FIXED}{_EXPONENT}|{_SPECIAL}",
    "CAST(trim({c}) AS DOUBLE)",
    condition=_IN_RANGE,
    note="{names}: numbers have more digits than are kept; they were read with about 16.",
)
_OUT_OF_RANGE = TextType(
    "float",
    f"{_FIXED}[eE][+-]?[0-9]+|{_FIXED}|{_SPECIAL}",
    "CAST(trim({c}) AS DOUBLE)",
    note="{names}: numbers are too large or too near to zero for floats; they were read as infinite or as 0.",
)
# Integers that no number of DuckDB holds; as texts they stay different from each other.
_ENDLESS = TextType(
    "text",
    r"[+-]?(0|[1-9][0-9]*)",
    "{c}",
    note="{names}: whole numbers have more digits than are computed with; they were read as text.",
)
# Codes look so as well, and whoever keeps numbers so writes them with a point or a sign elsewhere.
_EXPONENTS = TextType(
    "float",
    rf"[+-]?(0|[1-9][0-9]{{0,{_SHORT - 1}}})([eE][0-9]{{1,3}})?",
    "CAST(trim({c}) AS DOUBLE)",
    condition=_IN_RANGE,
    note="{names}: what is written like 1E5 was read as a number with an exponent; codes may look so, too.",
)
_POINTS = "{names}: points in whole numbers were read as signs between thousands."
NUMBERS = (
    _BIGINT,
    _PHONE,
    _PLUS,
    _UBIGINT,
    _HUGE,
    _ENDLESS,
    _EXPONENTS,
    _DOUBLE,
    *_DECIMALS,
    _LONG,
    _OUT_OF_RANGE,
)
DATES = (
    TextType(
        "date",
        _DAY,
        "CAST(trim({c}) AS DATE)",
        condition="TRY_CAST(trim({c}) AS DATE) IS NOT NULL",
        strict="(CAST(TRY_CAST({c} AS DATE) AS VARCHAR) = {c})",
    ),
    TextType(
        "datetime",
        f"{_DAY}([T ]{_CLOCK})?",
        "CAST(trim({c}) AS TIMESTAMP)",
        condition="TRY_CAST(trim({c}) AS TIMESTAMP) IS NOT NULL",
        strict="(CAST(TRY_CAST({c} AS TIMESTAMP) AS VARCHAR) = {c})",
    ),
    TextType(
        "datetime",
        f"{_DAY}[T ]({_CLOCK}|{_CLOCK_NS})",
        "CAST(trim({c}) AS TIMESTAMP_NS)",
        condition="TRY_CAST(trim({c}) AS TIMESTAMP_NS) IS NOT NULL",
    ),
    TextType(
        "datetime",
        f"{_DAY}[T ]{_CLOCK}{_ZONE}",
        "CAST(trim({c}) AS TIMESTAMPTZ)",
        condition="TRY_CAST(trim({c}) AS TIMESTAMPTZ) IS NOT NULL",
    ),
    TextType(
        "time",
        _CLOCK,
        "CAST(trim({c}) AS TIME)",
        condition="TRY_CAST(trim({c}) AS TIME) BETWEEN TIME '00:00:00' AND TIME '23:59:59.999999'",
    ),
)


def _form(name: str, form: str) -> TextType:
    """Times that ``strptime`` reads."""
    # Numbers such as 41-10-1 are codes rather than days.
    is_padded = form.startswith("%y") or bool(re.match("%[dm]-%[dm]-%y", form))
    parts = _FORM_PARTS | (_PADDED if is_padded else {})
    pattern = "".join(parts.get(part, re.escape(part)) for part in _form_parts(form))
    kind = "DATE" if name == "date" else "TIMESTAMP"
    return TextType(
        name,
        pattern,
        f"CAST(try_strptime(trim({{c}}), {sql_text(form)}) AS {kind})",
        condition=f"try_strptime(trim({{c}}), {sql_text(form)}) IS NOT NULL",
        form=form,
    )


_FORM_PARTS = {
    "%d": "(0?[1-9]|[12][0-9]|3[01])",
    "%m": "(0?[1-9]|1[0-2])",
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}",
    "%H": "[0-9]{1,2}",
    "%M": "[0-9]{2}",
    "%S": "[0-9]{2}",
    "%I": "(0?[1-9]|1[0-2])",
    "%p": "[AaPp][Mm]",
}
_PADDED = {"%d": "(0[1-9]|[12][0-9]|3[01])", "%m": "(0[1-9]|1[0-2])"}


_CLOCKS = (
    ("date", ""),
    *(("datetime", clock) for clock in (" %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")),
)


def _order(form: str) -> str:
    """The order of day, month and year in a format, such as "dmy"."""
    return "".join(re.findall("%([dmby])", form.replace("%Y", "%y").replace("%B", "%b"))).replace(
        "b", "m"
    )


def _form_parts(form: str) -> Iterator[str]:
    yield from re.findall(r"%[A-Za-z]|.", form)


def _orders(options: ReaderOptions, sign: str) -> list[str]:
    """The orders of day, month and year that are tried, in the order of preference."""
    # With hyphens the year is first where nothing else is known, as in ISO 8601.
    # Where the day is between year and month, a person has to say so, for a month of 13 is a mistake as well.
    usual = ["ymd", "dmy", "mdy"] if sign == "-" else ["dmy", "mdy", "ymd"]
    if options.date_order:
        usual = [options.date_order]
    if options.day_first is None:
        return usual
    return [own for own in usual if (own.index("d") < own.index("m")) is options.day_first]


def _forms(options: ReaderOptions) -> tuple[TextType, ...]:
    """Days and months in numbers and words."""
    numbers = [
        sign.join({"y": year}.get(part, f"%{part}") for part in order)
        for sign in ("/", ".", "-")
        for year in ("%Y", "%y")
        for order in _orders(options, sign)
        # These are ISO 8601, or nearly so.
        if (order, year, sign) not in (("ymd", "%Y", "-"), ("ymd", "%Y", "/"))
    ]
    words = [f"%d{sign}%b{sign}{year}" for sign in "- /" for year in ("%Y", "%y")]
    words += ["%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%B-%Y", "%d%b%Y", "%Y-%b-%d"]
    words += [f"%y{sign}%b{sign}%d" for sign in "- /"]
    words += ["%b %d, %y", "%b %d %Y", "%b-%d-%Y", "%b-%d-%y", "%Y %b %d", "%Y/%b/%d", "%d%b%y"]
    if options.date_order:
        words = [own for own in words if _order(own) == options.date_order]
    return tuple(
        _form(name, form + clock) for form in (*numbers, *words) for name, clock in _CLOCKS
    )


def _marked_numbers(decimal: str, thousands: str) -> tuple[TextType, ...]:
    """The same numbers with another decimal sign, or signs between thousands."""
    plain = [kind if decimal == "." else _marked(kind, decimal, "") for kind in NUMBERS]
    if not thousands:
        return tuple(plain)
    # That whole numbers have no signs between thousands is more certain than what these are.
    whole = NUMBERS.index(_DOUBLE)
    # One sign cannot be both: where it stands between thousands, no number has a decimal part.
    has_parts = decimal != thousands
    grouped = [
        _marked(kind, decimal, thousands)
        for kind in NUMBERS
        if kind is not _PHONE and (has_parts or kind.name in ("integer", "text"))
    ]
    if thousands == ".":
        grouped = [
            replace(kind, note=_POINTS) if kind.name == "integer" else kind for kind in grouped
        ]
    return (*plain[:whole], *grouped)


def _marked(kind: TextType, decimal: str, thousands: str) -> TextType:
    """A kind of number as it is with these signs: its texts become those of the kind without them."""
    group, point = re.escape(thousands), re.escape(decimal)
    whole = "(0|[1-9][0-9]*)"
    if thousands:
        whole = f"(0|[1-9][0-9]*|[1-9][0-9]{{0,2}}({group}[0-9]{{3}})+)"
    pattern = f"[+-]?{whole}"
    if kind.name not in ("integer", "text"):
        exponent = "([eE][+-]?[0-9]+)?"
        pattern += f"({point}[0-9]*)?{exponent}|[+-]?{point}[0-9]+{exponent}|{_SPECIAL}"
    usual = "{c}"
    if thousands:
        usual = f"replace({usual}, {sql_text(thousands)}, '')"
    if decimal != ".":
        usual = f"replace({usual}, {sql_text(decimal)}, '.')"
    is_such = f"regexp_full_match(trim({usual}), {sql_text(kind.pattern)})"
    return replace(
        kind,
        pattern=pattern,
        condition=f"{is_such} AND {_in(kind.condition, usual)}",
        value=kind.value if kind.name == "text" else _in(kind.value, usual),
        strict="",
    )


@lru_cache(maxsize=64)
def candidates(options: ReaderOptions) -> tuple[TextType, ...]:
    """The types that a column is tried for, in the order of preference."""
    decimal, thousands = options.decimal or ".", options.thousands or ""
    numbers: tuple[TextType, ...] = NUMBERS
    if (decimal, thousands) != (".", ""):
        numbers = _marked_numbers(decimal, thousands)
    return (BOOLEAN, *numbers, *dates(options), TEXT)


def dates(options: ReaderOptions) -> tuple[TextType, ...]:
    """The types of days and times, in the order of preference."""
    return (*DATES, *_forms(options))


_COMMA_DECIMAL = re.compile(r"[+-]?(0|[1-9][0-9]*|[1-9][0-9]{0,2}(\.[0-9]{3})+)(,[0-9]+)?")
_COMMA_THOUSANDS = re.compile(r"[+-]?(0|[1-9][0-9]{0,2}(,[0-9]{3})*|[1-9][0-9]*)(\.[0-9]+)?")
_SURE_DECIMAL = re.compile(r"[+-]?[0-9.]*,([0-9]{1,2}|[0-9]{4,})")
_SURE_THOUSANDS = re.compile(r"[+-]?[0-9]+(,[0-9]{3})+\.[0-9]+|[+-]?[0-9]+(,[0-9]{3}){2,}")


def marks(columns: Iterable[Sequence[str]]) -> tuple[str, str]:
    """Decimal sign and sign between thousands of a table whose numbers say it beyond doubt; else "." and ""."""
    for texts in columns:
        if not any("," in text for text in texts):
            continue
        values = [text.strip() for text in texts]
        if all(map(_COMMA_DECIMAL.fullmatch, values)) and any(map(_SURE_DECIMAL.fullmatch, values)):
            grouped = any("." in text for text in values)
            return ",", "." if grouped else ""
        if all(map(_COMMA_THOUSANDS.fullmatch, values)) and any(
            map(_SURE_THOUSANDS.fullmatch, values)
        ):
            return ".", ","
    return ".", ""


def points_note(
    delimiters: Collection[str],
    names: Sequence[str],
    kinds: Sequence[TextType],
    columns: Sequence[Sequence[str]],
) -> tuple[str, ...]:
    """What to say of numbers whose points may stand between thousands.

    Nothing where commas delimit fields: who writes so has points for decimal signs.
    """
    if "," in delimiters:
        return ()
    listed = [
        name
        for name, kind, texts in zip(names, kinds, columns, strict=False)
        if kind.name in ("float", "decimal")
        and len({*texts}) > 1
        and all(_MAYBE_WHOLE.fullmatch(text.strip()) for text in texts)
    ]
    if not listed:
        return ()
    of = ", ".join(listed[:_NAMED]) + (
        f" and {len(listed) - _NAMED} more" if listed[_NAMED:] else ""
    )
    return (
        f"{of}: there are three digits behind each point, which was read as a decimal sign; say the sign between"
        " thousands if it is one.",
    )
