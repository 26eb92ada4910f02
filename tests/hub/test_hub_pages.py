"""The pages of a hub: Orrery's own, in both themes' colours; the log-in page says whom to log in as."""

from __future__ import annotations

import re
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


def render(home: Path, *, page: str = "login", profile: str = "laptop", **values: Any) -> str:
    """A page as a hub with this configuration makes it."""
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
    template = Environment(loader=loader, autoescape=True).get_template(f"{page}.html")
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


@pytest.mark.parametrize(
    ("active", "words"),
    [(True, ["Open My Server", "Stop My Server"]), (False, ["Start My Server"])],
)
def test_home_says_what_a_server_is_and_has_what_its_script_looks_for(
    tmp_path: Path, active: bool, words: list[str]
) -> None:
    server = SimpleNamespace(active=active)
    page = render(tmp_path, page="home", default_server=server, url="/user/ada/", user=None)
    assert "a JupyterLab server of your own" in page
    assert [word for word in ("Open", "Start", "Stop") if f"{word} My Server" in page] == [
        word.split()[0] for word in words
    ]
    assert ('id="stop"' in page) == active
    assert 'id="start"' in page
    assert 'require(["home"])' in page


def test_servers_with_names_get_jupyterhubs_table(tmp_path: Path) -> None:
    user = SimpleNamespace(
        all_spawners=lambda **_: [], json_escaped_name="ada", name="ada", spawner=None
    )
    page = render(
        tmp_path,
        page="home",
        default_server=SimpleNamespace(active=False),
        allow_named_servers=True,
        named_server_limit_per_user=0,
        no_spawner_check=True,
        user=user,
    )
    assert "Add New Server" in page
    assert "orrery-brand" in page


@pytest.mark.parametrize(
    ("page", "values", "words"),
    [
        ("404", {"status_code": 404}, "This page does not exist"),
        ("404", {"status_code": 404, "status_message": "None", "message": "None"}, "mistyped"),
        ("error", {"status_code": 403, "message": "Missing scope <b>"}, "Missing scope &lt;b&gt;"),
        ("error", {"status_code": 503, "message_html": "<em>Wait</em>"}, "<em>Wait</em>"),
        ("error", {"status_code": 418, "status_message": "I am a teapot"}, "This did not work"),
        ("error", {"status_code": 500, "extra_error_html": "<i>Log</i>"}, "<i>Log</i>"),
    ],
)
def test_an_error_says_what_and_what_to_do_and_leads_back(
    tmp_path: Path, page: str, values: dict[str, Any], words: str
) -> None:
    text = render(tmp_path, page=page, user=None, **values)
    assert words in text
    assert f"Error {values['status_code']}" in text
    assert 'href="/hub/home"' in text
    assert "None" not in text
    assert "moons" not in text


def test_the_page_of_administrators_is_jupyterhubs_in_orrerys_frame(tmp_path: Path) -> None:
    page = render(tmp_path, page="admin", user=None)
    assert "People and servers" in page
    assert 'id="react-admin-hook"' in page
    assert "orrery-brand" in page


@pytest.mark.parametrize("failed", [False, True])
def test_a_server_that_is_started_anew_is_waited_for_unless_it_failed(
    tmp_path: Path, failed: bool
) -> None:
    page = render(
        tmp_path,
        page="not_running",
        user=SimpleNamespace(name="ada", spawner=None),
        server_name="",
        spawn_url="/hub/spawn/ada",
        failed=failed,
    )
    assert 'href="/hub/spawn/ada"' in page
    assert ("restart-until" in page) == (not failed)
    # What the script looks for.
    assert re.search(r"</h1>\s*<p>", page)
    assert page.count("<h1>") == 1
