"""What code of a lab may say of another server, and what it is told of one.

Startup script and environment run with the credentials of the new server, which kernels and terminals do not have. So
code neither sends nor reads them; what the person chose for that server last is taken along for it.
"""

from __future__ import annotations

from orrery_wire.errors import Forbidden
from orrery_wire.pools import LaunchChoices, LaunchOptions


def without_private(choices: LaunchChoices) -> LaunchChoices:
    """The choices without what the person typed for the server: values of the environment, and the script."""
    if choices.last is None:
        return choices
    last = choices.last.model_copy(update={"environment": {}, "startup_script": ""})
    return choices.model_copy(update={"last": last})


def require_plain(options: LaunchOptions) -> None:
    """Refuse a script or environment from code.

    Raises:
        Forbidden: there is one.
    """
    if options.environment or options.startup_script:
        raise Forbidden(
            "Code and terminals of this lab may not say what runs in another server",
            reason="A startup script and an environment run with the credentials of the new server.",
            remedy="Choose them in My Server, or on the page before a start; what you chose last is taken along.",
        )


def with_last(options: LaunchOptions, choices: LaunchChoices) -> LaunchOptions:
    """The options with the environment and script that the person chose last, as far as the profile takes them."""
    last = choices.last
    choice = next((item for item in choices.profiles if item.slug == options.profile), None)
    if last is None or choice is None:
        return options
    update: dict[str, object] = {}
    if choice.may_set_environment:
        update["environment"] = last.environment
    if choice.may_set_startup_script:
        update["startup_script"] = last.startup_script
    return options.model_copy(update=update)
