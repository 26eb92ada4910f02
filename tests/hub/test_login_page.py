"""The log-in page of a hub: Orrery's own, in both themes' colours, and it says whom to log in as."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from jupyterhub._data import DATA_FILES_PATH
from traitlets.config import Config

from orrery_hub.config import configure
from orrery_hub.settings import Settings

BASE = Path(DATA_FILES_PATH) / "templates"
BLANK: dict[str, Any] = {
    "authenticator": SimpleNamespace(request_otp=False, otp_prompt="Code"),
    "authenticator_login_url": "/hub/login?next=",
    "base_url": "/hub/",
    "prefix": "/",
    "xsrf": "a-token",
    "static_url": lambda path, **_: f"/hub/static/{path}",
    "username": "",
}


def render(home: Path, *, profile: str = "laptop", **values: Any) -> str:
    """The page as a hub with this configuration makes it."""
    c = Config()
    configure(c, Settings(home=home, profile=profile, admins=("root",)))  # type: ignore[arg-type]
    folders = c.JupyterHub.template_paths.get_value([str(BASE)])
    variables = c.JupyterHub.get("template_vars")
    shared = variables.get_value({}) if variables else {}
    loader = ChoiceLoader(
        [
            PrefixLoader({"templates": FileSystemLoader(BASE)}),
            FileSystemLoader(folders),
        ]
    )
    template = Environment(loader=loader, autoescape=True).get_template("login.html")
    return template.render(BLANK | shared | values)


def test_it_is_orrerys_own_and_says_whom_to_log_in_as(tmp_path: Path) -> None:
    page = render(tmp_path)
    assert "<title>Orrery</title>" in page.replace("\n", "").replace("  ", "")
    assert "Log in to Orrery" in page
    assert page.count("<code>root</code>") == 2
    assert "orrery password" in page
    assert page.index("--bs-body-bg: #fff") < page.index("[data-bs-theme='dark']")
    assert 'name="_xsrf" value="a-token"' in page
    secrets = [file.read_text().strip() for file in (tmp_path / "secrets").iterdir()]
    assert not [secret for secret in secrets if secret in page]


def test_a_wrong_password_is_said_and_the_name_stays(tmp_path: Path) -> None:
    name = '<b>&"ada'
    page = render(tmp_path, username=name, login_error="Invalid username or password")
    assert 'role="alert">Invalid username or password. Check both' in page
    assert 'value="&lt;b&gt;&amp;&#34;ada"' in page
    assert "<b>" not in page


def test_of_accounts_elsewhere_it_says_nothing(tmp_path: Path) -> None:
    page = render(tmp_path, profile="none")
    assert "Log in to Orrery" in page
    assert "orrery password" not in page
    assert "administers" not in page


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"login_service": "GitHub"}, "Sign in with GitHub"),
        ({"custom_html": "<p>Own form</p>"}, "<p>Own form</p>"),
        ({"login_term_url": "/terms"}, "terms and conditions"),
        ({"authenticator": SimpleNamespace(request_otp=True, otp_prompt="Code")}, 'name="otp"'),
    ],
)
def test_what_the_form_has_no_field_for_is_jupyterhubs_form(
    tmp_path: Path, values: dict[str, Any], text: str
) -> None:
    page = render(tmp_path, **values)
    assert text in page
    assert "Log in to Orrery" not in page
    assert "orrery-brand" in page
