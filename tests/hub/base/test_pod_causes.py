"""Why a pod does not start: a labelled set of faults, and that anything at all gets an answer."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from orrery_hub.base.cause_texts import TEXTS
from orrery_hub.base.pod_causes import classify
from orrery_wire.queue import CauseKind
from tests.hub.base.pod_faults import FAULTS, Fault


def kind_of(fault: Fault) -> CauseKind | None:
    cause = classify(fault.pod, fault.events, workload=fault.workload, refusal=fault.refusal)
    return cause.kind if cause else None


def test_ninety_five_of_a_hundred_causes_are_right() -> None:
    wrong = [(f.name, f.truth, kind_of(f)) for f in FAULTS if kind_of(f) != f.truth]
    assert len(FAULTS) >= 50
    assert len({fault.truth for fault in FAULTS}) >= 18
    assert len(wrong) <= 0.05 * len(FAULTS), wrong


def test_the_order_of_events_does_not_matter() -> None:
    for fault in FAULTS:
        turned = classify(
            fault.pod, fault.events[::-1], workload=fault.workload, refusal=fault.refusal
        )
        assert (turned.kind if turned else None) == kind_of(fault), fault.name


def test_the_detail_is_what_the_machine_said() -> None:
    for fault in FAULTS:
        cause = classify(fault.pod, fault.events, workload=fault.workload, refusal=fault.refusal)
        if cause is None:
            continue
        assert cause.text == TEXTS[cause.kind][0]
        detail = str(cause.values.get("detail", ""))
        assert len(detail) <= 500
        if fault.refusal:
            assert detail == fault.refusal["message"]


def test_every_kind_has_a_sentence() -> None:
    assert TEXTS.keys() == set(get_args(CauseKind))
    for text, remedy in TEXTS.values():
        assert text.endswith(".")
        assert not remedy or remedy.endswith(".")


texts = st.text(max_size=30) | st.sampled_from(
    [reason for fault in FAULTS for reason in str(fault.pod).replace("'", " ").split()][:400]
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["PodScheduled", "Ready", "QuotaReserved", "Evicted", "DisruptionTarget"]
        ),
        "status": st.sampled_from(["True", "False", "Unknown"]),
        "reason": texts,
        "message": texts,
    },
)
states = st.fixed_dictionaries(
    {},
    optional={
        "waiting": st.fixed_dictionaries({}, optional={"reason": texts, "message": texts}),
        "terminated": st.fixed_dictionaries(
            {}, optional={"reason": texts, "exitCode": st.integers(0, 255)}
        ),
    },
)
statuses = st.fixed_dictionaries(
    {},
    optional={
        "phase": st.sampled_from(["Pending", "Running", "Failed", "Unknown"]),
        "reason": texts,
        "conditions": st.none() | st.lists(conditions, max_size=3),
        "containerStatuses": st.none()
        | st.lists(
            st.fixed_dictionaries({}, optional={"state": states, "lastState": states}), max_size=2
        ),
    },
)
happenings = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["Normal", "Warning"]),
        "reason": texts,
        "message": texts,
        "lastTimestamp": st.none() | st.just("2026-11-20T10:00:00Z"),
    },
)


@given(
    pod=st.none() | st.fixed_dictionaries({}, optional={"status": st.none() | statuses}),
    events=st.lists(happenings, max_size=4),
    workload=st.none() | st.fixed_dictionaries({}, optional={"status": statuses}),
)
def test_whatever_the_api_answers_there_is_a_cause(
    pod: dict[str, Any] | None, events: list[dict[str, Any]], workload: dict[str, Any] | None
) -> None:
    cause = classify(pod, events, workload=workload)
    status = (pod or {}).get("status") or {}
    assert cause is not None or status.get("phase") == "Running"
