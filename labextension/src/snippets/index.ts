/**
 * The snippets, plugged into the lab.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
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

import { notifyError } from '../base/notify';
import { reloadOn } from '../base/panel/listsource';
import { registerPanel } from '../base/panel/register';
import { createPanelToolbar } from '../base/panel/toolbar';
import { Selection } from '../base/panel/selection';
import { Preferences } from '../base/preferences';
import { addToPalette } from '../base/registry';
import { loadTexts } from '../base/translation';
import { IProjects } from '../projects/tokens';
import { insertSnippet, recordUse } from './actions';
import { SnippetsCalls } from './calls';
import { addCommands, CommandIDs } from './commands';
import { PrefixCache } from './completion/prefixes';
import { SnippetCompletions } from './completion/provider';
import { ISnippetsContext } from './context';
import { DraftStore } from './editor/draft';
import { home } from './home';
import { snippetsIcon } from './icons';
import { Capture } from './insert/capture';
import { confirmLanguage } from './insert/confirm';
import { SnippetDrag } from './insert/drag';
import { Inserter } from './insert/inserter';
import { LakeFinder } from './insert/lake';
import { Requirements } from './insert/requirements';
import { SnippetsModel } from './model';
import { SnippetsOpener } from './opener';
import { createMoreButton } from './panel/toolbar';
import type { Snippet } from './schemas';
import { bindKeys, DEFAULTS } from './settings';
import { ISnippets, PANEL_ID } from './tokens';

const PLUGIN = '@orrery/labextension:snippets';
const TOOLBAR = 'OrrerySnippets';
const PANEL_RANK = 300;
const LAUNCHER_RANK = 30;

const context: JupyterFrontEndPlugin<ISnippetsContext> = {
  id: `${PLUGIN}-context`,
  description: 'What the commands and the screens of the snippets work with.',
  autoStart: true,
  provides: ISnippetsContext,
  requires: [IEditorServices],
  optional: [
    ITranslator,
    INotebookTracker,
    IConsoleTracker,
    IEditorTracker,
    IProjects,
    ISettingRegistry,
    IToolbarWidgetRegistry,
    IEditorLanguageRegistry,
    IEditorThemeRegistry
  ],
  activate: (
    { commands, serviceManager, shell }: JupyterFrontEnd,
    editors: IEditorServices,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    files: IEditorTracker | null,
    projects: IProjects | null,
    settings: ISettingRegistry | null,
    toolbars: IToolbarWidgetRegistry | null,
    languages: IEditorLanguageRegistry | null,
    themes: IEditorThemeRegistry | null
  ): ISnippetsContext => {
    const trans = loadTexts(translator);
    const user = (): string => serviceManager.user.identity?.username ?? '';
    const lakes = new LakeFinder(projects, serviceManager.contents);
    const inserter = new Inserter({
      ...{ shell, notebooks, consoles, editors: files, translator },
      world: () => ({
        project: projects?.current?.slug,
        user: user(),
        findLake: () => lakes.find()
      }),
      confirmLanguage: confirmLanguage(trans),
      readClipboard: () => navigator.clipboard.readText()
    });
    toolbars?.addFactory(TOOLBAR, 'more', () => createMoreButton(commands, trans));
    const names = { toolbar: TOOLBAR, plugin: PLUGIN };
    const selection = new Selection<Snippet>(({ id }) => id);
    const parts = {
      model: new SnippetsModel(new SnippetsCalls(serviceManager.serverSettings)),
      preferences: new Preferences(DEFAULTS),
      projects
    };
    const toolbar = createPanelToolbar({ settings, toolbars, translator }, names);
    follow(parts, settings);
    const { model } = parts;
    // What is out of sight by a search should not be deleted along with what is in sight.
    model.narrowed.connect(() => selection.renew(id => model.find(id)));
    model.placeLanguage = () => inserter.target()?.language ?? '';
    inserter.targetChanged.connect(() => model.followPlace());
    return {
      ...parts,
      commands,
      trans,
      inserter,
      selection,
      requirements: new Requirements(() => inserter.target()?.kernel ?? null),
      code: { editors, languages, themes },
      toolbar,
      user
    };
  }
};

/** Follow the settings, and the project that the lab works in. */
function follow(
  {
    model,
    preferences,
    projects
  }: Pick<ISnippetsContext, 'model' | 'preferences' | 'projects'>,
  settings: ISettingRegistry | null
): void {
  preferences.changed.connect(() => model.configure({ sort: preferences.values.sort }));
  void preferences.follow(settings, PLUGIN);
  if (projects) {
    reloadOn(projects.currentChanged, model);
    projects.currentChanged.connect((_, current) =>
      model.followProject(current?.slug ?? null)
    );
  }
}

const snippets: JupyterFrontEndPlugin<ISnippets> = {
  id: PLUGIN,
  description:
    'Finds and inserts snippets, and everything else that can be done with them.',
  autoStart: true,
  provides: ISnippets,
  requires: [ISnippetsContext],
  optional: [
    IStateDB,
    INotebookTracker,
    IConsoleTracker,
    IEditorTracker,
    ICommandPalette,
    ILauncher,
    ILayoutRestorer
  ],
  activate: (
    app: JupyterFrontEnd,
    context: ISnippetsContext,
    state: IStateDB | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    editors: IEditorTracker | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null
  ): ISnippets => {
    const { model, preferences, trans } = context;
    const drafts = new DraftStore(state);
    const opener = new SnippetsOpener(app, context, drafts);
    const capture = new Capture({ shell: app.shell, notebooks, consoles, editors });
    addCommands({ context, opener, drafts, capture });
    bindKeys(preferences, app.commands, CommandIDs.insert);
    if (restorer) {
      opener.restore(restorer);
    }
    addToPalette(palette, trans, [
      [CommandIDs.openPanel],
      [CommandIDs.new],
      [CommandIDs.saveSelection],
      [CommandIDs.saveCells],
      [CommandIDs.refresh],
      [CommandIDs.libraries],
      [CommandIDs.import],
      [CommandIDs.import, { folder: true }],
      [CommandIDs.installMissing],
      [CommandIDs.export, { format: 'code-snippets' }],
      [CommandIDs.export, { format: 'elyra' }]
    ]);
    launcher?.add({
      command: CommandIDs.new,
      args: { isLauncher: true },
      category: trans.__('Orrery'),
      rank: LAUNCHER_RANK
    });
    return {
      model,
      insert: async (id, mode) => insertSnippet(context, await model.get(id), mode)
    };
  }
};

const panel: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-panel`,
  description: 'The side panel of the snippets.',
  autoStart: true,
  requires: [ISnippetsContext],
  optional: [ISnippets, ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    context: ISnippetsContext,
    service: ISnippets | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): void => {
    if (!service) {
      return;
    }
    const { inserter, trans } = context;
    const onError = (error: unknown): void => notifyError(error, trans);
    const drag = new SnippetDrag({
      inserter,
      shell: app.shell,
      onError,
      onInserted: snippet => void recordUse(context, snippet as Snippet).catch(onError)
    });
    registerPanel(app, restorer, translator, {
      id: PANEL_ID,
      title: trans.__('Snippets'),
      icon: snippetsIcon,
      area: 'left',
      rank: PANEL_RANK,
      load: () => import('./widget'),
      create: ({ createPanel }) =>
        createPanel(context, drag, translator ?? nullTranslator)
    });
  }
};

const completion: JupyterFrontEndPlugin<void> = {
  id: `${PLUGIN}-completion`,
  description: 'Offers snippets by their prefix while the person types.',
  autoStart: true,
  requires: [ISnippetsContext, ICompletionProviderManager],
  optional: [ISnippets],
  activate: (
    _app: JupyterFrontEnd,
    context: ISnippetsContext,
    manager: ICompletionProviderManager,
    service: ISnippets | null
  ): void => {
    if (!service) {
      return;
    }
    const { inserter, model, preferences, trans } = context;
    const cache = new PrefixCache(model);
    manager.registerProvider(
      new SnippetCompletions({
        matching: (language, beginnings) => cache.matching(language, beginnings),
        world: () => inserter.world,
        enabled: () => preferences.values.completion,
        icon: snippetsIcon,
        onInserted: snippet =>
          void recordUse(context, snippet).catch(error => notifyError(error, trans))
      })
    );
  }
};

export default [
  context,
  snippets,
  panel,
  completion,
  home
] as JupyterFrontEndPlugin<unknown>[];
