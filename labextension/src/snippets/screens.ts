/**
 * Where the snippets' screens appear; each is loaded when it is first shown.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';

import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { CommandIDs, type IScreens } from './commands';
import type { Draft } from './draft';
import type { EditorTab } from './editor';
import type { IScreen } from './hooks';
import { PANEL_ID } from './lazy';
import type { Snippet, SnippetFile } from './schemas';

/** The screens of the snippets in this lab. */
export class Screens implements IScreens {
  constructor(app: JupyterFrontEnd, screen: IScreen) {
    this._app = app;
    this._screen = screen;
  }

  /** Bring the forms back that were open before a reload. */
  restore(restorer: ILayoutRestorer): void {
    restorer
      .restore(this._tracker, {
        command: CommandIDs.edit,
        args: tab => ({ draft: tab.content.draft.key }),
        name: tab => tab.content.draft.key
      })
      .catch(error => notifyError(error, this._screen.bench.trans));
  }

  panel(): void {
    this._app.shell.activateById(PANEL_ID);
  }

  async edit(draft: Draft): Promise<void> {
    const open = this._tracker.find(tab => tab.content.draft.key === draft.key);
    if (open) {
      this._app.shell.activateById(open.id);
      return;
    }
    const { EditorTab } = await loaded(import('./editor'));
    const tab = new EditorTab(this._screen, draft);
    await this._tracker.add(tab);
    // A new draft has another key once it is saved.
    tab.content.saved.connect(() => void this._tracker.save(tab));
    this._app.shell.add(tab, 'main', { type: 'Snippet' });
    this._app.shell.activateById(tab.id);
  }

  editing(): boolean {
    const { currentWidget } = this._tracker;
    return currentWidget !== null && currentWidget === this._app.shell.currentWidget;
  }

  async save(): Promise<unknown> {
    return this._tracker.currentWidget?.content.save();
  }

  async history(snippet: Snippet): Promise<void> {
    const { historyTab } = await loaded(import('./history'));
    const tab = historyTab(this._screen, snippet);
    if (!tab.isAttached) {
      this._app.shell.add(tab, 'main', { type: 'Snippet history' });
    }
    this._app.shell.activateById(tab.id);
  }

  async shortcut(snippet: Snippet): Promise<void> {
    const { askShortcut } = await loaded(import('./shortcut'));
    await askShortcut(this._screen, snippet);
  }

  async importFiles(files?: readonly SnippetFile[], folder = false): Promise<void> {
    const { importFiles } = await loaded(import('./transfer'));
    await importFiles(this._screen, files ?? null, folder);
  }

  async download(files: readonly SnippetFile[]): Promise<void> {
    const { download } = await loaded(import('./download'));
    download(files);
  }

  async libraries(): Promise<void> {
    const { showLibraries } = await loaded(import('./libraries'));
    await showLibraries(this._screen);
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _screen: IScreen;
  private readonly _tracker = new WidgetTracker<EditorTab>({
    namespace: 'orrery-snippets'
  });
}
