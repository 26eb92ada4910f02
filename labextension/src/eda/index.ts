/**
 * Auto-EDA, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Invalid, toError } from '../base/errors';
import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { LazyPanel } from '../base/panel/register';
import { IProjects } from '../projects/tokens';
import { ISnippets } from '../snippets/tokens';
import { EdaClient } from './api';
import { compare, profile } from './begin';
import { addCommands, CommandIDs } from './commands';
import { FramesModel } from './frames';
import { edaIcon } from './icons';
import { PANEL_ID } from './lazy';
import { EdaModel } from './model';
import { Notices } from './notices';
import { Picks } from './picks';
import { Preferences } from './preferences';
import type { Run, SourceIn } from './schemas';
import { Screens } from './screens';
import { addFileCommands, addFrameCommands, SurroundingIDs } from './surroundings';
import { IEda } from './tokens';
import { IWorkbench } from './workbench';

const PLUGIN = '@orrery/labextension:eda';
const RANK = 310;
const LAUNCHER_RANK = 40;

const bench: JupyterFrontEndPlugin<IWorkbench> = {
  id: `${PLUGIN}-bench`,
  description: 'What is known of sources, dataframes and runs.',
  autoStart: true,
  provides: IWorkbench,
  optional: [
    ITranslator,
    INotebookTracker,
    IConsoleTracker,
    IProjects,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    projects: IProjects | null,
    registry: ISettingRegistry | null
  ): IWorkbench => {
    const { commands, serviceManager, shell } = app;
    const client = new EdaClient(serviceManager.serverSettings);
    const model = new EdaModel(client);
    const preferences = new Preferences();
    registry?.load(PLUGIN).then(
      settings => preferences.follow(settings),
      // Without its schema the defaults hold.
      () => undefined
    );
    followProject(projects, model);
    return {
      client,
      model,
      frames: new FramesModel({ shell, notebooks, consoles }),
      picks: new Picks(),
      preferences,
      commands,
      trans: (translator ?? nullTranslator).load('orrery')
    };
  }
};

const eda: JupyterFrontEndPlugin<IEda> = {
  id: PLUGIN,
  description: 'Profiles data: dataframes, files, object stores and database tables.',
  autoStart: true,
  provides: IEda,
  requires: [IWorkbench],
  optional: [ISnippets, ICommandPalette, ILauncher, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    parts: IWorkbench,
    snippets: ISnippets | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null
  ): IEda => {
    const { commands } = app;
    const screens = new Screens(app, parts, inserter(app, parts.trans, snippets));
    addCommands(parts, screens);
    if (restorer) {
      screens.restore(restorer);
    }
    const run = (command: string) => (id: string) =>
      void commands.execute(command, { id });
    new Notices(parts, {
      open: run(CommandIDs.open),
      cancel: run(CommandIDs.cancel),
      again: run(CommandIDs.rerun),
      isShown: id => screens.isShown(id)
    });
    void app.restored
      .then(() => parts.model.resume())
      // Whoever opens the panel is told why.
      .catch(() => undefined);
    const args = { isPalette: true };
    const category = parts.trans.__('Orrery');
    [CommandIDs.openPanel, CommandIDs.new, CommandIDs.refresh].forEach(command =>
      palette?.addItem({ command, args, category })
    );
    launcher?.add({
      command: CommandIDs.new,
      args: { isLauncher: true },
      category,
      rank: LAUNCHER_RANK
    });
    const show = async (made: Run): Promise<Run> => {
      await screens.open(made.id, made);
      return made;
    };
    return {
      profile: async (source, options) => show(await profile(parts, source, options)),
      compare: async (source, against) => show(await compare(parts, source, against)),
      open: run(CommandIDs.open)
    };
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-panel`,
  description: 'The side panel of profiles.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [IEda, IStateDB, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    parts: IWorkbench,
    service: IEda | null,
    state: IStateDB | null,
    restorer: ILayoutRestorer | null
  ): void => {
    if (!service) {
      return;
    }
    const { trans } = parts;
    const widget = new LazyPanel(
      async () => {
        const { EdaPanel } = await loaded(import('./widget'));
        return new EdaPanel(parts, state);
      },
      error => notifyError(error, trans)
    );
    widget.id = PANEL_ID;
    widget.title.icon = edaIcon;
    widget.title.caption = trans.__('Profiles');
    widget.node.setAttribute('role', 'region');
    widget.node.setAttribute('aria-label', trans.__('Profiles'));
    app.shell.add(widget, 'left', { rank: RANK, type: 'Profiles' });
    restorer?.add(widget, PANEL_ID);
  }
};

const files: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-files`,
  description: 'Profiles and compares the files that are chosen in the file browser.',
  autoStart: true,
  requires: [IWorkbench, IEda, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    parts: IWorkbench,
    _service: IEda,
    browser: IDefaultFileBrowser
  ): void => {
    const show = (run: Run): Promise<unknown> =>
      app.commands.execute(CommandIDs.open, { id: run.id });
    const load = (source: SourceIn): Promise<unknown> =>
      app.commands.execute(CommandIDs.load, { source: { ...source } });
    addFileCommands(parts, show, load, () => [...browser.selectedItems()]);
  }
};

const frames: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-frames`,
  description: 'Follows the dataframes of the kernel, and profiles them.',
  autoStart: true,
  requires: [IWorkbench, IEda],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    parts: IWorkbench,
    _service: IEda,
    palette: ICommandPalette | null
  ): void => {
    const { preferences, trans } = parts;
    addFrameCommands(parts, run =>
      app.commands.execute(CommandIDs.open, { id: run.id })
    );
    const follow = (): void => {
      parts.frames.live = preferences.live;
    };
    preferences.changed.connect(follow);
    follow();
    palette?.addItem({
      command: SurroundingIDs.profileFrame,
      args: { isPalette: true },
      category: trans.__('Orrery')
    });
  }
};

/** Puts code where the person works, by the snippets, who know how; without a place, one is offered. */
function inserter(
  { commands, serviceManager }: JupyterFrontEnd,
  trans: IWorkbench['trans'],
  snippets: ISnippets | null
): (code: string) => Promise<void> {
  const write = async (code: string): Promise<void> => {
    // Of the usual kernel: else the person would be asked which.
    const { specs } = serviceManager.kernelspecs;
    const args = { kernelName: specs?.default };
    const notebook = (await commands.execute(NEW_NOTEBOOK, args)) as NotebookPanel;
    await notebook.context.ready;
    await snippets?.insertCode(code);
  };
  return async code => {
    if (!snippets) {
      throw toError({
        code: 'backend_unavailable',
        message: trans.__('Code cannot be inserted'),
        reason: trans.__('The snippets, which know where to, are disabled'),
        remedy: trans.__('Enable the plugin %1', '@orrery/labextension:snippets')
      });
    }
    try {
      await snippets.insertCode(code);
    } catch (error) {
      if (!(error instanceof Invalid) || !commands.hasCommand(NEW_NOTEBOOK)) {
        throw error;
      }
      notifyError(error, trans, {
        label: trans.__('New notebook'),
        callback: () =>
          void write(code).catch((cause: unknown) => notifyError(cause, trans))
      });
    }
  };
}

const NEW_NOTEBOOK = 'notebook:create-new';

function followProject(projects: IProjects | null, model: EdaModel): void {
  let slug = projects?.current?.slug;
  projects?.changed.connect(() => {
    if (projects.current?.slug !== slug) {
      slug = projects.current?.slug;
      if (model.state !== 'idle') {
        void model.refresh();
      }
    }
  });
}

const plugins: JupyterFrontEndPlugin<unknown>[] = [bench, eda, panel, files, frames];

export default plugins;
