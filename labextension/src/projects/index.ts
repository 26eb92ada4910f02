/**
 * Projects and Home, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  IToolbarWidgetRegistry,
  Notification
} from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';

import { toError } from '../base/errors';
import { IHome } from '../base/home';
import { createPanelToolbar } from '../base/panel/toolbar';
import { executeOwn, addToPalette } from '../base/registry';
import { loadTexts } from '../base/translation';
import { ProjectsClient } from './client';
import { addCommands, CommandIDs } from './commands';
import { HomeCards } from './home/cards';
import { ProjectsModel } from './model';
import { ProjectsOpener } from './opener';
import { ProjectSwitcher } from './switcher/button';
import { ProjectStatus } from './switcher/status';
import { followServer, followTabs, recover, watch } from './sync';
import { IProjects } from './tokens';

const PLUGIN = '@orrery/labextension:projects';
const HOME_PLUGIN = '@orrery/labextension:home';
const HOME_TOOLBAR = 'OrreryHome';
const LAUNCHER_RANK = 0;
// Right of everything that the lab itself puts there.
const TOP_RANK = 990;
const STATUS_RANK = 50;

const home: JupyterFrontEndPlugin<HomeCards> = {
  id: `${HOME_PLUGIN}-cards`,
  description: 'The registry of the cards on Orrery Home.',
  autoStart: true,
  provides: IHome,
  activate: () => new HomeCards()
};

function tellLoss(name: string, trans: TranslationBundle): void {
  Notification.warning(
    trans.__(
      'You are no longer in the project "%1": it was deleted, or an owner removed you.',
      name
    ),
    { autoClose: false }
  );
}

const projects: JupyterFrontEndPlugin<IProjects> = {
  id: PLUGIN,
  description: 'Knows the current project and the ones to choose from.',
  autoStart: true,
  optional: [ITranslator],
  provides: IProjects,
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): IProjects => {
    const trans = loadTexts(translator);
    const { connectionFailure, events, serverSettings } = app.serviceManager;
    const model = new ProjectsModel(new ProjectsClient(serverSettings));
    recover(model);
    watch(model);
    followTabs(model, serverSettings.baseUrl);
    followServer(model, events.stream);
    model.lost.connect((_, { name }) => tellLoss(name, trans));
    // What can be done depends on whether there is a hub; whoever shows it asks again.
    model.status().catch(() => undefined);
    connectionFailure.connect((_, cause) =>
      model.disconnect(
        toError({
          code: 'network_down',
          message: trans.__('The server cannot be reached'),
          details: { cause: cause.message },
          remedy: trans.__('Check the connection; your server may have stopped.')
        })
      )
    );
    void model.refresh();
    return model;
  }
};

const screens: JupyterFrontEndPlugin<void> = {
  id: HOME_PLUGIN,
  description: 'Orrery Home, the pages of projects, and their commands.',
  autoStart: true,
  requires: [IProjects, IHome],
  optional: [
    ITranslator,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IToolbarWidgetRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    model: ProjectsModel,
    cards: HomeCards,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    toolbars: IToolbarWidgetRegistry | null
  ): void => {
    const trans = loadTexts(translator);
    const names = { toolbar: HOME_TOOLBAR, plugin: HOME_PLUGIN };
    const toolbar = createPanelToolbar({ settings, toolbars, translator }, names);
    const opener = new ProjectsOpener({ app, model, cards, trans, toolbar });
    addCommands({ commands: app.commands, projects: model, opener, trans });
    addToPalette(
      palette,
      trans,
      Object.values(CommandIDs).map(id => [id])
    );
    if (restorer) {
      opener.restore(restorer);
    }
    void settings?.load(HOME_PLUGIN).then(mine => opener.start(mine));
  }
};

const switcher: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:project-switcher',
  description: 'Names the current project in the top bar, and switches to another.',
  autoStart: true,
  requires: [IProjects],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IProjects,
    translator: ITranslator | null
  ): void => {
    const onClick = (): void => void executeOwn(app.commands, CommandIDs.switch);
    const widget = new ProjectSwitcher({
      projects: model,
      trans: loadTexts(translator),
      onClick
    });
    app.shell.add(widget, 'top', { rank: TOP_RANK });
  }
};

const launcher: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:launcher',
  description: 'The cards of Home and the project page in the launcher.',
  autoStart: true,
  requires: [ILauncher],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    launch: ILauncher,
    translator: ITranslator | null
  ): void => {
    const category = loadTexts(translator).__('Orrery');
    [CommandIDs.openHome, CommandIDs.openPage].forEach((command, index) =>
      launch.add({ command, category, rank: LAUNCHER_RANK + index })
    );
  }
};

const status: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:status',
  description:
    'Names the current project in the status bar, and says when the server is gone.',
  autoStart: true,
  requires: [IProjects, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IProjects,
    bar: IStatusBar,
    translator: ITranslator | null
  ): void => {
    const onClick = (): void => void executeOwn(app.commands, CommandIDs.openHome);
    bar.registerStatusItem('@orrery/labextension:status', {
      item: new ProjectStatus({
        projects: model,
        trans: loadTexts(translator),
        onClick
      }),
      align: 'left',
      rank: STATUS_RANK
    });
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  home,
  projects,
  screens,
  switcher,
  launcher,
  status
];

export default plugins;
