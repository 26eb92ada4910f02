"""Pages of the hub service for a browser: Jinja2 templates beside JupyterHub's own, without any script but the one
that the page of administration names.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from orrery_hub.base.request_context import request_context
from orrery_wire.errors import OrreryError
from orrery_wire.names import is_invisible

_STYLE = (files("orrery_hub") / "templates" / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)


class Pages:
    """Renders templates. ``hub_url`` is the path of JupyterHub's own pages, ``service_url`` that of the service's."""

    def __init__(self, hub_url: str, service_url: str = "/services/orrery/") -> None:
        self._templates = Environment(
            loader=PackageLoader("orrery_hub"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["visible"] = visible
        # The style is our own file; escaped, it would no longer match its hash in the policy.
        self._templates.globals |= {
            "style": Markup(_STYLE),  # noqa: S704
            "hub_url": hub_url,
            "service_url": service_url,
        }
        self.hub_url = hub_url

    def render(
        self, template: str, *, status: int = 200, has_form: bool = False, **values: object
    ) -> HTMLResponse:
        """A page with a content security policy that allows its style, its own form if it has one, and nothing else.

        A window that opened the page cannot look into it.
        """
        html = self._templates.get_template(template).render(values)
        target = "'self'" if has_form else "'none'"
        headers = {
            "Content-Security-Policy": f"{_POLICY}; form-action {target}",
            "Cross-Origin-Opener-Policy": "noopener-allow-popups",
        }
        return HTMLResponse(html, status, headers=headers)

    def render_script(self, template: str, *, nonce: str, **values: object) -> HTMLResponse:
        """A page whose policy allows the script and the style sheet that carry ``nonce``, and calls to this origin.

        Nothing of it is kept: it holds the key of the person's log-in.
        """
        html = self._templates.get_template(template).render(values, nonce=nonce)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self';"
            " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "noopener-allow-popups",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(html, headers=headers)

    def error(self, problem: OrreryError) -> HTMLResponse:
        """An error as a page: what failed, why, what to do."""
        body = problem.body(request_context.get().request_id)
        return self.render("error.html", status=problem.status, error=body)


def visible(text: str) -> str:
    """A text in which characters that nobody sees, or that turn the order of others, stand as their numbers."""
    return "".join(f"\u2039U+{ord(c):04X}\u203a" if is_invisible(c) else c for c in text)


def prefers_html(request: Request) -> bool:
    """Whether a browser navigates here; programs that accept anything get JSON."""
    return "text/html" in request.headers.get("accept", "")
