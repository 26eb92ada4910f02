"""Alerts that say the same of many columns, as one; and columns that say the same, as groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from orrery_engine.codegen.quick_fixes import fix_labels
from orrery_engine.schemas import Alert, AlertCode, Level

# So many columns with an alert of one kind and level are one alert; what is serious stays by itself, but for empty columns.
_MANY: Mapping[Level, int] = {"info": 10, "warning": 50}
_MANY_EMPTY = 10
_WORDS: Mapping[AlertCode, str] = {
    "all_missing": "columns hold nothing but missing values",
    "blank": "columns have texts that are empty or white space, and not missing",
    "constant": "columns always have the same value",
    "high_cardinality": "columns have so many different values that few are alike",
    "imbalance": "columns have one value that outweighs all others",
    "infinite": "columns have infinite values",
    "missing": "columns have missing values",
    "mixed_types": "columns hold texts that are numbers or dates",
    "outliers": "columns have values that are far from the others",
    "placeholder": "columns have values that likely stand for a missing one",
    "skewed": "columns have a long tail",
    "spelling": "columns have values that are written in several ways",
    "unique": "columns have every value once",
    "zeros": "columns have many zeros",
}


def merge(alerts: Iterable[Alert]) -> list[Alert]:
    """The alerts, with one in the place of many that say the same of many columns."""
    groups: dict[tuple[AlertCode, Level], list[Alert]] = defaultdict(list)
    result = []
    for alert in alerts:
        if alert.code in _WORDS and len(alert.columns) == 1:
            groups[alert.code, alert.level].append(alert)
        else:
            result.append(alert)
    for (code, level), group in groups.items():
        many = _MANY_EMPTY if code == "all_missing" else _MANY.get(level, len(group) + 1)
        result += [_together(group)] if len(group) >= many else group
    return result


def _together(group: Sequence[Alert]) -> Alert:
    ordered = sorted(group, key=lambda alert: alert.columns)
    worst = max(group, key=lambda alert: alert.value or 0)
    names = tuple(name for alert in ordered for name in alert.names)
    return Alert(
        id=f"{worst.code}:{worst.level}",
        code=worst.code,
        level=worst.level,
        columns=tuple(index for alert in ordered for index in alert.columns),
        names=names,
        message=f"{len(group):,} {_WORDS[worst.code]}",
        evidence=f"The most in {worst.names[0][:60]}: {worst.evidence}",
        value=worst.value,
        fixes=fix_labels(worst.code, names=names),
    )


def stars(pairs: Collection[tuple[int, int]]) -> list[list[int]]:
    """Groups of at least two, each with a member that is paired with all others of the group; that member comes first.

    Who has most partners leads a group; the lowest number among equals.
    """
    partners: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        partners[a].add(b)
        partners[b].add(a)
    result = []
    while partners:
        first = max(partners, key=lambda number: (len(partners[number]), -number))
        group = [first, *sorted(partners[first])]
        result.append(group)
        rest = {
            number: others - set(group)
            for number, others in partners.items()
            if number not in group
        }
        partners = defaultdict(set, {number: others for number, others in rest.items() if others})
    return sorted(result)
