"""A real browser: Debian's Chromium. Playwright's own download is never asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# The same Chromium, first without the windows that nobody sees: a page takes a third less of the processor.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Everything that a test may leave open: tabs, kernels except one, side bars, toasts.
RESET = """async kept => {
  const { commands, serviceManager, shell } = window.jupyterapp;
  for (const widget of [...shell.widgets('main')]) {
    if (widget.context?.model) { widget.context.model.dirty = false; }
    widget.dispose();
  }
  shell.mode = 'multiple-document';
  shell.collapseRight();
  shell.activateById('filebrowser');
  for (const close of document.querySelectorAll('.jp-Notification-Toast-Close')) { close.click(); }
  await serviceManager.sessions.refreshRunning();
  const sessions = [...serviceManager.sessions.running()].filter(one => one.kernel?.id !== kept);
  await Promise.all(sessions.map(one => serviceManager.sessions.shutdown(one.id)));
  await commands.execute('filebrowser:go-to-path', { path: '/', dontShowBrowser: true });
  if (shell.isEmpty('main')) { await commands.execute('launcher:create'); }
}"""


# True once the main area shows something; what has the focus is another question, for a page that was loaded again may
# give it to a side bar. The first tab gets it then, as if it had been clicked.
SHOWN = """() => {
  const shell = window.jupyterapp?.shell;
  const widgets = shell ? [...shell.widgets('main')] : [];
  if (widgets.length && !shell.currentWidget) { shell.activateById(widgets[0].id); }
  return widgets.length > 0 && shell.currentWidget !== null;
}"""


# Execute a command and wait for it. With arguments that a link could have chosen it asks first, which is answered
# with yes, as by a person who meant it.
EXECUTE = """async ([id, args]) => {
  let isOver = false;
  const done = window.jupyterapp.commands.execute(id, args).finally(() => { isOver = true; });
  while (!isOver) {
    const asks = [...document.querySelectorAll('.jp-Dialog')].find(dialog =>
      /^Run ".*"\\?$/.test(dialog.querySelector('.jp-Dialog-header')?.textContent ?? ''));
    if (asks) { asks.querySelector('.jp-mod-accept').click(); break; }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  await done;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that runs. Inside, this thread has an event loop, so nothing asynchronous can be run beside it."""
    binary = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert binary, "No Chromium. Install it with: apt-get install chromium-headless-shell"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=_FLAGS)
        yield browser
        browser.close()
