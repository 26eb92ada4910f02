/**
 * Auto-EDA, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { toError } from '../base/errors';
import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { LazyPanel } from '../base/panel';
import { IProjects } from '../projects/tokens';
import { ISnippets } from '../snippets/tokens';
import { EdaClient } from './api';
import { compare, profile, type IBench } from './bench';
import { addCommands, CommandIDs } from './commands';
import { FramesModel } from './frames';
import { edaIcon } from './icons';
import { EdaModel } from './model';
import type { Run } from './schemas';
import { PANEL_ID, Screens } from './screens';
import { IEda } from './tokens';
import { titleOf } from './wanted';

const PLUGIN = '@orrery/labextension:eda';

const eda: JupyterFrontEndPlugin<IEda> = {
  id: PLUGIN,
  description: 'Profiles data: dataframes, files, object stores and database tables.',
  autoStart: true,
  provides: IEda,
  optional: [
    ITranslator,
    INotebookTracker,
    IConsoleTracker,
    IDefaultFileBrowser,
    ISnippets,
    IProjects,
    ICommandPalette,
    ILauncher,
    ILayoutRestorer
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    browser: IDefaultFileBrowser | null,
    snippets: ISnippets | null,
    projects: IProjects | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null
  ): IEda => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('orrery');
    const client = new EdaClient(app.serviceManager.serverSettings);
    const bench: IBench = {
      client,
      model: new EdaModel(client),
      frames: new FramesModel({ notebooks, consoles }),
      commands,
      trans
    };
    const insert = async (code: string): Promise<void> => {
      if (!snippets) {
        throw toError({
          code: 'backend_unavailable',
          message: trans.__('Code cannot be inserted'),
          reason: trans.__(
            'The snippets are disabled, which put it into the notebook.'
          ),
          remedy: trans.__('Enable the plugin %1.', '@orrery/labextension:snippets')
        });
      }
      await snippets.insertCode(code);
    };
    const screens = new Screens(app, bench, browser, insert);
    addCommands(bench, screens);
    // The button on a cell needs to know the dataframes whether the panel is open or not.
    bench.frames.watched = true;
    addPanel(app, bench, screens, restorer);
    if (restorer) {
      screens.restore(restorer);
    }
    projects?.changed.connect(() => {
      if (bench.model.state !== 'idle') {
        void bench.model.refresh();
      }
    });
    bench.model.ended.connect((_, run) =>
      tell(bench, run, shell.currentWidget?.id ?? '')
    );
    for (const command of [
      CommandIDs.openPanel,
      CommandIDs.profileWith,
      CommandIDs.profileFrame
    ]) {
      palette?.addItem({
        command,
        category: trans.__('Orrery'),
        args: { isPalette: true }
      });
    }
    launcher?.add({ command: CommandIDs.profileWith, category: 'Orrery', rank: 40 });
    const show = async (run: Run): Promise<Run> => {
      await screens.open(run);
      return run;
    };
    return {
      profile: async (source, options) => show(await profile(bench, source, options)),
      compare: async (source, against) => show(await compare(bench, source, against)),
      open: id => void commands.execute(CommandIDs.open, { id })
    };
  }
};

function addPanel(
  { shell }: JupyterFrontEnd,
  bench: IBench,
  screens: Screens,
  restorer: ILayoutRestorer | null
): void {
  const { trans } = bench;
  const panel = new LazyPanel(
    async () => {
      const { EdaPanel } = await loaded(import('./widget'));
      return new EdaPanel(bench, screens);
    },
    error => notifyError(error, trans)
  );
  panel.id = PANEL_ID;
  panel.title.icon = edaIcon;
  panel.title.caption = trans.__('Profiles');
  panel.node.setAttribute('role', 'region');
  panel.node.setAttribute('aria-label', trans.__('Profiles'));
  shell.add(panel, 'left', { rank: 310, type: 'Profiles' });
  restorer?.add(panel, PANEL_ID);
}

/** A run has ended while the person looked elsewhere. */
function tell({ commands, trans }: IBench, run: Run, inFront: string): void {
  if (inFront.endsWith(run.id) || run.state === 'cancelled') {
    return;
  }
  const open = {
    label: trans.__('Open'),
    callback: () => void commands.execute(CommandIDs.open, { id: run.id })
  };
  if (run.state === 'failed') {
    const again = {
      label: trans.__('Run again'),
      callback: () => void commands.execute(CommandIDs.rerun, { id: run.id })
    };
    const said = [run.error?.message, run.error?.reason].filter(Boolean).join('. ');
    Notification.error(trans.__('%1 failed: %2', titleOf(run), said), {
      autoClose: false,
      actions: [open, again]
    });
  } else {
    Notification.success(trans.__('%1 is ready', titleOf(run)), {
      autoClose: 5_000,
      actions: [open]
    });
  }
}

export default [eda];
