"""What measures are called, in alerts and in reports; the panel says the same."""

from __future__ import annotations

from orrery_engine.schemas import DriftMeasure, Measure

MEASURES: dict[Measure | DriftMeasure, str] = {
    "pearson": "Pearson",
    "spearman": "Spearman",
    "cramers_v": "Cramér's V",
    "correlation_ratio": "Correlation ratio",
    "population_stability": "Population stability index",
    "jensen_shannon": "Jensen-Shannon distance",
    "none": "Not measured",
}
