"""``configure`` for log-in, by one setting: ``ORRERY_LOGIN``.

Passwords of one machine are part of the profile ``laptop``; this is PAM, and the log-in providers.
"""

from __future__ import annotations

from traitlets.config import Config

from orrery_hub.authentication.providers import Provider, parse
from orrery_hub.base.claims import claim_name
from orrery_hub.base.secret import mounted_secret, secret
from orrery_hub.settings import Settings

_CLASSES = "orrery_hub.authentication.authenticators"
_SCOPES = ("openid", "profile", "email")


def configure(c: Config, settings: Settings) -> None:
    """Set the authenticator that ``settings.login`` names; with none, the profile's stays.

    Raises:
        ValueError: the file with the client's secret is missing.
    """
    provider = parse(settings.login)
    if settings.login == "pam":
        c.JupyterHub.authenticator_class = "pam"
        c.Authenticator.allow_all = True
        c.Authenticator.admin_users = set(settings.admins)
    if provider is None:
        return
    c.Authenticator.admin_users = set(settings.admins)
    c.Authenticator.manage_groups = True
    # What the provider said is needed at each refresh; it is encrypted, and no scope of a person reads it.
    c.Authenticator.enable_auth_state = True
    read = mounted_secret if settings.profile == "kubernetes" else secret
    c.CryptKeeper.keys = [bytes.fromhex(read(settings.secrets, "auth_state_key"))]
    _provider(c, settings, provider)


def _provider(c: Config, settings: Settings, provider: Provider) -> None:
    shared = c.OAuthenticator
    shared.client_id = settings.login_client_id
    shared.client_secret = mounted_secret(settings.secrets, "login_client_secret")
    shared.login_service = settings.login_title or provider.title
    shared.admin_groups = set(settings.administrator_groups())
    if settings.public_url:
        shared.oauth_callback_url = f"{settings.public_url.rstrip('/')}/hub/oauth_callback"
    allowed = settings.login_allowed
    c.Authenticator.allow_all = not allowed
    c.GitHubAuthenticator.adopts_accounts = settings.login_adopts_accounts
    c.OIDCAuthenticator.adopts_accounts = settings.login_adopts_accounts
    if provider.kind == "github":
        c.JupyterHub.authenticator_class = f"{_CLASSES}.GitHubAuthenticator"
        c.GitHubOAuthenticator.scope = ["read:user", "read:org"]
        c.GitHubOAuthenticator.populate_teams_in_auth_state = True
        c.GitHubOAuthenticator.allowed_organizations = {
            name.replace("/", ":", 1) for name in allowed
        }
        return
    c.JupyterHub.authenticator_class = f"{_CLASSES}.OIDCAuthenticator"
    shared.scope = [*_SCOPES, *settings.login_scopes]
    shared.username_claim = settings.login_username_claim
    shared.allowed_groups = {claim_name("group", name) for name in allowed}
    c.OIDCAuthenticator.issuer = provider.issuer
    c.OIDCAuthenticator.groups_claim = settings.login_groups_claim
    roles = settings.login_roles_claim
    c.OIDCAuthenticator.roles_claim = provider.roles_claim if roles is None else roles
