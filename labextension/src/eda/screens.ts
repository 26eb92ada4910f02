/**
 * Where the screens of auto-EDA appear; each is loaded when it is first shown.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';

import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { save, start, type IBench } from './bench';
import { CommandIDs, type IScreens } from './commands';
import { edaIcon } from './icons';
import type { Options, Run, SourceIn } from './schemas';
import { titleOf } from './wanted';

/** The id of the panel. */
export const PANEL_ID = 'orrery-eda';

/** The screens of auto-EDA in this lab. */
export class Screens implements IScreens {
  constructor(
    app: JupyterFrontEnd,
    bench: IBench,
    browser: IDefaultFileBrowser | null,
    insert: (code: string) => Promise<void>
  ) {
    this._app = app;
    this._bench = bench;
    this._browser = browser;
    this._insert = insert;
  }

  /** What the person chose in the panel; the panel says so. */
  selection: readonly Run[] = [];

  /** Bring the tabs back that were open before a reload. */
  restore(restorer: ILayoutRestorer): void {
    restorer
      .restore(this._tracker, {
        command: CommandIDs.open,
        args: tab => ({ id: idOf(tab) }),
        name: tab => idOf(tab)
      })
      .catch(error => notifyError(error, this._bench.trans));
  }

  panel(): void {
    this._app.shell.activateById(PANEL_ID);
  }

  async open(run: Run): Promise<void> {
    const open = this._tracker.find(tab => idOf(tab) === run.id);
    if (open) {
      this._app.shell.activateById(open.id);
      return;
    }
    const bench = this._bench;
    const { client, commands, frames, trans } = bench;
    const failed = (error: unknown): void => notifyError(error, trans);
    const { createTab } = await loaded(import('./view/tab'));
    const content = createTab({
      id: run.id,
      client,
      trans,
      insert: this._insert,
      frame: () => {
        const known = run.source.kind === 'frame' ? frames.find(run.source.name) : null;
        return known && { name: known.name, dialect: known.dialect };
      },
      start: wanted => start(bench, wanted),
      open: id => void commands.execute(CommandIDs.open, { id }),
      files: save,
      onError: failed
    });
    const tab = new MainAreaWidget({ content });
    tab.id = `${PANEL_ID}-run-${run.id}`;
    tab.title.label = titleOf(run);
    tab.title.caption = trans.__('What was found in %1', titleOf(run));
    tab.title.icon = edaIcon;
    tab.title.closable = true;
    tab.toolbar.hide();
    await this._tracker.add(tab);
    this._app.shell.add(tab, 'main', { type: 'Profile' });
    this._app.shell.activateById(tab.id);
  }

  async ask(
    source: SourceIn | null
  ): Promise<{ source: SourceIn; options: Options; full: boolean } | null> {
    const { askOptions } = await loaded(import('./form'));
    return askOptions(this._bench.trans, source);
  }

  files(): readonly Contents.IModel[] {
    return this._browser ? [...this._browser.selectedItems()] : [];
  }

  chosen(): readonly Run[] {
    return this.selection;
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _bench: IBench;
  private readonly _browser: IDefaultFileBrowser | null;
  private readonly _insert: (code: string) => Promise<void>;
  private readonly _tracker = new WidgetTracker<MainAreaWidget>({
    namespace: 'orrery-eda'
  });
}

function idOf(tab: MainAreaWidget): string {
  return tab.id.slice(`${PANEL_ID}-run-`.length);
}
