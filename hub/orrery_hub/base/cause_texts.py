"""What is wrong, in a sentence for a person, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from orrery_wire.errors import OrreryError
from orrery_wire.queue import CauseKind, WaitCause

_MAX_DETAIL = 500
_ASK = "Ask an administrator of the hub; the detail says what to look at."

# The sentence, and what the person can do.
TEXTS: Mapping[CauseKind, tuple[str, str]] = {
    "ahead": ("Other requests come first.", ""),
    "budget": ("The budget is used up.", "Ask for more, or choose what costs less."),
    "capacity": ("All devices of this kind are in use.", "Wait, or choose another pool."),
    "configuration": ("The server is set up in a way in which it cannot be started.", _ASK),
    "control_plane": (
        "Kubernetes does not take requests at the moment.",
        "It is tried again; if it stays, tell an administrator of the hub.",
    ),
    "crash": (
        "The server starts and ends again at once.",
        "Look at the startup script and the image that you chose; the log has the last lines.",
    ),
    "disk": (
        "The disk is full.",
        "Delete files that you do not need, in another server or with the help of an administrator of the hub.",
    ),
    "drained": (
        "The pool takes no new servers at the moment: it is being emptied.",
        "Wait until it is open again, or choose another pool.",
    ),
    "ended": (
        "The server ended by itself while it ran.",
        "Start it again; if it ends again, choose a profile with more memory, and look at what ran last.",
    ),
    "hub_service": (
        "The hub service did not answer, and without it nobody knows whether the server may start.",
        "Try again in a moment; if it stays, ask an administrator of the hub.",
    ),
    "image": (
        "The image cannot be fetched.",
        "Check its name and tag, and whether the registry lets the hub in; or choose another image.",
    ),
    "maintenance": ("No servers are started during maintenance.", "Wait until it is over."),
    "memory": (
        "The server was ended because it took more memory than it may have.",
        "Choose a profile with more memory.",
    ),
    "mount": (
        "A folder of the profile cannot be put into your home.",
        "Rename what is in its place; if nothing is, ask an administrator of the hub.",
    ),
    "network": ("The node cannot give the server a network address.", _ASK),
    "no_answer": (
        "The server was started and did not answer in time.",
        "Start it again; if it stays, start it without a startup script, or ask an administrator of the hub.",
    ),
    "no_node": (
        "No node of the cluster has what the profile requires.",
        "Choose another profile, or ask an administrator to add such a node.",
    ),
    "node_fault": ("The node or a device of it is broken or out of reach.", _ASK),
    "node_resources": (
        "No node has enough free CPU, memory or disk.",
        "Wait, or choose a smaller profile.",
    ),
    "not_permitted": (
        "You may not start this any more.",
        "Choose another profile, or ask an owner of the project.",
    ),
    "person_maximum": (
        "You hold as many devices of the pool as a person may.",
        "Stop one of your servers; then it goes on by itself.",
    ),
    "policy": ("A rule of the cluster forbids the server.", _ASK),
    "preempted": (
        "The server was ended for something with a higher priority, or its spot node was taken back.",
        "Request it again, or choose a profile that is not spot.",
    ),
    "quota": (
        "The quota of the project or of the cluster is used up.",
        "Wait until somebody of the project stops a server, or ask for a larger quota.",
    ),
    "scaling": ("A node is being started for it, which takes some minutes.", ""),
    "software": (
        "A program or package that the server needs is missing or broken.",
        "Choose another image, or remove what you installed into your home, such as ~/.local.",
    ),
    "starting": (
        "The server is being made ready: its image is fetched and its volumes are attached.",
        "",
    ),
    "time_limit": (
        "It did not start, or it ran, for longer than its time limit.",
        "Request it again.",
    ),
    "too_large": (
        "More is requested than the pool has in all.",
        "Choose a smaller profile, or ask an administrator to enlarge the pool.",
    ),
    "unknown": ("Nobody knows why it does not start.", _ASK),
    "volume": (
        "The disk of the server cannot be attached.",
        "Stop your other servers that use it; if it stays, ask an administrator of the hub.",
    ),
}


def cause_of(kind: CauseKind, detail: str = "") -> WaitCause:
    """The cause with its sentence; ``detail`` is what the machine said, for an administrator."""
    text, remedy = TEXTS[kind]
    values: dict[str, str | int] = {"detail": detail[:_MAX_DETAIL]} if detail else {}
    return WaitCause(kind=kind, text=text, remedy=remedy, values=values)


def kind_of(text: str) -> CauseKind | None:
    """The kind of a sentence of ``TEXTS``, with which a lease says why it ended; None for another text."""
    return next((kind for kind, (sentence, _) in TEXTS.items() if sentence == text), None)


# What pools and budgets call the causes of their refusals.
_OF_DETAILS: Mapping[str, CauseKind] = {
    "budget": "budget",
    "draining": "drained",
    "maintenance": "maintenance",
    "no_device": "capacity",
    "person_limit": "person_maximum",
    "project": "not_permitted",
    "project_limit": "quota",
    "queue": "ahead",
    "server_limit": "capacity",
    "too_large": "too_large",
}


def cause_of_error(error: OrreryError) -> WaitCause:
    """The cause of a refusal, in the words of who refuses."""
    kind = _OF_DETAILS.get(str(error.details.get("cause", "")), "unknown")
    text = " ".join(part for part in (f"{error.message}.", error.reason) if part)
    return WaitCause(kind=kind, text=text, remedy=error.remedy)
