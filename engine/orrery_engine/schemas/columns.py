"""The profile of a column."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orrery_engine.schemas.vocabulary import ColumnType, Stage, Value
from orrery_wire.schemas import Shape


class Quantile(Shape):
    """A value below which a share of the values lies."""

    share: float = Field(ge=0, le=1)
    value: Value


class Top(Shape):
    """A frequent value."""

    value: Value
    count: int = Field(ge=0)


class Spelling(Shape):
    """A value that is written in several ways."""

    value: str = Field(description="Its most frequent spelling, without white space to spare.")
    count: int = Field(ge=0, description="Rows that are written so.")
    variants: tuple[Top, ...] = Field(description="The other spellings, the most frequent first.")


class Histogram(Shape):
    """Equal bins; a value on an edge belongs to the bin on its right, the last edge to the last bin."""

    edges: tuple[float, ...] = Field(
        description="One more than counts; seconds since 1970 for times."
    )
    counts: tuple[int, ...]
    whole: bool = Field(
        default=False,
        description="Every bin is of as many whole numbers, and its edges lie half a step beside them.",
    )


class NumberForm(Shape):
    """How the numbers of a column of texts are written."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "_"] = ""
    unit: str = Field(default="", description="What stands before or behind them and is dropped.")
    parentheses: bool = Field(default=False, description="(5) is minus five.")
    examples: tuple[str, ...] = Field(
        default=(), description="Texts of each way to write, then some that are no numbers."
    )


class TextProfile(Shape):
    """How the texts of a column look."""

    shortest: int
    longest: int
    mean_length: float
    lengths: Histogram | None = None
    blank: int = Field(description="Empty, or nothing but white space.")
    padded: int = Field(
        default=0, description="Texts that begin or end with white space and are not blank."
    )
    mean_words: float = 0.0
    words: tuple[Top, ...] = Field(default=(), description="The most frequent words.")
    patterns: tuple[Top, ...] = Field(
        default=(),
        description="The most frequent forms: A a letter in capitals, a a small one, 9 a digit.",
    )
    looks_like: str = Field(
        default="",
        description="email, url, uuid, mac_address, ip_address, phone, credit_card, iban, ssn, postcode, person_name, json,"
        " date, duration, version, number, or nothing.",
    )
    looks_like_share: float = Field(
        default=0.0, description="Of the texts that are not blank; of all rows unless estimated."
    )
    personal: tuple[Top, ...] = Field(
        default=(),
        description="Forms of personal data, as in `looks_like`, and the texts that have them; e-mail addresses and payment"
        " cards are counted inside longer texts, too.",
    )
    personal_estimated: bool = Field(
        default=False, description="`personal` is of a sample of the rows, scaled up."
    )
    estimated: bool = Field(
        default=False,
        description="Words, forms and shares are of a sample of the rows; counts are scaled up.",
    )
    number: NumberForm | None = Field(
        default=None, description="How its numbers are written, if it looks like numbers."
    )
    date_form: str = Field(
        default="",
        description="How its dates are written, as `strptime` names it, if it looks like dates; empty: ISO 8601.",
    )


class TimeProfile(Shape):
    """How the times of a column lie."""

    granularity: str = Field(description="second, minute, hour, day, month, or year.")
    zone: str = ""
    typical_step: float | None = Field(default=None, description="Median distance in seconds.")
    gaps: int = Field(default=0, description="Distances of over three typical ones.")
    largest_gap: float | None = Field(default=None, description="Seconds.")
    weekdays: tuple[int, ...] = Field(default=(), description="Rows from Monday to Sunday.")
    hours: tuple[int, ...] = Field(default=(), description="Rows of each hour of the day.")
    future: int = 0


class Outliers(Shape):
    """Values beyond Tukey's fences, 1.5 interquartile ranges from the quartiles."""

    low: int
    high: int
    fence_low: float
    fence_high: float


class ColumnProfile(Shape):
    """The profile of one column; a stage that has not run yet leaves its fields at their defaults."""

    index: int = Field(ge=0, description="Its place; names may occur twice.")
    name: str
    type: ColumnType
    dtype: str = Field(description="The source's own word for its type.")
    stage: Stage = "summary"
    count: int = Field(default=0, ge=0, description="Rows looked at.")
    missing: int = Field(default=0, ge=0, description="Nulls and not-a-numbers.")
    nan: int = Field(default=0, ge=0, description="Not-a-numbers among the missing.")
    infinite: int = Field(default=0, ge=0)
    distinct: int | None = Field(
        default=None, ge=0, description="Different values, without missing."
    )
    distinct_error: float = Field(
        default=0.0, ge=0, description="Relative standard error; 0 is an exact count."
    )
    singles: int | None = Field(default=None, description="Values that occur once.")
    zeros: int = 0
    negatives: int = Field(default=0, description="Values below zero, minus infinity among them.")
    trues: int | None = None
    minimum: Value = None
    maximum: Value = None
    total: float | None = None
    mean: float | None = Field(
        default=None, description="Of the finite values, as all that follow."
    )
    std: float | None = Field(default=None, description="Sample standard deviation, divisor n - 1.")
    skewness: float | None = Field(default=None, description="Adjusted Fisher-Pearson, as pandas.")
    kurtosis: float | None = Field(default=None, description="Excess, adjusted, as pandas.")
    quantiles: tuple[Quantile, ...] = Field(
        default=(), description="Linear between neighbours, as pandas."
    )
    quantile_error: float = Field(default=0.0, ge=0, description="In rank; 0 is exact.")
    histogram: Histogram | None = None
    top: tuple[Top, ...] = ()
    placeholders: tuple[Top, ...] = Field(
        default=(),
        description="Values that likely stand for a missing one: -999, 1900-01-01, Unknown.",
    )
    spellings: tuple[Spelling, ...] = Field(
        default=(), description="Values that are written in several ways; 200 at most."
    )
    monotonic: Literal["", "increasing", "decreasing"] = ""
    outliers: Outliers | None = None
    text: TextProfile | None = None
    time: TimeProfile | None = None
    association: float | None = Field(default=None, description="With the target, 0 to 1.")
    unread: bool = Field(
        default=False, description="Its values could not be read or summarised; `note` says why."
    )
    note: str = Field(default="", description="Why something is not told.")
