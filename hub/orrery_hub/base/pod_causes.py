"""Why a pod does not start: a pure function of what Kubernetes says of it.

It takes objects of the Kubernetes API as JSON: the pod, its events, the Workload of Kueue, or the ``Status`` with
which the API server refused to create the pod. The most specific and latest thing wins: a container that cannot
start says more than the scheduler's complaint of ten minutes ago.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from orrery_hub.base.cause_texts import cause_of
from orrery_wire.queue import CauseKind, WaitCause

Json = Mapping[str, Any]
_Rules = Sequence[tuple[re.Pattern[str], CauseKind]]


def _rules(*pairs: tuple[str, CauseKind]) -> _Rules:
    return [(re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in pairs]


# What the API server says when it refuses to create a pod.
_REFUSED = _rules(
    (r"exceeded quota|failed quota", "quota"),
    (
        r"maximum \S+ usage per|minimum \S+ usage per|must be less than or equal to \S+ limit",
        "quota",
    ),
    (
        r"violates PodSecurity|admission webhook|denied the request|security context constraint",
        "policy",
    ),
    (r"namespace .* (is|because it is) being terminated", "control_plane"),
    (
        r"etcd|too many requests|timed? ?out|leader changed|context deadline|unavailable",
        "control_plane",
    ),
    (r"service ?account|priorityclass|not found|invalid|unknown field", "configuration"),
    (r"forbidden", "policy"),
)
_REFUSED_BY_STATUS: Mapping[int, CauseKind] = {
    400: "configuration",
    403: "policy",
    404: "configuration",
    422: "configuration",
    429: "control_plane",
    500: "control_plane",
    503: "control_plane",
    504: "control_plane",
}

# `status.reason` of a pod that ended before it ran, and reasons of its condition DisruptionTarget.
_ENDED: Mapping[str, CauseKind] = {
    "DeadlineExceeded": "time_limit",
    "DeletionByTaintManager": "node_fault",
    "Evicted": "node_resources",
    "EvictionByEvictionAPI": "drained",
    "NodeAffinity": "no_node",
    "NodeLost": "node_fault",
    "NodeShutdown": "node_fault",
    "OutOfcpu": "node_resources",
    "OutOfmemory": "node_resources",
    "OutOfpods": "node_resources",
    "Preempted": "preempted",
    "Preempting": "preempted",
    "PreemptionByScheduler": "preempted",
    "PreemptionByKubeScheduler": "preempted",
    "Shutdown": "node_fault",
    "Terminated": "node_fault",
    "TerminationByKubelet": "node_resources",
    "UnexpectedAdmissionError": "node_fault",
}

# Why a container waits.
_WAITS: Mapping[str, CauseKind] = {
    "ContainerCannotRun": "configuration",
    "CrashLoopBackOff": "crash",
    "CreateContainerConfigError": "configuration",
    "CreateContainerError": "configuration",
    "ErrImageNeverPull": "image",
    "ErrImagePull": "image",
    "ImageInspectError": "image",
    "ImagePullBackOff": "image",
    "InvalidImageName": "image",
    "PostStartHookError": "crash",
    "RegistryUnavailable": "image",
    "RunContainerError": "configuration",
    "SignatureValidationFailed": "policy",
    "StartError": "configuration",
}
_MISSING_OBJECT = re.compile(
    r"(secrets?|configmaps?) \"[^\"]*\" not found|references non-existent", re.IGNORECASE
)
_CRASHED: Mapping[str, CauseKind] = {
    "ContainerCannotRun": "configuration",
    "Error": "crash",
    "OOMKilled": "memory",
    "StartError": "configuration",
}

# Events that name a cause by their reason; None: the message decides.
_EVENTS: Mapping[str, CauseKind] = {
    "FailedAttachVolume": "volume",
    "FailedBinding": "volume",
    "FailedCreatePodContainer": "configuration",
    "FailedCreatePodSandBox": "network",
    "FailedMapVolume": "volume",
    "FailedMount": "volume",
    "NetworkNotReady": "network",
    "NodeNotReady": "node_fault",
    "Preempted": "preempted",
    "ProvisioningFailed": "volume",
    "TaintManagerEviction": "node_fault",
    "UnexpectedAdmissionError": "node_fault",
    "VolumeResizeFailed": "volume",
}

# What a scheduler says of nodes, the strongest first: a volume or a device that is missing is the reason, however
# many other nodes have no devices at all.
_SCHEDULING = _rules(
    (
        r"persistentvolumeclaim|unbound immediate|volume node affinity|max volume count|persistent volumes? to bind",
        "volume",
    ),
    (r"volume zone|volumebinding|binding volumes|volume\(s\)|\bpvc\b", "volume"),
    (
        r"insufficient [\w.-]+/[\w.-]+|cannot allocate all (claims|devices)|insufficient (gpu|devices)",
        "capacity",
    ),
    (
        r"insufficient (cpu|memory|ephemeral-storage|hugepages\S*|pods)|too many pods",
        "node_resources",
    ),
    (r"taint \{node\.kubernetes\.io/(unreachable|not-ready|network-unavailable)", "node_fault"),
    (r"taint \{node\.kubernetes\.io/(disk|memory|pid)-pressure", "node_resources"),
    (r"were unschedulable|node\.kubernetes\.io/unschedulable|node is cordoned", "drained"),
    (
        r"untolerated taint|had taints?|node affinity|node selector|nodeselector|affinity rules|topology spread",
        "no_node",
    ),
    (r"no nodes available|didn't match|host ports?|free ports", "no_node"),
)
_AUTOSCALER = _rules(
    (
        r"max (node group|cluster|limit)|max limit reached|maximum size|in backoff after failed",
        "capacity",
    ),
    (r"quota", "quota"),
    (
        r"out of resources|stockout|insufficient capacity|insufficientinstancecapacity|zone_resource_pool",
        "capacity",
    ),
)

_KUEUE = _rules(
    (
        r"clusterqueue .*(inactive|stopped|is not active)|localqueue .*(inactive|stopped)|stop ?policy|hold",
        "drained",
    ),
    (
        r"(localqueue|clusterqueue|resourceflavor) \S+ (doesn't|does not) exist|not found",
        "configuration",
    ),
    (r"maximum capacity|exceeds max", "too_large"),
    (r"insufficient (unused )?quota|more needed|didn't fit|borrowing limit|lending limit", "quota"),
    (r"pending the preemption|waiting for preempt", "capacity"),
    (r"topology|excluded|no fit|couldn't assign flavors", "no_node"),
    (r"limitrange|resource limits|validat", "quota"),
    (r"namespace doesn't match|namespace .* not match", "not_permitted"),
)
_EVICTED: Mapping[str, CauseKind] = {
    "AdmissionCheck": "capacity",
    "ClusterQueueStopped": "drained",
    "Deactivated": "time_limit",
    "InactiveWorkload": "time_limit",
    "LocalQueueStopped": "drained",
    "MaximumExecutionTimeExceeded": "time_limit",
    "NodeFailures": "node_fault",
    "PodsReadyTimeout": "time_limit",
    "Preempted": "preempted",
}


def classify(
    pod: Json | None,
    events: Sequence[Json] = (),
    *,
    workload: Json | None = None,
    refusal: Json | None = None,
) -> WaitCause | None:
    """Why a pod does not run; None for one that runs.

    ``refusal`` is the ``Status`` of a creation that failed; there is no pod then.
    """
    if refusal is not None:
        return _of_refusal(refusal)
    if pod is None:
        return cause_of("unknown", "Kubernetes has no pod of this server.")
    status: Json = pod.get("status") or {}
    if _is_ready(status):
        return None
    latest = sorted(events, key=_moment, reverse=True)
    for candidate in (
        _of_end(status),
        _of_containers(status, latest),
        _of_workload(workload),
        _of_scheduling(status, latest),
        _of_node(latest),
        _of_progress(status, latest),
    ):
        if candidate is not None:
            return candidate
    return cause_of("unknown", str(status.get("message") or status.get("reason") or ""))


def lines_of(pod: Json | None, events: Sequence[Json] = ()) -> tuple[str, ...]:
    """What Kubernetes says of a pod, a line each: conditions that are not met, containers that do not run, events."""
    status: Json = (pod or {}).get("status") or {}
    lines = [
        f"Condition {c.get('type')}: {c.get('reason') or 'not met'} {c.get('message') or ''}"
        for c in _conditions(status)
        if c.get("status") == "False" or c.get("type") in ("DisruptionTarget", "TerminationTarget")
    ]
    for container in _containers(status):
        for name, state in (container.get("state") or {}).items():
            if name != "running":
                words = (state.get("reason"), state.get("message"), state.get("exitCode"))
                text = " ".join(str(word) for word in words if word not in (None, ""))
                lines.append(f"Container {container.get('name')} {name}: {text}")
    lines += [
        f"{_moment(event)} {event.get('type')} {event.get('reason')}: {event.get('message')}"
        for event in sorted(events, key=_moment)
    ]
    return tuple(line.replace("\n", " ") for line in lines)


def log_of(pod: Json | None, container: str) -> Literal["current", "previous"] | None:
    """Which log of a container there is: that of now, or of the end before it waits to be tried again; None for none."""
    status: Json = (pod or {}).get("status") or {}
    for state in status.get("containerStatuses") or ():
        if state.get("name") != container:
            continue
        if (state.get("state") or {}).keys() & {"running", "terminated"}:
            return "current"
        return "previous" if (state.get("lastState") or {}).get("terminated") else None
    return None


def _match(rules: _Rules, text: str) -> CauseKind | None:
    return next((kind for pattern, kind in rules if pattern.search(text)), None)


def _of_refusal(refusal: Json) -> WaitCause:
    message = str(refusal.get("message") or "")
    kind = _match(_REFUSED, message) or _REFUSED_BY_STATUS.get(int(refusal.get("code") or 0))
    return cause_of(kind or "unknown", message)


def _of_end(status: Json) -> WaitCause | None:
    """A pod that ended, or is about to be ended, by something other than its program."""
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    if reason in _ENDED:
        return cause_of(_ENDED[reason], message or reason)
    if reason.startswith("OutOf"):  # such as OutOfnvidia.com/gpu
        return cause_of("capacity", message or reason)
    for condition in _conditions(status):
        if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True":
            kind = _ENDED.get(str(condition.get("reason")), "preempted")
            return cause_of(kind, str(condition.get("message") or condition.get("reason") or ""))
        if condition.get("type") == "TerminationTarget" and condition.get("status") == "True":
            return cause_of("preempted", str(condition.get("message") or ""))
    return None


def _of_containers(status: Json, events: Sequence[Json]) -> WaitCause | None:
    """A container that waits for more than its turn, or that ended."""
    for container in _containers(status):
        state: Json = container.get("state") or {}
        last: Json = (container.get("lastState") or {}).get("terminated") or {}
        waiting: Json = state.get("waiting") or {}
        ended: Json = state.get("terminated") or {}
        reason = str(waiting.get("reason") or "")
        if reason == "CrashLoopBackOff" and last.get("reason") == "OOMKilled":
            return cause_of("memory", str(last.get("message") or ""))
        if reason in _WAITS:
            message = str(waiting.get("message") or "") or _message_of(events, "Failed")
            return cause_of(_WAITS[reason], message or reason)
        code = ended.get("exitCode")
        if ended and code != 0:
            kind = _CRASHED.get(str(ended.get("reason")), "crash")
            return cause_of(kind, str(ended.get("message") or f"exit code {code}"))
    return None


def _of_workload(workload: Json | None) -> WaitCause | None:
    """What Kueue says, while the pod is not admitted."""
    if workload is None:
        return None
    conditions = {str(c.get("type")): c for c in _conditions(workload.get("status") or {})}
    if conditions.get("Admitted", {}).get("status") == "True":
        return None
    evicted = conditions.get("Evicted", {})
    if evicted.get("status") == "True":
        kind = _EVICTED.get(str(evicted.get("reason")), "preempted")
        return cause_of(kind, str(evicted.get("message") or ""))
    reserved = conditions.get("QuotaReserved", {})
    message = str(reserved.get("message") or "")
    if reserved.get("status") == "True":
        return cause_of("scaling", message)  # an admission check, such as a node that is ordered
    if message:
        return cause_of(_match(_KUEUE, message) or "quota", message)
    return cause_of("ahead", "Kueue has not looked at it yet.")


def _of_scheduling(status: Json, events: Sequence[Json]) -> WaitCause | None:
    """A pod that has no node."""
    scheduled: Json = next((c for c in _conditions(status) if c.get("type") == "PodScheduled"), {})
    if scheduled.get("status") == "True":
        return None
    message = str(scheduled.get("message") or "") or _message_of(events, "FailedScheduling")
    kind = _match(_SCHEDULING, _before_preemption(message)) if message else None
    if kind in (None, "capacity", "node_resources", "no_node"):
        scaling = _of_autoscaler(events)
        if scaling is not None and (kind is None or scaling.kind != "no_node"):
            return scaling
    if kind is not None:
        return cause_of(kind, message)
    if scheduled.get("reason") == "SchedulingGated":
        return cause_of("ahead", message)
    return cause_of("unknown", message) if message else None


def _of_autoscaler(events: Sequence[Json]) -> WaitCause | None:
    for event in events:
        reason, message = str(event.get("reason") or ""), str(event.get("message") or "")
        if reason == "TriggeredScaleUp":
            return cause_of("scaling", message)
        if reason == "FailedScaleUp":
            return cause_of(_match(_AUTOSCALER, message) or "no_node", message)
        if reason == "NotTriggerScaleUp" and (kind := _match(_AUTOSCALER, message)):
            return cause_of(kind, message)
    return None


def _of_node(events: Sequence[Json]) -> WaitCause | None:
    """What the node of a scheduled pod complains about."""
    for event in events:
        reason, message = str(event.get("reason") or ""), str(event.get("message") or "")
        if event.get("type") == "Normal" and reason != "Preempted":
            if reason in ("Started", "SuccessfulAttachVolume"):
                return None  # what was wrong before is over
            continue
        if reason in _EVENTS:
            is_object = _EVENTS[reason] == "volume" and _MISSING_OBJECT.search(message)
            return cause_of("configuration" if is_object else _EVENTS[reason], message)
        if reason == "Failed" and re.search(r"pull|image", message, re.IGNORECASE):
            return cause_of("image", message)
        if reason == "Unhealthy":
            return cause_of("crash", message)
        if reason == "BackOff":
            return cause_of("image" if "image" in message else "crash", message)
    return None


def _of_progress(status: Json, events: Sequence[Json]) -> WaitCause | None:
    """Nothing is wrong: the pod has a node and is being made ready."""
    is_scheduled = any(
        c.get("type") == "PodScheduled" and c.get("status") == "True" for c in _conditions(status)
    )
    is_on_its_way = any(
        e.get("reason") in ("Scheduled", "Pulling", "Pulled", "Created") for e in events
    )
    if is_scheduled or is_on_its_way:
        return cause_of("starting", _message_of(events, "Pulling"))
    return None


def _is_ready(status: Json) -> bool:
    return status.get("phase") == "Running" and any(
        c.get("type") == "Ready" and c.get("status") == "True" for c in _conditions(status)
    )


def _conditions(status: Json) -> Sequence[Json]:
    return status.get("conditions") or ()


def _containers(status: Json) -> Iterator[Json]:
    for name in ("initContainerStatuses", "containerStatuses"):
        yield from status.get(name) or ()


def _message_of(events: Sequence[Json], reason: str) -> str:
    """The message of the latest event of a reason; empty if there is none."""
    return next((str(e.get("message") or "") for e in events if e.get("reason") == reason), "")


def _before_preemption(message: str) -> str:
    """What the scheduler says of the nodes, without what it says of preemption, which repeats it in other words."""
    return message.partition("preemption:")[0]


def _moment(event: Json) -> str:
    """When an event was seen last; ISO 8601 texts of one form sort as their times."""
    series: Json = event.get("series") or {}
    times = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event.get("firstTimestamp"),
    )
    return str(next((time for time in times if time), ""))
