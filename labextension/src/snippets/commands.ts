/**
 * Everything that can be done with snippets, as commands of the lab.
 */
import { Clipboard, Notification } from '@jupyterlab/apputils';
import {
  addIcon,
  copyIcon,
  deleteIcon,
  downloadIcon,
  duplicateIcon,
  editIcon,
  fileUploadIcon,
  historyIcon,
  keyboardIcon,
  refreshIcon,
  saveIcon
} from '@jupyterlab/ui-components';

import { register, type Args, type ICommand } from '../base/registry';
import {
  copyOf,
  draftOf,
  draftUnder,
  duplicateSnippet,
  insertSnippet,
  installModules,
  plainText,
  removeSnippet,
  snippetIn
} from './actions';
import type { ISnippetsContext, ISnippetsOpener } from './context';
import { Draft, type DraftStore, type IDraftContent } from './editor/draft';
import { insertIcon, libraryIcon, snippetsIcon, starIcon } from './icons';
import type { Capture } from './insert/capture';
import type { ExportFormat, Snippet, SnippetFile, Sort } from './schemas';
import { FORMATS, SORTS } from './settings';
import type { InsertMode } from './tokens';

/** The ids of the commands. */
export const CommandIDs = {
  openPanel: 'snippets:open-panel',
  new: 'snippets:new',
  insert: 'snippets:insert',
  edit: 'snippets:edit',
  save: 'snippets:save',
  duplicate: 'snippets:duplicate',
  delete: 'snippets:delete',
  copy: 'snippets:copy',
  download: 'snippets:download',
  favourite: 'snippets:favourite',
  history: 'snippets:history',
  shortcut: 'snippets:shortcut',
  saveSelection: 'snippets:save-selection',
  saveCells: 'snippets:save-cells',
  import: 'snippets:import',
  export: 'snippets:export',
  libraries: 'snippets:libraries',
  sort: 'snippets:sort',
  refresh: 'snippets:refresh',
  installMissing: 'snippets:install-missing'
} as const;

/** What the commands need besides the context. */
export interface ICommandTools {
  readonly context: ISnippetsContext;
  readonly opener: ISnippetsOpener;
  readonly drafts: DraftStore;
  readonly capture: Capture;
}

const NOTHING_SELECTED_MS = 5_000;
const COPIED_MS = 2_000;

/** Add every command of the snippets. */
export function addCommands(tools: ICommandTools): void {
  const { commands, inserter, preferences, selection, trans } = tools.context;
  register(
    commands,
    trans,
    {
      ...panelCommands(tools),
      ...draftCommands(tools),
      ...insertCommands(tools),
      ...editCommands(tools),
      ...itemCommands(tools),
      ...fileCommands(tools)
    },
    trans.__('Snippets')
  );
  const update = (): void => commands.notifyCommandChanged();
  selection.changed.connect(update);
  inserter.targetChanged.connect(update);
  preferences.changed.connect(update);
}

/** Commands of the panel. */
function panelCommands({ context, opener }: ICommandTools): Record<string, ICommand> {
  const { model, preferences, trans } = context;
  const sorts: Record<Sort, string> = {
    relevance: trans.__('Relevance'),
    name: trans.__('Name'),
    updated: trans.__('Last Change'),
    used: trans.__('Use'),
    position: trans.__('My Order')
  };
  return {
    [CommandIDs.openPanel]: {
      label: args => (args.isPalette ? trans.__('Show Panel') : trans.__('Snippets')),
      caption: trans.__('Show the snippets panel'),
      icon: snippetsIcon,
      run: () => opener.panel()
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh'),
      caption: trans.__('Load the snippets again'),
      icon: refreshIcon,
      run: () => model.refresh()
    },
    [CommandIDs.libraries]: {
      label: trans.__('Libraries…'),
      caption: trans.__('See, add, refresh and remove libraries of snippets'),
      icon: libraryIcon,
      run: () => opener.libraries()
    },
    [CommandIDs.sort]: {
      label: args => sorts[(args.by as Sort | undefined) ?? preferences.values.sort],
      caption: trans.__('Order the snippets'),
      args: { by: { type: 'string', enum: SORTS, description: 'What to order by.' } },
      toggled: args => args.by === preferences.values.sort,
      run: async args => {
        if (SORTS.includes(args.by as Sort)) {
          await preferences.set('sort', args.by as Sort);
        }
      }
    }
  };
}

/** Commands that begin or save a draft. */
function draftCommands(tools: ICommandTools): Record<string, ICommand> {
  const { context, opener, capture } = tools;
  const { trans } = context;
  const edit = (draft: Partial<IDraftContent> | null): Promise<void> | void => {
    if (draft) {
      return opener.edit(Draft.new(draft));
    }
    Notification.info(
      trans.__('Nothing is selected. Select some text or a cell first.'),
      { autoClose: NOTHING_SELECTED_MS }
    );
  };
  return {
    [CommandIDs.new]: {
      label: trans.__('New Snippet'),
      caption: trans.__('Write a new snippet'),
      icon: args => (args.isLauncher ? snippetsIcon : addIcon),
      args: {
        draft: {
          type: 'object',
          description:
            'What the form starts with: name, language, tags, cells and so on.'
        }
      },
      run: args => edit((args.draft ?? {}) as Partial<IDraftContent>)
    },
    [CommandIDs.save]: {
      label: trans.__('Save Snippet'),
      caption: trans.__('Save the snippet that is being edited'),
      icon: saveIcon,
      enabled: () => opener.editing(),
      run: () => opener.save()
    },
    [CommandIDs.saveSelection]: {
      label: trans.__('Save Selection as Snippet'),
      caption: trans.__(
        'Make a snippet of the selected text or cells, or of the whole file'
      ),
      icon: saveIcon,
      run: () => edit(capture.best())
    },
    [CommandIDs.saveCells]: {
      label: trans.__('Save Cells as Snippet'),
      caption: trans.__('Make a snippet of the selected cells'),
      icon: saveIcon,
      run: () => edit(capture.cells())
    }
  };
}

/** Arguments of a command that is about one snippet: the one named, else the selected one. */
const SNIPPET_ARGS = {
  id: { type: 'string', description: 'Its id or its exact name.' },
  name: { type: 'string', description: 'Its exact name, when there is no id.' }
};

function isNamed(args: Args): boolean {
  return Boolean(args.id ?? args.name);
}

/** A command about one snippet, enabled while there is one that it can be done with. */
function aboutSnippet(
  context: ISnippetsContext,
  command: Omit<ICommand, 'run' | 'caption'> & {
    caption: string;
    /** Whether it can be done with the selected snippet; with any if left out. */
    allows?: (snippet: Snippet) => boolean;
    run: (snippet: Snippet, args: Args) => Promise<unknown> | void;
  }
): ICommand {
  const { selection } = context;
  const { caption, allows = () => true, run, ...rest } = command;
  return {
    enabled: args =>
      isNamed(args) || (selection.active !== null && allows(selection.active)),
    ...rest,
    caption: args =>
      selection.active && !isNamed(args)
        ? `${caption}: ${selection.active.name}`
        : caption,
    args: { ...SNIPPET_ARGS, ...command.args },
    run: async args => run(await snippetIn(context, args), args)
  };
}

/** Commands that put code where the person works. */
function insertCommands({ context }: ICommandTools): Record<string, ICommand> {
  const { inserter, requirements, selection, trans } = context;
  const modeIn = (args: Args): InsertMode | undefined =>
    args.mode as InsertMode | undefined;
  const modulesIn = (args: Args): readonly string[] | undefined =>
    (args.modules as string[] | undefined) ?? requirements.hint?.modules;
  return {
    [CommandIDs.insert]: {
      label: args =>
        args.mode === 'cells' ? trans.__('Insert as Cells') : trans.__('Insert'),
      caption: args => inserter.describeTarget(modeIn(args)).text,
      icon: insertIcon,
      args: {
        ...SNIPPET_ARGS,
        mode: {
          type: 'string',
          enum: ['auto', 'cursor', 'cells'],
          description: 'At the cursor, as cells of their own, or as the place suggests.'
        }
      },
      enabled: args =>
        (isNamed(args) || selection.active !== null) &&
        inserter.describeTarget(modeIn(args)).enabled,
      run: async args =>
        insertSnippet(context, await snippetIn(context, args), modeIn(args))
    },
    [CommandIDs.installMissing]: {
      label: trans.__('Install with %pip'),
      caption: trans.__('Add a cell that installs what is missing, and run it'),
      args: {
        modules: {
          type: 'array',
          items: { type: 'string' },
          description:
            'The modules to install; those that the last snippet lacks when left out.'
        }
      },
      enabled: args => modulesIn(args) !== undefined,
      run: args => installModules(context, modulesIn(args) ?? [])
    }
  };
}

/** Commands that change a snippet, or make one like it. */
function editCommands(tools: ICommandTools): Record<string, ICommand> {
  const { context, opener, drafts } = tools;
  const { trans } = context;
  const isWritable = ({ writable }: Snippet): boolean => writable;
  const edit = aboutSnippet(context, {
    label: trans.__('Edit'),
    caption: trans.__('Edit the snippet'),
    icon: editIcon,
    args: {
      draft: { type: 'string', description: 'The key of a draft to go on with.' }
    },
    allows: isWritable,
    run: async snippet => opener.edit(await draftOf(context, drafts, snippet))
  });
  return {
    [CommandIDs.edit]: {
      ...edit,
      enabled: args => Boolean(args.draft) || edit.enabled!(args),
      run: async args => {
        if (!args.draft) {
          return edit.run(args);
        }
        const draft = await draftUnder(context, drafts, args.draft as string);
        return draft && opener.edit(draft);
      }
    },
    [CommandIDs.duplicate]: aboutSnippet(context, {
      label: args =>
        args.edit ? trans.__('Duplicate to Edit') : trans.__('Duplicate'),
      caption: trans.__('Make a copy of your own'),
      icon: duplicateIcon,
      args: {
        edit: { type: 'boolean', description: 'Open the copy before saving it.' }
      },
      run: (snippet, { edit: isOpened }) =>
        isOpened
          ? opener.edit(Draft.new(copyOf(context, snippet)))
          : duplicateSnippet(context, snippet)
    }),
    [CommandIDs.delete]: aboutSnippet(context, {
      label: trans.__('Delete'),
      caption: trans.__('Delete the snippet; it can be brought back'),
      icon: deleteIcon,
      allows: isWritable,
      run: snippet => removeSnippet(context, drafts, snippet)
    })
  };
}

/** Other commands about one snippet. */
function itemCommands({ context, opener }: ICommandTools): Record<string, ICommand> {
  const { model, selection, trans } = context;
  return {
    [CommandIDs.copy]: aboutSnippet(context, {
      label: trans.__('Copy Code'),
      caption: trans.__('Copy the code to the clipboard'),
      icon: copyIcon,
      run: snippet => {
        Clipboard.copyToSystem(plainText(snippet));
        const message = trans.__('Copied "%1"', snippet.name);
        Notification.success(message, { autoClose: COPIED_MS });
      }
    }),
    [CommandIDs.favourite]: aboutSnippet(context, {
      label: () =>
        selection.active?.favourite
          ? trans.__('Remove from Favourites')
          : trans.__('Add to Favourites'),
      caption: trans.__('Mark the snippet with a star, or take it away'),
      icon: starIcon,
      run: ({ id, favourite }) => model.mark(id, { favourite: !favourite })
    }),
    [CommandIDs.history]: aboutSnippet(context, {
      label: trans.__('Version History'),
      caption: trans.__('See and restore earlier versions'),
      icon: historyIcon,
      allows: ({ library }) => !library,
      run: snippet => opener.history(snippet)
    }),
    [CommandIDs.shortcut]: aboutSnippet(context, {
      label: trans.__('Assign Shortcut…'),
      caption: trans.__('Choose keys that insert the snippet'),
      icon: keyboardIcon,
      run: snippet => opener.shortcut(snippet)
    }),
    [CommandIDs.download]: aboutSnippet(context, {
      label: trans.__('Download'),
      caption: trans.__('Download the snippet as a VS Code snippet file'),
      icon: downloadIcon,
      run: async ({ id }) =>
        opener.download((await model.exportFiles([id], 'code-snippets')).files)
    })
  };
}

/** Commands that read and write files. */
function fileCommands({ context, opener }: ICommandTools): Record<string, ICommand> {
  const { model, selection, trans } = context;
  const formatIn = (args: Args): ExportFormat =>
    FORMATS.find(format => format === args.format) ?? 'code-snippets';
  const names: Record<ExportFormat, string> = {
    'code-snippets': trans.__('VS Code'),
    elyra: trans.__('Elyra')
  };
  return {
    [CommandIDs.import]: {
      label: args =>
        args.folder ? trans.__('Import Folder…') : trans.__('Import Files…'),
      caption: trans.__('Import snippets of VS Code or Elyra'),
      icon: fileUploadIcon,
      args: {
        folder: { type: 'boolean', description: 'Choose a folder instead of files.' },
        files: {
          type: 'array',
          items: { type: 'object' },
          description: 'The files, each with name and content, instead of choosing any.'
        }
      },
      run: args =>
        opener.importFiles(
          args.files as unknown as readonly SnippetFile[] | undefined,
          Boolean(args.folder)
        )
    },
    [CommandIDs.export]: {
      label: args =>
        args.selected
          ? trans.__('Export Selected for %1', names[formatIn(args)])
          : trans.__('Export All for %1', names[formatIn(args)]),
      caption: trans.__('Download snippets as files'),
      icon: downloadIcon,
      args: {
        format: { type: 'string', enum: FORMATS, description: 'Whose files to write.' },
        selected: { type: 'boolean', description: 'Only the selected snippets.' }
      },
      enabled: args => !args.selected || selection.keys.length > 0,
      run: async args => {
        const ids = args.selected ? selection.keys : [];
        await opener.download((await model.exportFiles(ids, formatIn(args))).files);
      }
    }
  };
}
