/**
 * Compute, plugged into the lab: the server that it runs on, and what the person waits for.
 */
import {
  IConnectionLost,
  ILabStatus,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';

import { IHome } from '../base/home';
import { isTold, notifyError } from '../base/notify';
import { Preferences } from '../base/preferences';
import { executeOwn, addToPalette } from '../base/registry';
import { loadTexts } from '../base/translation';
import { allowanceOf } from './allowance';
import { ComputeClient } from './client';
import { addCommands, CommandIDs } from './commands';
import { Connection } from './connection';
import { homeCard } from './home';
import { ComputeModel } from './model';
import { noticeCommand, type INoticeCommand } from './noticecommand';
import { NoticeNotifications } from './notifications';
import { ComputeOpener } from './opener';
import { DEFAULTS, type IComputeSettings } from './settings';
import { ComputeStatus } from './status';
import { followServer, watch } from './sync';
import { ICompute } from './tokens';

const PLUGIN = '@orrery/labextension:compute';
const STATUS = '@orrery/labextension:compute-status';
// Left of the kernel's memory use and right of the project.
const STATUS_RANK = 60;

const preferences = new Preferences<IComputeSettings>(DEFAULTS);
// Of both plugins: JupyterLab asks for the one before anything else is there.
const connection = new Connection();

const compute: JupyterFrontEndPlugin<ICompute> = {
  id: PLUGIN,
  description:
    'Knows the server that the lab runs on, and the requests for devices; its tab, commands and notifications.',
  autoStart: true,
  optional: [
    ITranslator,
    ICommandPalette,
    ILayoutRestorer,
    ISettingRegistry,
    ILabStatus
  ],
  provides: ICompute,
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    labStatus: ILabStatus | null
  ): ICompute => {
    const trans = loadTexts(translator);
    const { events, serverSettings } = app.serviceManager;
    const client = new ComputeClient(serverSettings);
    const model = new ComputeModel({
      client,
      allowance: allowanceOf(client),
      isAtHub: PageConfig.getOption('hubPrefix') !== '',
      serverName: PageConfig.getOption('hubServerName')
    });
    const opener = new ComputeOpener({ app, compute: model, trans });
    addCommands({ commands: app.commands, compute: model, opener, trans });
    addToPalette(
      palette,
      trans,
      Object.values(CommandIDs).map(id => [id])
    );
    if (restorer) {
      opener.restore(restorer);
    }
    void preferences.follow(settings, PLUGIN);
    tellNotices(app, model, trans);
    followServer(model, events.stream);
    watch(model);
    connection.watch(app, model, trans, labStatus);
    return model;
  }
};

const lost: JupyterFrontEndPlugin<IConnectionLost> = {
  id: '@orrery/labextension:compute-connection',
  description:
    'Says why the server of a lab of a hub has ended, and leads to where it goes on; in the place of the dialog of the hub extension.',
  autoStart: true,
  provides: IConnectionLost,
  activate: (): IConnectionLost => connection.lost
};

/** Show what the hub tells, each with the command that it offers. */
function tellNotices(
  app: JupyterFrontEnd,
  model: ComputeModel,
  trans: TranslationBundle
): void {
  const run = (command: string, args: INoticeCommand['args'] = {}): void => {
    executeOwn(app.commands, command, args).catch((error: unknown) => {
      // A command tells the person itself what went wrong.
      if (!isTold(error)) {
        notifyError(error, trans);
      }
    });
  };
  const notifications = new NoticeNotifications({
    compute: model,
    trans,
    isEnabled: () => preferences.values.notifications,
    commandOf: notice => noticeCommand(notice, model, trans),
    run: ({ command, args }) => run(command, args),
    open: () => run(CommandIDs.open)
  });
  preferences.changed.connect(() => notifications.update());
}

const status: JupyterFrontEndPlugin<void> = {
  id: STATUS,
  description:
    'Shows the pool of this server, what it uses, what is left and the place in the queue in the status bar.',
  autoStart: true,
  requires: [ICompute, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ICompute,
    bar: IStatusBar,
    translator: ITranslator | null
  ): void => {
    const item = new ComputeStatus({
      compute: model,
      trans: loadTexts(translator),
      isDetailed: () => preferences.values.showUse,
      onClick: () => void executeOwn(app.commands, CommandIDs.open)
    });
    preferences.changed.connect(() => item.update());
    bar.registerStatusItem(STATUS, { item, align: 'left', rank: STATUS_RANK });
  }
};

const home: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:compute-home',
  description: 'The card of the server on Orrery Home, in a lab of a hub.',
  autoStart: true,
  requires: [ICompute, IHome],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    model: ICompute,
    cards: IHome,
    translator: ITranslator | null
  ): void => {
    if (model.isAtHub) {
      cards.addCard(homeCard(model, loadTexts(translator)));
    }
  }
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [compute, lost, status, home];

export default plugins;
