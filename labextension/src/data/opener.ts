/**
 * Where the tabs, the panel and the forms of data appear; each is loaded when it is first shown.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker, type MainAreaWidget } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactWidget } from '@jupyterlab/ui-components';

import type { CodeInserter } from '../base/insert/codeinserter';
import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { executeOwn } from '../base/registry';
import { createTab, tabLabel } from '../base/tab';
import type { IProjects } from '../projects/tokens';
import type { DataClient } from './client';
import { CommandIDs } from './commands';
import type { IOpener } from './context';
import { dataIcon } from './icons';
import { keyOf } from './path';
import type { Connection } from './schemas';
import { PANEL_ID, type IDataPlace } from './tokens';

const TAB = 'orrery-data-details-';
const PROFILE = 'eda:profile';

export interface IOpenerOptions {
  app: JupyterFrontEnd;
  client: DataClient;
  inserter: CodeInserter;
  projects: IProjects | null;
  trans: TranslationBundle;
}

/** Shows tabs, the panel and the forms of one lab. */
export class Opener implements IOpener {
  constructor(private readonly parts: IOpenerOptions) {}

  /** Bring the tabs back that were open before a reload. */
  restore(restorer: ILayoutRestorer): void {
    restorer
      .restore(this._tracker, {
        command: CommandIDs.open,
        args: tab => ({ ...placeOf(tab) }),
        name: tab => tab.id
      })
      .catch(error => notifyError(error, this.parts.trans));
  }

  panel(): void {
    this.parts.app.shell.activateById(PANEL_ID);
  }

  async details(place: IDataPlace, name: string): Promise<void> {
    const { app, trans } = this.parts;
    const id = `${TAB}${keyOf(place.location, place.path)}`;
    const existing = this._tracker.find(tab => tab.id === id);
    if (existing) {
      app.shell.activateById(id);
      return;
    }
    const content = await this._createDetails(place);
    const title = name || trans.__('Data');
    const tab = createTab({ id, title, icon: dataIcon, content });
    tab.title.label = tabLabel(title);
    tab.title.caption = trans.__('Properties of %1', place.path || title);
    await this._tracker.add(tab);
    app.shell.add(tab, 'main', { type: 'Data' });
    app.shell.activateById(id);
  }

  async connection(known: Connection | null): Promise<Connection | null> {
    const { client, projects, trans } = this.parts;
    const { askConnection } = await loaded(import('./connectionform'));
    const [kinds, place] = await Promise.all([client.kinds(), client.secretPlace()]);
    return askConnection({
      trans,
      kinds: kinds.items,
      known,
      project: projects?.current?.slug ?? null,
      isAtHub: PageConfig.getOption('hubUser') !== '',
      secretPlace: place.text,
      calls: {
        create: connection => client.createConnection(connection),
        update: (id, patch) => client.updateConnection(id, patch),
        test: (connection, id) => client.tryConnection({ connection, id })
      }
    });
  }

  get folder(): string | null {
    return this.parts.inserter.folder;
  }

  insert(code: string): void {
    this.parts.inserter.insert(code);
  }

  /** Opens a file in Auto-EDA, where that is there and reads files of the location. */
  private _profile(place: IDataPlace, kind: string): (() => void) | null {
    const { commands } = this.parts.app;
    const source = { files: 'file', lake: 'lake' }[place.location];
    if (kind !== 'file' || !source || !commands.hasCommand(PROFILE)) {
      return null;
    }
    const args = { source: { kind: source, location: place.path } };
    return () => void executeOwn(commands, PROFILE, args);
  }

  private async _createDetails(place: IDataPlace): Promise<ReactWidget> {
    const { app, client, trans } = this.parts;
    const { createDetails } = await loaded(import('./details'));
    const args = { ...place };
    return createDetails({
      trans,
      load: signal => client.entry(args, { signal }),
      explain: () => client.explain(args),
      insert: () => void executeOwn(app.commands, CommandIDs.insert, args),
      copyPath: () => void executeOwn(app.commands, CommandIDs.copyPath, args),
      preview: ({ kind }) => ({
        load: (window, signal) =>
          client.window({ ...args, is_folder: kind === 'folder', window }, signal),
        address: client.downloadUrl(place.location, place.path),
        profile: this._profile(place, kind)
      })
    });
  }

  private readonly _tracker = new WidgetTracker<MainAreaWidget>({
    namespace: 'orrery-data'
  });
}

/** The place that a tab is about. */
function placeOf({ id }: MainAreaWidget): IDataPlace {
  const [location, ...path] = id.slice(TAB.length).split(':');
  return { location, path: path.join(':') };
}
