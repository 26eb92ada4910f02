"""Prometheus metrics of the service: requests, calls to JupyterHub, background work."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

# Clients may send any word as a method, and each would be a series of its own.
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Metrics:
    """Metrics of one service; labels are routes and methods, never names of users or objects."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "orrery_hub_request_seconds",
            "How long requests took.",
            ("method", "route", "status"),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self._series: dict[tuple[str, str, int], Histogram] = {}
        self.active = Gauge(
            "orrery_hub_requests_active", "Requests being served now.", registry=self.registry
        )
        self.hub_calls = Counter(
            "orrery_hub_jupyterhub_calls",
            "Calls to JupyterHub's API.",
            ("purpose", "outcome"),
            registry=self.registry,
        )
        self.background = Counter(
            "orrery_hub_background",
            "Runs of background work.",
            ("work", "outcome"),
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. ``route`` is the template of a path, never a path that a client made up."""
        key = (method if method in _METHODS else "other", route, status)
        # The library looks a series up under a lock, and makes texts of its labels each time.
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self.seconds.labels(*key)
        series.observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """Every metric in Prometheus' text format, and the content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
