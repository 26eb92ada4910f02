/**
 * Where the screens of auto-EDA appear; each is loaded when it is first shown.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';

import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { save } from '../base/save';
import { start } from './begin';
import { CommandIDs, type IChosen, type IScreens } from './commands';
import { edaIcon, taskIcons } from './icons';
import { PANEL_ID } from './lazy';
import type { Run, SourceIn } from './schemas';
import { titleOf } from './wanted';
import type { IWorkbench } from './workbench';

const TAB = 'orrery-eda-run-';

/** The screens of auto-EDA in this lab. */
export class Screens implements IScreens {
  /** @param insert Puts code where the person works. */
  constructor(
    app: JupyterFrontEnd,
    bench: IWorkbench,
    insert: (code: string) => Promise<void>
  ) {
    this._app = app;
    this._bench = bench;
    this._insert = insert;
    bench.model.removed.connect((_, id) => this._find(id)?.dispose());
  }

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

  isShown(id: string): boolean {
    return this._find(id)?.isVisible ?? false;
  }

  async open(id: string, run?: Run): Promise<void> {
    const open = this._find(id);
    if (open) {
      this._app.shell.activateById(open.id);
      return;
    }
    const tab = await this._tab(id);
    this._name(tab, run);
    await this._tracker.add(tab);
    this._app.shell.add(tab, 'main', { type: 'Profile' });
    this._app.shell.activateById(tab.id);
    if (!run) {
      // The tab itself says so when the run is not there.
      const found = await this._bench.client.watch(id, -1, 0).catch(() => null);
      this._name(tab, found?.run);
    }
  }

  async ask(
    source: SourceIn | null,
    names: readonly string[]
  ): Promise<IChosen | null> {
    const { askOptions } = await loaded(import('./form'));
    const { preferences, trans } = this._bench;
    return askOptions({ trans, source, names, options: preferences.options });
  }

  private async _tab(id: string): Promise<MainAreaWidget> {
    const bench = this._bench;
    const { client, commands, frames, trans } = bench;
    const { createTab } = await loaded(import('./view/tab'));
    const content = createTab({
      id,
      client,
      trans,
      insert: this._insert,
      frame: () => {
        const source = this._runs.get(id)?.source;
        const known = source?.kind === 'frame' ? frames.find(source.name) : null;
        return known && { name: known.name, dialect: known.dialect };
      },
      start: wanted => start(bench, wanted),
      open: other => void commands.execute(CommandIDs.open, { id: other }),
      files: save,
      onError: error => notifyError(error, trans)
    });
    const tab = new MainAreaWidget({ content });
    tab.id = `${TAB}${id}`;
    tab.title.closable = true;
    tab.toolbar.hide();
    return tab;
  }

  private _name(tab: MainAreaWidget, run: Run | undefined): void {
    const { trans } = this._bench;
    if (run) {
      this._runs.set(run.id, run);
    }
    if (!tab.isDisposed) {
      // As the shell does with icons that are there when it takes a tab in.
      tab.title.icon = (run ? taskIcons[run.task] : edaIcon).bindprops({
        stylesheet: 'mainAreaTab'
      });
      tab.title.label = run ? titleOf(run) : trans.__('Profile');
      tab.title.caption = run
        ? trans.__('What was found in %1', titleOf(run))
        : trans.__('What was found in a source');
    }
  }

  private _find(id: string): MainAreaWidget | undefined {
    return this._tracker.find(tab => idOf(tab) === id);
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _bench: IWorkbench;
  insert(code: string): Promise<void> {
    return this._insert(code);
  }

  private readonly _insert: (code: string) => Promise<void>;
  private readonly _runs = new Map<string, Run>();
  private readonly _tracker = new WidgetTracker<MainAreaWidget>({
    namespace: 'orrery-eda'
  });
}

function idOf(tab: MainAreaWidget): string {
  return tab.id.slice(TAB.length);
}
