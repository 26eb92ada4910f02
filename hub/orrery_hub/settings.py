"""Settings of the hub side: typed, with defaults, read from ``ORRERY_*`` environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError, model_validator

from orrery_hub import setting_checks
from orrery_hub.authentication.providers import parse as parse_login
from orrery_hub.base.claims import claim_name
from orrery_hub.base.secret import mounted_secret, secret
from orrery_hub.setting_groups import (
    AddressSettings,
    InstallationSettings,
    KubernetesSettings,
    LoginSettings,
    ProjectSettings,
    SecretSettings,
    ServerSettings,
)
from orrery_hub.setting_limits import LimitSettings, QueueSettings, StorageSettings


class SettingsError(Exception):
    """Settings that cannot be; the message names each, why, and what to do."""


def _in_words(problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    text = str(problem["msg"]).removeprefix("Value error, ")
    return f"ORRERY_{where.upper()}={problem['input']!r}: {text}." if where else f"{text}."


class Settings(
    # The documentation lists them from the last to the first.
    KubernetesSettings,
    SecretSettings,
    QueueSettings,
    StorageSettings,
    LimitSettings,
    ProjectSettings,
    ServerSettings,
    AddressSettings,
    LoginSettings,
    InstallationSettings,
):
    """Settings of an operator, the same for ``configure(c)`` and the hub service.

    Secrets are not settings: they are in files below ``home/secrets``.
    """

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        for name in ("body_bytes", "person_body_bytes"):
            if getattr(self, name) < self.max_body:
                raise ValueError(
                    f"ORRERY_{name.upper()} is less than ORRERY_MAX_BODY ({self.max_body:,}): a request of that size"
                    " would never be let in"
                )
        if not self.admins and self.has_shared_passwords:
            raise ValueError(
                "ORRERY_ADMINS is empty: nobody could administer the hub, and nobody would own the default project."
                " Name somebody"
            )
        if self.profile == "laptop" and self.host not in {"127.0.0.1", "localhost"}:
            raise ValueError(
                f"the laptop profile listens at 127.0.0.1 only, not at {self.host}: passwords would cross the"
                " network in the clear. Put a server that does TLS in front and name its address in"
                " ORRERY_PUBLIC_URL, or configure a hub of your own with ORRERY_PROFILE=none"
            )
        if self.host in {"0.0.0.0", "::", ""} and not self.service_url:  # noqa: S104  # it is refused
            raise ValueError(
                f"labs cannot connect to {self.host!r}. Name the address of the hub service as they reach it in"
                " ORRERY_SERVICE_URL"
            )
        if self.public_url and (path := urlsplit(self.public_url).path or "/") != (
            self.base_url or "/"
        ):
            raise ValueError(
                f"ORRERY_PUBLIC_URL ends in {path} and ORRERY_BASE_URL is {self.base_url or '/'}: links would"
                " lead nowhere. Give both the same path"
            )
        return self

    @model_validator(mode="after")
    def _log_in_is_complete(self) -> Settings:
        provider = parse_login(self.login)
        if provider is None:
            return self
        if not self.login_client_id:
            raise ValueError(
                "ORRERY_LOGIN names a provider and ORRERY_LOGIN_CLIENT_ID is empty. Register Orrery there, and set"
                " the id that it gets"
            )
        if "admins" not in self.model_fields_set:
            raise ValueError(
                "ORRERY_LOGIN names a provider and ORRERY_ADMINS is not set: whoever is called admin there would"
                " administer this hub. Name who does, as the provider spells it, or set it to nothing and use"
                " ORRERY_LOGIN_ADMINS"
            )
        if provider.kind == "github" and not self.login_allowed:
            raise ValueError(
                "ORRERY_LOGIN=github and ORRERY_LOGIN_ALLOWED is empty: everybody at GitHub could log in. Name your"
                " organisations or teams"
            )
        return self

    @classmethod
    def load(cls, **values: object) -> Settings:
        """The settings of this process.

        Raises:
            SettingsError: what is wrong, and what to do.
        """
        try:
            return cls(**values)  # type: ignore[arg-type]
        except ValidationError as problem:
            raise SettingsError("\n".join(map(_in_words, problem.errors()))) from None

    @property
    def has_shared_passwords(self) -> bool:
        """Whether people log in on one machine, with one password for all and another for administrators."""
        return self.profile == "laptop" and self.login in {"", "password"}

    def administrator_groups(self) -> list[str]:
        """JupyterHub's groups whose members administer the hub, because the log-in provider says so."""
        if parse_login(self.login) is None:
            return []
        return [
            claim_name("role", entry.removeprefix("role:"))
            if entry.startswith("role:")
            else claim_name("group", entry)
            for entry in self.login_admins
        ]

    @property
    def secrets(self) -> Path:
        """The directory of secrets, for its owner only."""
        return self.home / "secrets"

    @property
    def state(self) -> Path:
        """The directory of persistent state."""
        return self.home / "state"

    @property
    def run(self) -> Path:
        """The directory of facts about running processes."""
        return self.home / "run"

    @property
    def audit_anchors(self) -> Path:
        """The file of copies of the audit's head."""
        return self.state / "audit-anchors.txt"

    def database(self) -> str:
        """The SQLAlchemy URL of the hub service's database.

        Raises:
            SettingsError: the file that is named is not there, or holds no URL of a database that can be used.
        """
        file = self.home / self.database_url_file
        if file.exists():
            try:
                return setting_checks.database_url(file.read_text(encoding="utf-8"))
            except (ValueError, OSError) as problem:
                raise SettingsError(f"The database cannot be used: {file}: {problem}.") from None
        if self.database_url_file != type(self).model_fields["database_url_file"].default:
            raise SettingsError(
                f"ORRERY_DATABASE_URL_FILE={str(self.database_url_file)!r}: {file} does not exist. Write the URL of"
                " the database into it, or unset it for SQLite."
            )
        return f"sqlite:///{self.state / 'orrery.sqlite'}"

    @property
    def is_service_external(self) -> bool:
        """Whether something other than JupyterHub starts the hub service: a supervisor, or a deployment of its own."""
        return self.service_external or bool(self.service_url)

    def service_token(self) -> str:
        """The token of an external hub service at JupyterHub: mounted for a deployment, else generated once.

        Raises:
            ValueError: the mounted file is missing.
        """
        read = mounted_secret if self.service_url else secret
        return read(self.secrets, "service_api_token")

    def launcher_token(self) -> str:
        """The token of JupyterHub's process at the hub service: mounted for a deployment, else generated once.

        Raises:
            ValueError: the mounted file is missing.
        """
        read = mounted_secret if self.service_url else secret
        return read(self.secrets, "launcher_token")

    def environment(self) -> dict[str, str]:
        """Environment of the hub service: the settings that differ from their defaults, no secret."""
        variables = {"ORRERY_HOME": str(self.home), "PATH": self.path}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            # Who administers counts as said when it is what everybody has.
            is_given = name == "admins" and name in self.model_fields_set
            if name in {"home", "path"} or (value == field.default and not is_given):
                continue
            variables[f"ORRERY_{name.upper()}"] = (
                ",".join(value) if isinstance(value, tuple) else str(value)
            )
        return variables
