"""What a failure of a store means, in words; never with a credential or an address that holds one."""

from __future__ import annotations

import re
from urllib.parse import quote

import obstore.exceptions as obstore_errors
import opendal.exceptions as opendal_errors

from orrery_engine.lake.spec import StoreSpec
from orrery_wire.errors import (
    BackendUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
    StorageFull,
    TimedOut,
)

# What a service calls its refusal, and what that means.
_REFUSALS: dict[str, tuple[str, str]] = {
    "InvalidAccessKeyId": ("The service does not know the access key.", "Enter the key again."),
    "SignatureDoesNotMatch": ("The secret key does not belong to the access key.", "Enter it again."),
    "ExpiredToken": ("The session of these credentials has ended.", "Log in at the provider again."),
    "TokenRefreshRequired": ("The session of these credentials has ended.", "Log in again."),
    "InvalidToken": ("The session token is not valid.", "Enter the credentials again."),
    "RequestTimeTooSkewed": ("The clocks of this machine and of the service differ.", "Set the clock."),
    "AuthorizationHeaderMalformed": ("The region of the connection is not that of the bucket.", "Change the region."),
    "PermanentRedirect": ("The bucket is in another region.", "Change the region of the connection."),
    "AuthenticationFailed": ("The service does not accept the credentials.", "Enter them again."),
    "AuthorizationPermissionMismatch": ("The identity has no role that allows this.", "Ask for one."),
    "AllAccessDisabled": ("Access to this bucket was switched off by its provider.", "Ask its owner."),
}  # fmt: skip
_DENIED = (
    "The service knows who asks and does not allow it.",
    "Ask whoever owns the bucket for the right to list or read it.",
)
_CODE = re.compile(r"<Code>([A-Za-z]{3,60})</Code>|\bcode: ?\"([A-Za-z]{3,60})\"")
_STATUS = re.compile(r"\bstatus(?: code)?:? ?(\d{3})\b")
# Not the settings of a client, which the text of each failure names.
_TIMED_OUT = re.compile(r"\b(?:timed ?out|timeout)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*://\S*")


NOT_SUCH = "What it answers is not what such a service answers."


def translate(error: Exception, spec: StoreSpec, path: str) -> OrreryError:
    """The failure of a call about a path, as what a person reads."""
    text = _without_names(str(error), spec, path)
    code = _code(text)
    shown = f"{_PLACES[spec.kind]} {_plain(spec)}"
    if isinstance(error, _MISSING) or code in _NO_PLACE:
        return _missing(code, shown, path)
    if code in _REFUSALS:
        reason, remedy = _REFUSALS[code]
        return Forbidden(f"{shown} cannot be opened", reason=reason, remedy=remedy)
    if isinstance(error, _PERMISSION):
        return Forbidden(f"{shown} refuses {_named(path)}", reason=_DENIED[0], remedy=_DENIED[1])
    if isinstance(error, _EXISTS):
        return Conflict(
            f"There is something at {_named(path)} already",
            remedy="Choose another name, or say that it is to be replaced.",
        )
    if isinstance(error, _CHANGED):
        return Conflict(
            f"{_named(path)} has changed since it was listed",
            reason="What was read before and what is there now would be mixed.",
            remedy="Refresh the list and open it again.",
        )
    if isinstance(
        error, (opendal_errors.ConfigInvalid, obstore_errors.UnknownConfigurationKeyError)
    ):
        return Invalid(
            f"{shown} is not described well enough to be opened", reason=_first_line(text)
        )
    if isinstance(error, TimeoutError) or _TIMED_OUT.search(text):
        return TimedOut(
            f"{shown} did not answer in time",
            remedy="Try again; if it stays, look whether the address is right.",
        )
    if isinstance(error, OSError) and error.errno is not None:
        return _of_system(error, path)
    return BackendUnavailable(
        f"{shown} cannot be reached",
        reason=_why(text),
        remedy="Look at the address, then try again.",
    )


_PLACES = {
    "s3": "The bucket",
    "gs": "The bucket",
    "abfs": "The container",
    "http": "The server",
    "local": "The folder",
}
_MISSING = (opendal_errors.NotFound, obstore_errors.NotFoundError, FileNotFoundError)
_NO_PLACE = frozenset({"NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"})
_PERMISSION = (
    opendal_errors.PermissionDenied,
    obstore_errors.PermissionDeniedError,
    obstore_errors.UnauthenticatedError,
    PermissionError,
)
_EXISTS = (opendal_errors.AlreadyExists, obstore_errors.AlreadyExistsError, FileExistsError)
_CHANGED = (
    opendal_errors.ConditionNotMatch,
    obstore_errors.PreconditionError,
    obstore_errors.NotModifiedError,
)


def _plain(spec: StoreSpec) -> str:
    """The bucket or the host, without what an address may hold before an `@` or after a `?`."""
    text = re.sub(r"^[a-z+]+://", "", spec.bucket).rpartition("@")[2]
    return f'"{re.split(r"[?#]", text)[0]}"'


def _named(path: str) -> str:
    return f'"{path}"' if path else "its list"


def _without_names(text: str, spec: StoreSpec, path: str) -> str:
    """The text of a library without what people named: no word in a name says what went wrong."""
    text = _ADDRESS.sub("", text)
    names = {path, spec.bucket, spec.root, spec.endpoint, spec.account}
    names |= {quote(name) for name in names} | {part for name in names for part in name.split("/")}
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    return re.sub(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", "", text) if words else text


def _code(text: str) -> str:
    """What the service calls it; empty if it says nothing."""
    match = _CODE.search(text)
    return (match[1] or match[2]) if match else ""


def _missing(code: str, shown: str, path: str) -> NotFound:
    if code in _NO_PLACE or not path:
        return NotFound(
            f"{shown} is not there", remedy="Look at its name, and at the address of the service."
        )
    return NotFound(
        f'There is no "{path}"',
        reason="It was moved or deleted, or it is not for this identity to see.",
        remedy="Refresh the list.",
    )


def _of_system(error: OSError, path: str) -> OrreryError:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("The disk is full", remedy="Free some space, then try again.")
    if error.errno == errno.EROFS:
        return StorageFull("The disk is read-only", remedy="Ask whoever looks after this machine.")
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY):
        return Conflict(
            f"{_named(path)} is not of the kind that this needs", reason=f"{error.strerror}."
        )
    if error.errno == errno.EXDEV:
        return Conflict(
            f"{_named(path)} cannot be moved there",
            reason="The place is on another disk, so it would have to be copied.",
            remedy="Copy it, then delete it for good.",
        )
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP):
        return Invalid(f"{_named(path)} cannot be opened", reason=f"{error.strerror}.")
    return BackendUnavailable(f"{_named(path)} cannot be read", reason=f"{error.strerror}.")


def _why(text: str) -> str:
    """The code or the status that a service answered with; nothing of what it was asked with."""
    lower = text.lower()
    if "dns" in lower or "resolve" in lower:
        return "Its name cannot be resolved."
    if "connection refused" in lower or ("connect" in lower and "refused" in lower):
        return "Nothing listens at its address."
    if "certificate" in lower:
        return "Its certificate is not valid for this machine."
    if code := _code(text):
        return f"It answers {code}."
    if "deserialize" in lower or "decoding" in lower or "xml" in lower:
        return NOT_SUCH
    if "reset" in lower or "closed" in lower or "incomplete" in lower or "eof" in lower:
        return "It ended the connection in the middle of an answer."
    if match := _STATUS.search(text):
        return f"It answers with HTTP status {match[1]}."
    return "It did not answer as it should."


def _first_line(text: str) -> str:
    return text.splitlines()[0][:200] if text else ""
