"""The exceptions of the SDK, magics and commands: those of ``orrery_wire.errors``, and these.

OrreryError
├── BackendUnavailable
│   └── ServerUnavailable  no Jupyter server with Orrery can be reached
├── Invalid
│   ├── AmbiguousName      a name fits several snippets
│   ├── Unreadable         a table cannot be handed over
│   └── UsageError         an argument cannot be meant
│       └── SeveralLabs    labs of several people run here, and none is this person's
├── NotFound
│   └── SnippetNotFound    a name fits no snippet
├── TooLarge
│   └── BodyTooLarge       the placeholders of a snippet repeat each other beyond any use
└── RunFailed              a run ended without a result; ``code`` says why
"""

from __future__ import annotations

from orrery_wire.errors import BackendUnavailable, Invalid, NotFound, OrreryError, TooLarge


class ServerUnavailable(BackendUnavailable):
    """No Jupyter server with Orrery can be reached."""


class AmbiguousName(Invalid):
    """A name fits several snippets."""


class SnippetNotFound(NotFound):
    """A name fits no snippet."""


class UsageError(Invalid):
    """An argument cannot be meant."""


class SeveralLabs(UsageError):
    """Labs of several people run here, and none is this person's by its name."""


class BodyTooLarge(TooLarge, ValueError):
    """The placeholders of a snippet repeat each other beyond any use."""


class Unreadable(Invalid):
    """A table cannot be handed over."""


class RunFailed(OrreryError):
    """A run ended without a result."""
