/**
 * Data, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import {
  ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import { CodeInserter } from '../base/insert/codeinserter';
import type { IPlaces } from '../base/insert/target';
import { notifyError } from '../base/notify';
import { reloadOn } from '../base/panel/listsource';
import { registerPanel } from '../base/panel/register';
import { Selection } from '../base/panel/selection';
import { createPanelToolbar } from '../base/panel/toolbar';
import { Preferences } from '../base/preferences';
import { addToPalette } from '../base/registry';
import { loadTexts } from '../base/translation';
import { IProjects } from '../projects/tokens';
import { DataClient } from './client';
import { placeOf } from './commandargs';
import { addCommands, CommandIDs } from './commands';
import type { ICommandContext } from './context';
import { NodeDrag } from './drag';
import { dataIcon } from './icons';
import { TreeModel, type TreeRow } from './model';
import { Opener } from './opener';
import { PlaceStore } from './places';
import { DEFAULT_SETTINGS, libraryOf, sortOf } from './settings';
import { IData, PANEL_ID } from './tokens';

const PLUGIN = '@orrery/labextension:data';
// Its key in the settings schema.
const TOOLBAR = 'OrreryData';
const RANK = 290;

const data: JupyterFrontEndPlugin<IData> = {
  id: PLUGIN,
  description: 'One tree over files, the lake, object stores and databases.',
  autoStart: true,
  provides: IData,
  optional: [
    ITranslator,
    ISettingRegistry,
    IToolbarWidgetRegistry,
    IStateDB,
    ILayoutRestorer,
    ICommandPalette,
    INotebookTracker,
    IConsoleTracker,
    IEditorTracker,
    IProjects
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    toolbars: IToolbarWidgetRegistry | null,
    state: IStateDB | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    editors: IEditorTracker | null,
    projects: IProjects | null
  ): IData => {
    const trans = loadTexts(translator);
    const places = { shell: app.shell, notebooks, consoles, editors };
    const context = createContext(app, places, state, projects, trans);
    const { model, preferences } = context;
    const names = { toolbar: TOOLBAR, plugin: PLUGIN };
    const toolbar = createPanelToolbar({ settings, toolbars, translator }, names);
    addCommands(context);
    addToPalette(palette, trans, [
      [CommandIDs.openPanel],
      [CommandIDs.connect],
      [CommandIDs.connectVariable],
      [CommandIDs.refresh]
    ]);
    preferences.changed.connect(() => model.order(sortOf(preferences.values.sort)));
    void preferences.follow(settings, PLUGIN);
    if (projects) {
      reloadOn(projects.currentChanged, model);
    }
    registerPanel(app, restorer, translator, {
      id: PANEL_ID,
      title: trans.__('Data'),
      icon: dataIcon,
      area: 'left',
      rank: RANK,
      load: () => import('./widget'),
      create: ({ createPanel }) =>
        createPanel(context, {
          translator: translator ?? nullTranslator,
          toolbar,
          state,
          drag: createDrag(context)
        })
    });
    if (restorer) {
      context.opener.restore(restorer);
    }
    return createService(context);
  }
};

/** The context of the commands, with the opener of this lab. */
type LabContext = ICommandContext & { readonly opener: Opener };

function createContext(
  app: JupyterFrontEnd,
  places: IPlaces,
  state: IStateDB | null,
  projects: IProjects | null,
  trans: TranslationBundle
): LabContext {
  const client = new DataClient(app.serviceManager.serverSettings);
  const model = new TreeModel({
    locations: signal => client.allLocations(signal),
    entries: (query, signal) => client.page(query, signal)
  });
  const inserter = new CodeInserter({ ...places, trans, app });
  const selection = new Selection<TreeRow>(({ key }) => key);
  return {
    client,
    commands: app.commands,
    model,
    opener: new Opener({ app, client, inserter, projects, trans }),
    places: new PlaceStore(state),
    preferences: new Preferences(DEFAULT_SETTINGS),
    selection,
    trans
  };
}

function createDrag({ client, opener, preferences, trans }: LabContext): NodeDrag {
  return new NodeDrag({
    code: async node => {
      const library = libraryOf(preferences.values.library);
      const folder = opener.folder ?? '';
      return (await client.code({ ...placeOf(node), library, folder })).code;
    },
    onError: error => notifyError(error, trans)
  });
}

function createService({ model, opener }: LabContext): IData {
  return {
    reveal: async ({ location: id, path }) => {
      opener.panel();
      await model.open();
      const location = model.location(id);
      if (location) {
        await model.reveal(location, path);
      }
    }
  };
}

const plugins: JupyterFrontEndPlugin<unknown>[] = [data];

export default plugins;
