/**
 * The snippets, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IEditorLanguageRegistry, IEditorThemeRegistry } from '@jupyterlab/codemirror';
import { ICompletionProviderManager } from '@jupyterlab/completer';
import { IConsoleTracker } from '@jupyterlab/console';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { LazyPanel } from '../base/panel/register';
import { IProjects } from '../projects/tokens';
import { SnippetsClient } from './api';
import { Capture } from './capture';
import { countUse, insertSnippet } from './actions';
import { addCommands, CommandIDs } from './commands';
import { SnippetCompletions } from './completion';
import { DraftStore } from './draft';
import { SnippetDrag } from './drag';
import type { IScreen } from './hooks';
import { snippetsIcon } from './icons';
import { Inserter } from './insert';
import { confirmLanguage } from './language';
import { PANEL_ID } from './lazy';
import { LibrariesModel } from './library';
import { SnippetsModel } from './model';
import { Preferences } from './preferences';
import { PrefixCache } from './prefixes';
import { Requirements } from './requirements';
import type { Snippet } from './schemas';
import { Screens } from './screens';
import { Selection } from './selection';
import { ISnippets } from './tokens';
import type { IWorld } from './variables';
import { IWorkbench } from './workbench';

const PLUGIN = '@orrery/labextension:snippets';

const workbench: JupyterFrontEndPlugin<IWorkbench> = {
  id: `${PLUGIN}-workbench`,
  description:
    'What is known of the snippets, and the tools to insert and capture them.',
  autoStart: true,
  provides: IWorkbench,
  optional: [
    ITranslator,
    INotebookTracker,
    IConsoleTracker,
    IEditorTracker,
    IProjects,
    IStateDB,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    editors: IEditorTracker | null,
    projects: IProjects | null,
    state: IStateDB | null,
    registry: ISettingRegistry | null
  ): IWorkbench => {
    const trans = (translator ?? nullTranslator).load('orrery');
    const client = new SnippetsClient(app.serviceManager.serverSettings);
    const model = new SnippetsModel({ client });
    const preferences = new Preferences();
    const user = (): string => app.serviceManager.user.identity?.username ?? '';
    const world = (): IWorld => ({
      project: projects?.current?.slug,
      lake: projects?.current?.lake,
      user: user()
    });
    const places = { shell: app.shell, notebooks, consoles, editors };
    const inserter = new Inserter({
      ...places,
      translator,
      world,
      confirmLanguage: confirmLanguage(trans),
      readClipboard: () => navigator.clipboard.readText()
    });
    followSettings(registry, preferences, model);
    followProject(projects, model);
    return {
      model,
      preferences,
      inserter,
      world,
      user,
      projects,
      trans,
      translator: translator ?? nullTranslator,
      selection: new Selection(),
      capture: new Capture(places),
      drafts: new DraftStore(state),
      libraries: new LibrariesModel(client, () => void model.refresh()),
      requirements: new Requirements(() => inserter.target()?.kernel ?? null)
    };
  }
};

const snippets: JupyterFrontEndPlugin<ISnippets> = {
  id: PLUGIN,
  description:
    'Finds and inserts snippets, and everything else that can be done with them.',
  autoStart: true,
  provides: ISnippets,
  requires: [IWorkbench, IEditorServices],
  optional: [
    ICommandPalette,
    ILauncher,
    ILayoutRestorer,
    IEditorLanguageRegistry,
    IEditorThemeRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    bench: IWorkbench,
    editors: IEditorServices,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null,
    languages: IEditorLanguageRegistry | null,
    themes: IEditorThemeRegistry | null
  ): ISnippets => {
    const { commands } = app;
    const screen: IScreen = { bench, commands, editors, languages, themes, drag: null };
    const screens = new Screens(app, screen);
    addCommands(commands, bench, screens);
    bench.preferences.bind(commands, CommandIDs.insert);
    if (restorer) {
      screens.restore(restorer);
    }
    if (palette) {
      addToPalette(palette);
    }
    launcher?.add({
      command: CommandIDs.new,
      args: { isLauncher: true },
      category: 'Orrery',
      rank: 30
    });
    return {
      model: bench.model,
      insert: async (id, mode) => insertSnippet(bench, await bench.model.get(id), mode),
      insertCode: async code => (await bench.inserter.insertCode(code)) !== null
    };
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-panel`,
  description: 'The side panel of the snippets.',
  autoStart: true,
  requires: [IWorkbench, IEditorServices],
  optional: [ISnippets, ILayoutRestorer, IEditorLanguageRegistry, IEditorThemeRegistry],
  activate: (
    app: JupyterFrontEnd,
    bench: IWorkbench,
    editors: IEditorServices,
    service: ISnippets | null,
    restorer: ILayoutRestorer | null,
    languages: IEditorLanguageRegistry | null,
    themes: IEditorThemeRegistry | null
  ): void => {
    if (!service) {
      return;
    }
    const { commands, shell } = app;
    const { inserter, trans } = bench;
    const failed = (error: unknown): void => notifyError(error, trans);
    const drag = new SnippetDrag({
      inserter,
      shell,
      onError: failed,
      onInserted: snippet => void countUse(bench, snippet as Snippet).catch(failed)
    });
    const screen: IScreen = { bench, commands, editors, languages, themes, drag };
    const widget = new LazyPanel(async () => {
      const { SnippetsPanel } = await loaded(import('./widget'));
      return new SnippetsPanel(screen);
    }, failed);
    widget.id = PANEL_ID;
    widget.title.icon = snippetsIcon;
    widget.title.caption = trans.__('Snippets');
    widget.node.setAttribute('role', 'region');
    widget.node.setAttribute('aria-label', trans.__('Snippets'));
    shell.add(widget, 'left', { rank: 300, type: 'Snippets' });
    restorer?.add(widget, PANEL_ID);
  }
};

const completion: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-completion`,
  description: 'Offers snippets by their prefix while the person types.',
  autoStart: true,
  requires: [IWorkbench, ICompletionProviderManager],
  optional: [ISnippets],
  activate: (
    _app: JupyterFrontEnd,
    bench: IWorkbench,
    manager: ICompletionProviderManager,
    service: ISnippets | null
  ): void => {
    if (!service) {
      return;
    }
    const cache = new PrefixCache(bench.model);
    manager.registerProvider(
      new SnippetCompletions({
        list: language => cache.list(language),
        ready: () => cache.ready,
        world: bench.world,
        enabled: () => bench.preferences.completion,
        icon: snippetsIcon,
        onInserted: snippet =>
          void countUse(bench, snippet).catch(error => notifyError(error, bench.trans))
      })
    );
  }
};

function followSettings(
  registry: ISettingRegistry | null,
  preferences: Preferences,
  model: SnippetsModel
): void {
  preferences.changed.connect(() => model.order(preferences.sort));
  registry?.load(PLUGIN).then(
    settings => preferences.follow(settings),
    // Without its schema the defaults hold.
    () => undefined
  );
}

function followProject(projects: IProjects | null, model: SnippetsModel): void {
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

function addToPalette(palette: ICommandPalette): void {
  const args = { isPalette: true };
  const inPalette = [
    CommandIDs.openPanel,
    CommandIDs.new,
    CommandIDs.saveSelection,
    CommandIDs.saveCells,
    CommandIDs.refresh,
    CommandIDs.libraries,
    CommandIDs.import,
    CommandIDs.installMissing
  ];
  inPalette.forEach(command => palette.addItem({ command, args, category: 'Orrery' }));
  for (const format of ['code-snippets', 'elyra']) {
    palette.addItem({
      command: CommandIDs.export,
      args: { ...args, format },
      category: 'Orrery'
    });
  }
}

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  workbench,
  snippets,
  panel,
  completion
];

export default plugins;
