/**
 * Auto-EDA, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import {
  ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import { JobNotifications } from '../base/jobs/jobnotifications';
import { CodeInserter } from '../base/insert/codeinserter';
import type { IPlaces } from '../base/insert/target';
import { reloadOn } from '../base/panel/listsource';
import { registerPanel } from '../base/panel/register';
import { createPanelToolbar } from '../base/panel/toolbar';
import { Preferences } from '../base/preferences';
import { executeOwn, addToPalette } from '../base/registry';
import { loadTexts } from '../base/translation';
import { IProjects } from '../projects/tokens';
import { EdaClient } from './client';
import { addCommands, CommandIDs } from './commands';
import type { ICommandContext } from './context';
import { FramesModel, type IKernelPlaces } from './frames';
import { home } from './home';
import { edaIcon } from './icons';
import { addFileCommands, addFrameCommands, IntegrationIDs } from './integrations';
import { EdaModel } from './model';
import { runText } from './notifications';
import { Opener } from './opener';
import type { Run } from './schemas';
import { createSelection, findItem } from './selection';
import { DEFAULT_SETTINGS, optionsOf, type ISettings } from './settings';
import { RunStarter } from './startrun';
import { IEda, PANEL_ID } from './tokens';

const PLUGIN = '@orrery/labextension:eda';
// Its key in the settings schema.
const TOOLBAR = 'OrreryEda';
const RANK = 310;
const LAUNCHER_RANK = 40;

const eda: JupyterFrontEndPlugin<IEda> = {
  id: PLUGIN,
  description: 'Profiles data: dataframes, files, object stores and database tables.',
  autoStart: true,
  provides: IEda,
  optional: [
    ITranslator,
    ISettingRegistry,
    IToolbarWidgetRegistry,
    IStateDB,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    INotebookTracker,
    IConsoleTracker,
    IDefaultFileBrowser,
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
    launcher: ILauncher | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    files: IDefaultFileBrowser | null,
    editors: IEditorTracker | null,
    projects: IProjects | null
  ): IEda => {
    const places = { shell: app.shell, notebooks, consoles, editors };
    const trans = loadTexts(translator);
    const preferences = new Preferences(DEFAULT_SETTINGS);
    const context = createContext(app, places, preferences, trans);
    const names = { toolbar: TOOLBAR, plugin: PLUGIN };
    const toolbar = createPanelToolbar({ settings, toolbars, translator }, names);
    addCommands(context);
    addFrameCommands(context);
    addFileCommands(context, () => [...(files?.selectedItems() ?? [])]);
    addEntries(trans, palette, launcher);
    showNotifications(context, preferences);
    followSettings(context, preferences, settings);
    if (projects) {
      reloadOn(projects.currentChanged, context.model.runs);
      reloadOn(projects.currentChanged, context.model.sources);
    }
    registerPanel(app, restorer, translator, {
      id: PANEL_ID,
      title: trans.__('Auto-EDA'),
      icon: edaIcon,
      area: 'right',
      rank: RANK,
      load: () => import('./widget'),
      create: ({ createPanel }) =>
        createPanel(context, {
          translator: translator ?? nullTranslator,
          toolbar,
          state
        })
    });
    if (restorer) {
      context.opener.restore(restorer);
    }
    void app.restored
      .then(() => context.model.resume())
      // Whoever opens the panel is told why.
      .catch(() => undefined);
    return createService(context);
  }
};

/** The context of the commands, with the opener of this lab. */
type LabContext = ICommandContext & { readonly opener: Opener };

function createContext(
  app: JupyterFrontEnd,
  places: IKernelPlaces & IPlaces,
  preferences: Preferences<ISettings>,
  trans: TranslationBundle
): LabContext {
  const client = new EdaClient(app.serviceManager.serverSettings);
  const model = new EdaModel(client);
  const frames = new FramesModel(places);
  const selection = createSelection();
  const options = () => optionsOf(preferences.values);
  const starter = new RunStarter({ model, frames, options, trans });
  const inserter = new CodeInserter({ ...places, trans, app });
  const parts = { client, model, frames, starter, trans };
  const opener = new Opener({ ...parts, app, options, inserter });
  for (const { changed } of [model.runs, model.sources, frames]) {
    changed.connect(() => selection.renew(key => findItem(key, model, frames)));
  }
  return { ...parts, commands: app.commands, opener, selection };
}

/** Entries of the palette and of the launcher. */
function addEntries(
  trans: TranslationBundle,
  palette: ICommandPalette | null,
  launcher: ILauncher | null
): void {
  addToPalette(palette, trans, [
    [CommandIDs.openPanel],
    [CommandIDs.new],
    [IntegrationIDs.profileFrame],
    [CommandIDs.refresh]
  ]);
  launcher?.add({
    command: CommandIDs.new,
    args: { isLauncher: true },
    category: trans.__('Orrery'),
    rank: LAUNCHER_RANK
  });
}

function followSettings(
  { frames }: LabContext,
  preferences: Preferences<ISettings>,
  settings: ISettingRegistry | null
): void {
  const update = (): void => {
    frames.live = preferences.values.live;
  };
  preferences.changed.connect(update);
  update();
  void preferences.follow(settings, PLUGIN);
}

function showNotifications(
  { commands, model, opener, trans }: LabContext,
  preferences: Preferences<ISettings>
): void {
  const run = (command: string) => (id: string) =>
    void executeOwn(commands, command, { id });
  new JobNotifications({
    jobs: model.active,
    trans,
    textOf: job => runText(job, trans),
    isEnabled: () => preferences.values.notify,
    isShown: id => opener.isShown(id),
    open: run(CommandIDs.open),
    cancel: run(CommandIDs.cancel),
    rerun: run(CommandIDs.rerun)
  });
}

function createService({ commands, opener, starter }: LabContext): IEda {
  const show = async (run: Run): Promise<Run> => {
    await opener.open(run.id, run);
    return run;
  };
  return {
    profile: async (source, options) => show(await starter.profile(source, options)),
    compare: async (source, against) => show(await starter.compare(source, against)),
    open: id => void executeOwn(commands, CommandIDs.open, { id })
  };
}

const plugins: JupyterFrontEndPlugin<unknown>[] = [eda, home];

export default plugins;
