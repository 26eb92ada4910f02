"""Where the data of an account lies, and what lets somebody log in: what off-boarding leaves, in words."""

from __future__ import annotations

from orrery_hub.settings import Settings


def home_of(settings: Settings, name: str) -> str:
    """Where the home of an account is, and what to do with it."""
    if settings.profile == "laptop":
        return f"The folder {settings.home / 'users' / name}. Move it away, or remove it."
    if settings.profile == "kubernetes":
        return "Its volume claims, called home-NAME and labelled with the user. Keep or delete them in the cluster."
    return "Where the spawner of this hub keeps homes."


def log_in_of(settings: Settings) -> str:
    """What would let the person log in again, as a new person who has nothing."""
    if settings.has_shared_passwords:
        return "Whoever knows the shared password can log in under any name: change secrets/user_password and restart."
    if settings.login == "pam":
        return "The account of the machine: lock it."
    return "The account at the log-in provider: disable it there."
