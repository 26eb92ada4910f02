/**
 * The plugins of the projects. What is not on the screen when the lab starts is loaded when it is asked for.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  createToolbarFactory,
  ICommandPalette,
  IToolbarWidgetRegistry,
  MainAreaWidget,
  setToolbar,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Panel, type Widget } from '@lumino/widgets';

import { toError } from '../base/errors';
import { orreryIcon } from '../base/icons';
import { loaded } from '../base/lazy';
import { ProjectsClient } from './api';
import {
  addHomeCommand,
  addProjectCommands,
  addToPalette,
  CommandIDs
} from './commands';
import { ProjectsModel } from './model';
import { recover } from './recovery';
import { ProjectStatus } from './status';
import { ProjectSwitcher } from './switcher';
import { IProjects } from './tokens';

const ID = '@orrery/labextension:projects';
const HOME_ID = '@orrery/labextension:home';
const DOMAIN = 'orrery';
const HOME = 'orrery-home';
const HOME_TOOLBAR = 'OrreryHome';
const LAUNCHER_RANK = 0;
// Right of everything that the lab itself puts there.
const TOP_RANK = 990;
const STATUS_RANK = 50;

const projects: JupyterFrontEndPlugin<IProjects> = {
  id: ID,
  description: 'Knows the current project and the ones to choose from.',
  autoStart: true,
  optional: [ITranslator, ICommandPalette],
  provides: IProjects,
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): IProjects => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands, serviceManager, shell } = app;
    const model = new ProjectsModel(new ProjectsClient(serviceManager.serverSettings));
    recover(model);
    serviceManager.connectionFailure.connect((_, cause) =>
      model.lost(
        toError({
          code: 'network_down',
          message: trans.__('The server cannot be reached'),
          reason: cause.message,
          remedy: trans.__('Check the connection; your server may have stopped.')
        })
      )
    );

    let close: (() => void) | null = null;
    const pick = async (): Promise<void> => {
      if (close) {
        close();
        return;
      }
      const { ProjectPicker } = await loaded(import('./picker'));
      const picker = new ProjectPicker({
        projects: model,
        trans,
        anchor:
          shell.node.querySelector<HTMLElement>('.orrery-ProjectSwitcher-button') ??
          shell.node.querySelector<HTMLElement>('#jp-top-panel') ??
          shell.node,
        onPick: slug => void commands.execute(CommandIDs.switch, { slug }),
        onCreate: () => void commands.execute(CommandIDs.create)
      });
      close = () => picker.dispose();
      picker.disposed.connect(() => {
        close = null;
      });
      picker.open();
    };
    const create: Parameters<
      typeof addProjectCommands
    >[0]['screen']['create'] = async () => {
      const { createProject } = await loaded(import('./creation'));
      return createProject(model, trans);
    };
    addProjectCommands({ commands, projects: model, screen: { pick, create }, trans });
    addToPalette(
      palette,
      [CommandIDs.switch, CommandIDs.create, CommandIDs.refresh],
      trans
    );
    void model.refresh();
    return model;
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
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const onClick = (): void => void app.commands.execute(CommandIDs.switch);
    app.shell.add(new ProjectSwitcher({ projects: model, trans, onClick }), 'top', {
      rank: TOP_RANK
    });
  }
};

const home: JupyterFrontEndPlugin<void> = {
  id: HOME_ID,
  description: 'Orrery Home: the project, quick links, and what was worked on lately.',
  autoStart: true,
  requires: [IProjects],
  optional: [
    ITranslator,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    IToolbarWidgetRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IProjects,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    toolbars: IToolbarWidgetRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands, serviceManager, shell } = app;
    const tracker = new WidgetTracker<MainAreaWidget<Panel>>({ namespace: HOME });
    const toolbar =
      settings && toolbars
        ? createToolbarFactory(
            toolbars,
            settings,
            HOME_TOOLBAR,
            HOME_ID,
            translator ?? nullTranslator
          )
        : null;

    const make = (): MainAreaWidget<Panel> => {
      const content = new Panel();
      content.addClass('orrery-Home');
      const fill = async (): Promise<void> => {
        const { HomeModel } = await loaded(import('./homeModel'));
        const { HomeView } = await loaded(import('./home'));
        const client = new ProjectsClient(serviceManager.serverSettings);
        const known = new HomeModel(model, signal => client.home(signal));
        content.disposed.connect(() => known.dispose());
        content.addWidget(new HomeView({ commands, model: known, trans }));
      };
      const widget = new MainAreaWidget({ content, reveal: fill() });
      widget.id = HOME;
      widget.title.label = trans.__('Orrery Home');
      widget.title.caption = trans.__('Orrery Home');
      widget.title.icon = orreryIcon;
      widget.title.closable = true;
      if (toolbar) {
        setToolbar(widget, toolbar);
      }
      return widget;
    };

    const show = (): Widget => {
      const widget = tracker.currentWidget ?? make();
      if (!tracker.has(widget)) {
        void tracker.add(widget);
      }
      if (!widget.isAttached) {
        shell.add(widget, 'main');
      }
      shell.activateById(widget.id);
      return widget;
    };

    addHomeCommand({ commands, screen: { home: show }, trans });
    addToPalette(palette, [CommandIDs.openHome], trans);
    void restorer?.restore(tracker, { command: CommandIDs.openHome, name: () => HOME });
    if (settings) {
      void Promise.all([settings.load(HOME_ID), app.restored]).then(([mine]) => {
        if (mine.get('openAtStart').composite === true) {
          show();
        }
      });
    }
  }
};

const launcher: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:launcher',
  description: 'The section "Orrery" of the launcher.',
  autoStart: true,
  requires: [ILauncher],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    launch: ILauncher,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    launch.add({
      command: CommandIDs.openHome,
      category: trans.__('Orrery'),
      rank: LAUNCHER_RANK
    });
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
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const onClick = (): void => void app.commands.execute(CommandIDs.openHome);
    bar.registerStatusItem('@orrery/labextension:status', {
      item: new ProjectStatus({ projects: model, trans, onClick }),
      align: 'left',
      rank: STATUS_RANK
    });
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  projects,
  switcher,
  home,
  launcher,
  status
];

export default plugins;
