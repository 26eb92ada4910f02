"""How an alert is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orrery_engine.codegen.quick_fixes import fix_labels
from orrery_engine.schemas import Alert, AlertCode, ColumnProfile, Level

ORDER: Mapping[Level, int] = {"serious": 0, "warning": 1, "info": 2}


def build_alert(
    code: AlertCode,
    level: Level,
    columns: Sequence[ColumnProfile],
    message: str,
    evidence: str,
    value: float | None = None,
) -> Alert:
    """An alert with the id that it has in every run, and with its quick fixes."""
    numbers = tuple(column.index for column in columns)
    names = tuple(column.name for column in columns)
    first = columns[0] if columns else None
    pattern = first.text.looks_like if first and first.text else ""
    return Alert(
        id=f"{code}:{'-'.join(map(str, sorted(numbers))) or 'table'}",
        code=code,
        level=level,
        columns=numbers,
        names=names,
        message=message,
        evidence=evidence,
        value=value,
        fixes=fix_labels(code, first.type if first else None, pattern, names),
    )


def percent(share: float) -> str:
    """A share; a small one is not nothing, and not quite all is not all."""
    if 0 < share < 0.001:
        return "under 0.1%"
    if 0.999 < share < 1:
        return "over 99.9%"
    return f"{share * 100:.1f}%".replace(".0%", "%")
