"""What a report says: the parts of a result, in the order in which a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orrery_engine.checks.check_types import describe
from orrery_engine.labels import MEASURES
from orrery_engine.reader_options import reading_line
from orrery_engine.report.columns import column_part
from orrery_engine.report.parts import (
    EMPTY_CELL,
    Bars,
    Cell,
    Data,
    Part,
    data,
    ends,
    listed,
    number,
    percent,
    shown,
    size,
)
from orrery_engine.schemas import (
    Association,
    CheckResults,
    ColumnProfile,
    Comparison,
    Drift,
    Overview,
    Result,
    Section,
)

_ALERTS = 200
_DETAILS = 500
_BRIEF_COLUMNS = 50
_BRIEF_ALERTS = 15
_BRIEF_ROWS = 5
_BRIEF_WIDE = 12
_PAIRS = 50
_LEVELS = {"serious": 0, "warning": 1, "info": 2}


def title(result: Result) -> str:
    """What the report is about."""
    source = result.run.source
    kinds = {"comparison": "Comparison", "checks": "Checks", "profile": "Profile"}
    name = source.name or source.table or source.location.rsplit("/", 1)[-1]
    return f"{kinds.get(result.run.task, 'Report')} of {shown(name)}"


def parts(
    result: Result, columns: Sequence[ColumnProfile], *, brief: bool = False
) -> Iterator[Part]:
    """The parts, without those that have nothing to say."""
    sections = set(result.run.options.sections)
    overview = result.overview
    names = _names(columns, overview)
    yield _facts(result, columns)
    if overview is not None:
        yield from _first(overview, names, sections, brief=brief)
    if result.checks is not None:
        yield _checks(result.checks, brief=brief)
    if result.comparison is not None:
        yield from _comparison(result.comparison, brief=brief)
    if overview is not None and overview.alerts:
        yield _alerts(overview, _BRIEF_ALERTS if brief else _ALERTS)
    if columns and "univariate" in sections:
        yield _columns(columns, _BRIEF_COLUMNS if brief else len(columns))
        if not brief:
            for column in columns[:_DETAILS]:
                yield column_part(column, text="text" in sections)
    if overview is not None and not brief:
        yield from _relations(overview, names, sections)


def _names(columns: Sequence[ColumnProfile], overview: Overview | None) -> dict[int, str]:
    named = dict(enumerate(overview.names)) if overview else {}
    return named | {column.index: column.name for column in columns}


def _facts(result: Result, columns: Sequence[ColumnProfile]) -> Part:
    run, overview = result.run, result.overview
    rows = overview.rows if overview else run.rows
    wide = overview.columns if overview else (run.columns or len(columns))
    facts: list[tuple[Cell, ...]] = [("Rows", number(rows))]
    if wide:
        facts.append(("Columns", number(wide)))
    if overview is not None:
        if overview.bytes is not None:
            facts.append(("Size", size(overview.bytes)))
        if overview.missing is not None:
            cells = (rows or 0) * overview.columns
            facts.append(
                (
                    "Missing values",
                    f"{number(overview.missing)} ({percent(overview.missing, cells)})",
                )
            )
        how = reading_line(overview.reading, overview.sheet)
        if how:
            facts.append(("Read with", Data(how)))
        if overview.duplicates is not None:
            facts.append(("Rows that repeat another", number(overview.duplicates.rows)))
    if run.against is not None:
        facts.append(("Compared with", Data(run.against.name or run.against.location)))
    created = run.created.astimezone()
    facts += [("Profiled", f"{created:%Y-%m-%d %H:%M} {created:%Z}"), ("By", Data(run.by))]
    return Part("Overview", words=_notes(result), header=("", ""), rows=tuple(facts))


def _notes(result: Result) -> tuple[str | tuple[str | Data, ...], ...]:
    run, overview = result.run, result.overview
    text: list[str | tuple[str | Data, ...]] = []
    sampling = (overview.sampling if overview else None) or run.sampling
    if sampling is not None:
        text.append(
            (
                f"Sampled: {number(sampling.rows)} rows of {number(sampling.of)};"
                f" a share is within ± {sampling.margin * 100:.2g} points (95%). ",
                Data(sampling.why),
            )
        )
    if run.state != "done":
        text.append(f"This run is {run.state}; what follows is what was found until then.")
    if overview is not None:
        text += [(Data(note),) for note in overview.notes]
    return tuple(text)


def _alerts(overview: Overview, most: int) -> Part:
    ranked = sorted(overview.alerts, key=lambda item: (_LEVELS[item.level], -(item.value or 0)))
    rows = tuple(
        (item.level, listed(item.names), (Data(item.message),), (Data(item.evidence),))
        for item in ranked[:most]
    )
    more = len(ranked) - most
    words = (f"{more} more are left out here.",) if more > 0 else ()
    return Part("Alerts", words, ("Level", "Columns", "What", "Evidence"), rows)


def _columns(columns: Sequence[ColumnProfile], most: int) -> Part:
    rows = tuple(_column_row(column) for column in columns[:most])
    more = len(columns) - most
    words = (f"{more} more columns are left out here.",) if more > 0 else ()
    header = ("Column", "Type", "Missing", "Distinct", "Mean or most frequent", "Least", "Most")
    return Part("Columns", words, (*header, "Distribution"), rows, frozenset({2, 3}))


def _column_row(column: ColumnProfile) -> tuple[Cell, ...]:
    about = "≈ " if column.distinct_error else ""
    middle: Cell = number(column.mean)
    if column.mean is None and column.top:
        middle = (
            _as_cell(data(column.top[0].value)),
            f" ({percent(column.top[0].count, column.count)})",
        )
    return (
        Data(column.name),
        column.type,
        percent(column.missing, column.count),
        f"{about}{number(column.distinct)}",
        middle,
        data(column.minimum),
        data(column.maximum),
        _bars(column),
    )


def _as_cell(value: Data | str) -> str | Data:
    return Data(shown(value.text, 40)) if isinstance(value, Data) else value


def _bars(column: ColumnProfile) -> Cell:
    if column.histogram is not None and column.histogram.counts:
        low, high = ends(column.histogram)
        return Bars(
            column.histogram.counts,
            f"Histogram of {len(column.histogram.counts)} bins from {number(low)} to {number(high)}",
        )
    if column.top:
        counts = tuple(top.count for top in column.top[:20])
        return Bars(counts, f"Counts of the {len(counts)} most frequent values")
    return EMPTY_CELL


def _relations(overview: Overview, names: dict[int, str], sections: set[Section]) -> Iterator[Part]:
    if "bivariate" in sections and overview.associations:
        yield _pairs(overview.associations, names)
    if "multivariate" in sections:
        yield from _multivariate(overview, names)


def _pairs(associations: Sequence[Association], names: dict[int, str]) -> Part:
    """Each pair of columns once, by its strongest measure; a second measure stands beside it."""
    pairs: dict[tuple[int, int], list[Association]] = {}
    for item in associations:
        pairs.setdefault((item.a, item.b), []).append(item)
    rows = tuple(
        (
            _name(names, first.a),
            _name(names, first.b),
            MEASURES[first.measure],
            f"{first.value:.3f}",
            ", ".join(f"{MEASURES[item.measure]} {item.value:.3f}" for item in others),
            number(first.rows),
        )
        for first, *others in list(pairs.values())[:_PAIRS]
    )
    header = ("Column", "Column", "Measure", "Value", "Also", "Rows")
    return Part("Associations", (), header, rows, frozenset({3, 5}))


def _first(
    overview: Overview, names: dict[int, str], sections: set[Section], *, brief: bool
) -> Iterator[Part]:
    """What a person looks at first: some rows, and the target."""
    if "preliminary" in sections and overview.head:
        wide = min(len(overview.names), _BRIEF_WIDE if brief else len(overview.names))
        more = overview.columns - wide
        yield Part(
            "First rows",
            (f"{more:,} more columns are left out here.",) if more > 0 else (),
            tuple(Data(shown(name, 60)) for name in overview.names[:wide]),
            tuple(
                tuple(data(value) for value in row[:wide])
                for row in overview.head[: _BRIEF_ROWS if brief else 20]
            ),
        )
    if overview.effects:
        target = names.get(overview.target, "") if overview.target is not None else ""
        effects = overview.effects[:_BRIEF_ROWS] if brief else overview.effects
        rows = tuple(
            (_name(names, effect.column), MEASURES[effect.measure], f"{effect.value:.3f}")
            for effect in effects
        )
        yield Part(
            ("Target ", Data(target), ": what tells of it"),
            (),
            ("Column", "Measure", "Value"),
            rows,
            frozenset({2}),
        )


def _multivariate(overview: Overview, names: dict[int, str]) -> Iterator[Part]:
    if overview.patterns:
        patterns = tuple(
            (
                listed([names.get(index, str(index)) for index in pattern.columns], 10),
                number(pattern.rows),
            )
            for pattern in overview.patterns
        )
        yield Part("Missing together", (), ("Columns", "Rows"), patterns, frozenset({1}))
    doubled = overview.duplicates
    if doubled is not None and doubled.examples:
        yield Part(
            "Rows that repeat another",
            (f"{number(doubled.rows)} rows; some of them:",),
            tuple(Data(shown(name, 60)) for name in overview.names),
            tuple(tuple(data(value) for value in row) for row in doubled.examples),
        )


def _name(names: dict[int, str], index: int) -> Data:
    return Data(names.get(index, str(index)))


def _comparison(comparison: Comparison, *, brief: bool) -> Iterator[Part]:
    words = [
        f"{number(comparison.rows_before)} rows before, {number(comparison.rows_after)} after."
    ]
    if comparison.shared_rows is not None:
        words.append(f"{number(comparison.shared_rows)} rows are in both as they are.")
    changed = [drift for drift in comparison.drifts if drift.change != "same"]
    same = [drift for drift in comparison.drifts if drift.change == "same"]
    rows = tuple(_drift_row(item) for item in [*changed, *([] if brief else same)])
    header = ("Column", "Change", "Measure", "Value", "Missing before", "Missing after")
    yield Part(
        "Drift",
        (*words, f"{len(changed)} columns changed, {len(same)} did not."),
        (*header, "Before and after", "Note"),
        rows,
        frozenset({3, 4, 5}),
    )
    if comparison.alerts:
        yield _alerts(Overview(alerts=comparison.alerts), _BRIEF_ALERTS if brief else _ALERTS)


def _drift_row(drift: Drift) -> tuple[Cell, ...]:
    fresh = listed(drift.fresh, 3)
    note: tuple[str | Data, ...] = (Data(drift.note),) if drift.note else ()
    if fresh:
        note = (*note, " New: " if note else "New: ", *fresh)
    label = f"Counts before and after in {len(drift.after)} groups"
    return (
        Data(drift.name),
        drift.change if drift.change != "type" else f"{drift.type_before} to {drift.type_after}",
        MEASURES[drift.measure],
        number(drift.value, 3),
        percent(drift.missing_before),
        percent(drift.missing_after),
        Bars(drift.after, label, drift.before) if drift.after else EMPTY_CELL,
        note,
    )


def _checks(checks: CheckResults, *, brief: bool) -> Part:
    broken = sum(not result.passed for result in checks.results)
    ordered = sorted(checks.results, key=lambda item: item.passed)
    chosen = [item for item in ordered if not item.passed] if brief and broken else ordered
    rows = tuple(
        (
            "passed" if column.passed else "broken",
            (Data(describe(column.check)),),
            number(column.broken),
            number(column.rows),
            (Data(column.message),),
        )
        for column in (chosen[:_BRIEF_COLUMNS] if brief else chosen)
    )
    return Part(
        "Checks",
        (f"{broken} of {len(checks.results)} checks are broken.",),
        ("State", "Check", "Broken", "Rows", "Message"),
        rows,
        frozenset({2, 3}),
    )
