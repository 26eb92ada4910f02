/**
 * Where the tabs, the panel and the form of Auto-EDA appear; each is loaded when it is first shown.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker, type MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { executeOwn } from '../base/registry';
import type { CodeInserter } from '../base/insert/codeinserter';
import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { save } from '../base/save';
import { createTab, tabLabel } from '../base/tab';
import type { EdaClient } from './client';
import { CommandIDs } from './commands';
import type { IFormResult, IOpener } from './context';
import type { FramesModel } from './frames';
import { edaIcon, taskIcons } from './icons';
import type { EdaModel } from './model';
import { knownFrom, type IKnownSource } from './readingoptions';
import type { Options, Overview, Run, SourceIn } from './schemas';
import { titleOf } from './source';
import type { RunStarter } from './startrun';
import { PANEL_ID } from './tokens';

const TAB = 'orrery-eda-run-';

export interface IOpenerOptions {
  app: JupyterFrontEnd;
  client: EdaClient;
  model: EdaModel;
  frames: FramesModel;
  starter: RunStarter;
  /** The options that the form begins with. */
  options: () => Options;
  trans: TranslationBundle;
  inserter: CodeInserter;
}

/** Shows tabs, the panel and the form of one lab. */
export class Opener implements IOpener {
  constructor(private readonly parts: IOpenerOptions) {
    parts.model.removed.connect((_, id) => this._find(id)?.dispose());
  }

  /** Bring the tabs back that were open before a reload. */
  restore(restorer: ILayoutRestorer): void {
    restorer
      .restore(this._tracker, {
        command: CommandIDs.open,
        args: tab => ({ id: idOf(tab) }),
        name: tab => idOf(tab)
      })
      .catch(error => notifyError(error, this.parts.trans));
  }

  panel(): void {
    this.parts.app.shell.activateById(PANEL_ID);
  }

  /** Whether the tab of a run is in sight. */
  isShown(id: string): boolean {
    return this._find(id)?.isVisible ?? false;
  }

  async open(id: string, run?: Run): Promise<void> {
    const { shell } = this.parts.app;
    const existing = this._find(id);
    if (existing) {
      shell.activateById(existing.id);
      return;
    }
    const tab = await this._createTab(id);
    this._setTitle(tab, run);
    await this._tracker.add(tab);
    shell.add(tab, 'main', { type: 'Profile' });
    shell.activateById(tab.id);
    if (!run) {
      // The tab itself says so when the run is not there.
      const result = await this.parts.client.watch(id, -1, 0).catch(() => null);
      this._setTitle(tab, result?.run);
    }
  }

  async ask(
    source: SourceIn | null,
    known: IKnownSource,
    start: (chosen: IFormResult) => Promise<unknown>
  ): Promise<boolean> {
    const { askOptions } = await loaded(import('./form'));
    const { options, trans } = this.parts;
    return askOptions({ trans, source, known, options: options(), start });
  }

  /** Ask how a source is to be read that was profiled before, and open what that starts. */
  private async _askReading(
    { source, options }: Run,
    overview: Overview | null
  ): Promise<void> {
    const { askOptions } = await loaded(import('./form'));
    const { starter, trans } = this.parts;
    const known = knownFrom(overview);
    const start = async (chosen: IFormResult): Promise<void> => {
      const run = await starter.profile(chosen.source, chosen.options);
      await this.open(run.id, run);
    };
    await askOptions({ trans, source, known, options, start, isReading: true });
  }

  /** The folder that code is inserted in; null when there is no place yet. */
  get folder(): string | null {
    return this.parts.inserter.folder;
  }

  insert(code: string): void {
    this.parts.inserter.insert(code);
  }

  private async _createTab(id: string): Promise<MainAreaWidget> {
    const { app, client, frames, starter, trans } = this.parts;
    const { createView } = await loaded(import('./view/tab'));
    const content = createView({
      id,
      client,
      trans,
      insert: code => this.insert(code),
      folder: () => this.folder,
      frame: () => {
        const source = this._runs.get(id)?.source;
        const frame = source?.kind === 'frame' ? frames.find(source.name) : null;
        return frame && { name: frame.name, dialect: frame.dialect };
      },
      start: request => starter.start(request),
      change: (run, overview) => this._askReading(run, overview),
      open: other => void executeOwn(app.commands, CommandIDs.open, { id: other }),
      files: save,
      onError: error => notifyError(error, trans)
    });
    const title = trans.__('Profile');
    return createTab({ id: `${TAB}${id}`, title, icon: edaIcon, content });
  }

  private _setTitle(tab: MainAreaWidget, run: Run | undefined): void {
    const { trans } = this.parts;
    if (run) {
      this._runs.set(run.id, run);
    }
    if (!tab.isDisposed) {
      // As the shell does with icons that are there when it takes a tab in.
      tab.title.icon = (run ? taskIcons[run.task] : edaIcon).bindprops({
        stylesheet: 'mainAreaTab'
      });
      tab.title.label = tabLabel(run ? titleOf(run) : trans.__('Profile'));
      tab.title.caption = run
        ? trans.__('Results on %1', titleOf(run))
        : trans.__('Results of a profile');
    }
  }

  private _find(id: string): MainAreaWidget | undefined {
    return this._tracker.find(tab => idOf(tab) === id);
  }

  private readonly _runs = new Map<string, Run>();
  private readonly _tracker = new WidgetTracker<MainAreaWidget>({
    namespace: 'orrery-eda'
  });
}

function idOf(tab: MainAreaWidget): string {
  return tab.id.slice(TAB.length);
}
