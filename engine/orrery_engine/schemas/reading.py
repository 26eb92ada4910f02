"""How a text file or a sheet is read: what a person chose, or what was found out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool, StrictInt

from orrery_wire.schemas import Shape

Decimal = Literal[".", ","]
DateOrder = Literal["dmy", "mdy", "ymd", "ydm"]
Thousands = Literal["", ",", ".", " ", "'", "_"]


class ReaderOptions(Shape):
    """Options of reading; one that is not given is found out from the source."""

    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="Between the fields of a line; a blank stands for any number of blanks and tabs.",
    )
    quote: str | None = Field(
        default=None, max_length=1, description="Around fields; empty: there are no quotes."
    )
    escape: str | None = Field(
        default=None, max_length=1, description="Before a quote in a field; empty: it is doubled."
    )
    encoding: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="A codec's name, such as windows-1252.",
    )
    decimal: Decimal | None = None
    thousands: Thousands | None = None
    header: StrictInt | None = Field(
        default=None,
        ge=0,
        le=1_000,
        description="The line or row of the names, counted from 1 after what is skipped; 0: there are none.",
    )
    skip: StrictInt | None = Field(
        default=None, ge=0, le=100_000, description="Lines or rows before the table."
    )
    comment: str | None = Field(
        default=None,
        max_length=1,
        description="Lines that begin with it are left out; empty: none.",
    )
    na: tuple[str, ...] | None = Field(
        default=None,
        max_length=100,
        description="Texts that stand for a missing value, besides none at all.",
    )
    date_order: DateOrder | None = Field(
        default=None,
        description="The order of day, month and year in dates such as 03-04-05.",
    )
    day_first: StrictBool | None = Field(
        default=None, description="Whether 03/04/2024 is the third of April."
    )
