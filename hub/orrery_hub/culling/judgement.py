"""Whether a server is idle, and what becomes of it; no clock, no database.

A server is in use while a kernel is busy, a device computes, or processes of the lab use a good part of a CPU. An open
browser tab is no use: a tab that was left open overnight holds a device as well as an empty room keeps the light on.
Where no device is held, what a person does in the browser counts too.

A lab that says nothing, or a device whose use cannot be measured, is not idle and not in use: that is not known. Such a
server has a limit of its own, longer than that of an idle one, so that hiding the use of a device does not keep it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# What a lab says of itself is believed for so long; labs say it every minute.
FRESH = timedelta(minutes=5)
# From here on a device, in thousandths, and a CPU, likewise, are in use.
DEVICE_IN_USE = 50
CPU_IN_USE = 500

State = Literal["in_use", "idle", "unknown"]


@dataclass(frozen=True)
class Report:
    """What a lab measured in the minute before ``at``; a device that cannot be measured is None."""

    at: datetime
    busy_kernels: int
    cpu_millis: int
    memory_mib: int
    device_permille: int | None
    last_execution: datetime | None

    @property
    def is_working(self) -> bool:
        """Whether something computes."""
        is_computing = self.device_permille is not None and self.device_permille >= DEVICE_IN_USE
        return self.busy_kernels > 0 or self.cpu_millis >= CPU_IN_USE or is_computing


@dataclass(frozen=True)
class Limits:
    """When a server without use is stopped, and how often and for how long a person may put that off.

    ``unknown`` is after how long one is stopped of which it is not known whether it is used; None for never.
    """

    idle: timedelta
    unknown: timedelta | None = None
    warning: timedelta = timedelta(minutes=10)
    extension: timedelta = timedelta(minutes=60)
    extensions: int = 3


@dataclass(frozen=True)
class Server:
    """A running server: since when, whether it holds devices, its last report, and when something worked last.

    ``browser_activity`` is JupyterHub's last activity, which an open tab renews by itself.
    """

    started: datetime
    has_devices: bool
    report: Report | None
    last_work: datetime | None
    browser_activity: datetime | None = None

    def idle_since(self) -> datetime:
        """Since when nothing has been done, as far as is known."""
        moments = [self.started]
        if self.last_work:
            moments.append(self.last_work)
        if self.report and self.report.last_execution:
            moments.append(self.report.last_execution)
        if not self.has_devices and self.browser_activity:
            moments.append(self.browser_activity)
        return max(moments)

    def state(self, now: datetime) -> State:
        """Whether it is in use now; unknown where the lab said nothing lately, or not what its devices do."""
        if not self._is_heard(now):
            return "unknown"
        if self.report is not None and self.report.is_working:
            return "in_use"
        is_measured = self.report is not None and self.report.device_permille is not None
        return "idle" if is_measured or not self.has_devices else "unknown"

    def unknown_since(self, now: datetime) -> datetime:
        """Since when it is not known whether it is used: the last report, and while there are some, the last work."""
        since = self.idle_since()
        if self.report is None or self._is_heard(now):
            return since
        return max(since, min(self.report.at, now))

    def _is_heard(self, now: datetime) -> bool:
        return self.report is not None and abs(now - self.report.at) <= FRESH


@dataclass(frozen=True)
class Warned:
    """A warning that was given: when, for when, and how often the person has put it off since the last use."""

    at: datetime
    deadline: datetime
    extensions: int = 0


@dataclass(frozen=True)
class Verdict:
    """What becomes of a server now. ``cull_at`` is the forecast; None while it is in use or nothing is known."""

    action: Literal["keep", "warn", "cull"]
    cull_at: datetime | None = None


def judge(server: Server, warned: Warned | None, limits: Limits, now: datetime) -> Verdict:
    """Keep the server, warn that it will be stopped at ``cull_at``, or stop it.

    It is stopped only if it was warned in full, nothing has been done since, and the last report is fresh and idle, or
    the limit for servers of which that is not known has passed.
    """
    state = server.state(now)
    limit = {"idle": limits.idle, "unknown": limits.unknown, "in_use": None}[state]
    if limit is None:
        return Verdict("keep")
    since = server.idle_since() if state == "idle" else server.unknown_since(now)
    if warned and since > warned.at:
        warned = None  # it was used after the warning
    if warned:
        return Verdict("cull" if is_over(warned, limits, now) else "warn", warned.deadline)
    cull_at = since + limit
    if now < cull_at - limits.warning:
        return Verdict("keep", cull_at)
    return Verdict("warn", max(cull_at, now + limits.warning))


def is_over(warned: Warned, limits: Limits, now: datetime) -> bool:
    """Whether the warning was there as long as it has to be, by its own times."""
    return now >= warned.deadline and now - warned.at >= min(
        limits.warning, warned.deadline - warned.at
    )


def extend(warned: Warned, limits: Limits, now: datetime) -> Warned | None:
    """The warning with a later deadline; None if the person has put it off as often as may be."""
    if warned.extensions >= limits.extensions:
        return None
    deadline = max(warned.deadline, now) + limits.extension
    return Warned(warned.at, deadline, warned.extensions + 1)
