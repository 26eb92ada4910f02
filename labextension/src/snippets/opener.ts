/**
 * Where the snippets' screens appear; each is loaded when it is first shown.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';

import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { CommandIDs } from './commands';
import type { ISnippetsContext, ISnippetsOpener } from './context';
import type { Draft, DraftStore } from './editor/draft';
import type { EditorTab } from './editor/tab';
import type { Snippet, SnippetFile } from './schemas';
import { PANEL_ID } from './tokens';
import type { IChosenFiles } from './transfer/filedrop';

/** The screens of the snippets in this lab. */
export class SnippetsOpener implements ISnippetsOpener {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly context: ISnippetsContext,
    private readonly drafts: DraftStore
  ) {}

  /** Bring the forms back that were open before a reload. */
  restore(restorer: ILayoutRestorer): void {
    restorer
      .restore(this._tracker, {
        command: CommandIDs.edit,
        args: tab => ({ draft: tab.content.draft.key }),
        name: tab => tab.content.draft.key
      })
      .catch(error => notifyError(error, this.context.trans));
  }

  panel(): void {
    this.app.shell.activateById(PANEL_ID);
  }

  async edit(draft: Draft): Promise<void> {
    const open = this._tracker.find(tab => tab.content.draft.key === draft.key);
    if (open) {
      this.app.shell.activateById(open.id);
      return;
    }
    const { EditorTab } = await loaded(import('./editor/tab'));
    const tab = new EditorTab(this.context, this.drafts, draft);
    await this._tracker.add(tab);
    // A new draft has another key once it is saved.
    tab.content.saved.connect(() => void this._tracker.save(tab));
    this.app.shell.add(tab, 'main', { type: 'Snippet' });
    this.app.shell.activateById(tab.id);
  }

  editing(): boolean {
    const { currentWidget } = this._tracker;
    return currentWidget !== null && currentWidget === this.app.shell.currentWidget;
  }

  async save(): Promise<unknown> {
    return this._tracker.currentWidget?.content.save();
  }

  async history(snippet: Snippet): Promise<void> {
    const { createHistoryTab } = await loaded(import('./editor/history'));
    const tab = createHistoryTab(this.context, snippet);
    this.app.shell.add(tab, 'main', { type: 'Snippet history' });
    this.app.shell.activateById(tab.id);
  }

  async shortcut(snippet: Snippet): Promise<void> {
    const { askShortcut } = await loaded(import('./editor/shortcut'));
    await askShortcut(this.context, snippet);
  }

  async importFiles(chosen?: IChosenFiles, folder = false): Promise<void> {
    const { importFiles } = await loaded(import('./transfer/import'));
    await importFiles(this.context, chosen ?? null, folder);
  }

  async download(files: readonly SnippetFile[]): Promise<void> {
    const { download } = await loaded(import('./transfer/download'));
    download(files);
  }

  async libraries(): Promise<void> {
    const { showLibraries } = await loaded(import('./transfer/libraries'));
    await showLibraries(this.context);
  }

  private readonly _tracker = new WidgetTracker<EditorTab>({
    namespace: 'orrery-snippets'
  });
}
