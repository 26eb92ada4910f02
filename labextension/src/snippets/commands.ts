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
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { register, type Args, type ICommand } from '../base/registry';
import { copyOf, insertSnippet, plainText, removeSnippet, wanted } from './actions';
import { Draft, type IDraftContent } from './draft';
import { insertIcon, libraryIcon, snippetsIcon, starIcon } from './icons';
import { installCode } from './kernel';
import type { ExportFormat, Snippet, SnippetFile, Sort } from './schemas';
import type { InsertMode } from './tokens';
import type { IWorkbench } from './workbench';

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

/** What the commands show; each screen is loaded when it is first shown. */
export interface IScreens {
  /** Bring the panel to the front, with its search field in focus. */
  panel(): void;
  /** Open the form with a draft, or bring it to the front. */
  edit(draft: Draft): Promise<void>;
  /** Save the draft in the form that is in front. */
  save(): Promise<unknown>;
  /** Whether a form is in front. */
  editing(): boolean;
  history(snippet: Snippet): Promise<void>;
  shortcut(snippet: Snippet): Promise<void>;
  importFiles(files?: readonly SnippetFile[], folder?: boolean): Promise<void>;
  libraries(): Promise<void>;
  /** Hand files to the browser. */
  download(files: readonly SnippetFile[]): Promise<void>;
}

const SORTS: readonly Sort[] = ['relevance', 'name', 'updated', 'used', 'position'];
const FORMATS: readonly ExportFormat[] = ['code-snippets', 'elyra'];

/** Add every command of the snippets. */
export function addCommands(
  commands: CommandRegistry,
  bench: IWorkbench,
  screens: IScreens
): void {
  register(commands, bench.trans, {
    ...ofPanel(bench, screens),
    ...ofSnippet(commands, bench, screens),
    ...ofFiles(bench, screens)
  });
  const enabling = (): void => commands.notifyCommandChanged();
  bench.selection.changed.connect(enabling);
  bench.inserter.targetChanged.connect(enabling);
  bench.preferences.changed.connect(enabling);
}

/** Commands that are about no snippet in particular. */
function ofPanel(bench: IWorkbench, screens: IScreens): Record<string, ICommand> {
  const { model, preferences, trans } = bench;
  const captured = (draft: Partial<IDraftContent> | null): Promise<void> | void => {
    if (draft) {
      return screens.edit(Draft.new(draft));
    }
    Notification.info(
      trans.__('Nothing is selected. Select some text or a cell first.'),
      {
        autoClose: 5_000
      }
    );
  };
  const sorts: Record<Sort, string> = {
    relevance: trans.__('Relevance'),
    name: trans.__('Name'),
    updated: trans.__('Last change'),
    used: trans.__('Use'),
    position: trans.__('My order')
  };
  return {
    [CommandIDs.openPanel]: {
      label: trans.__('Snippets'),
      caption: trans.__('Show the snippets panel'),
      icon: snippetsIcon,
      run: () => screens.panel()
    },
    [CommandIDs.new]: {
      label: trans.__('New snippet'),
      caption: trans.__('Write a new snippet'),
      icon: args => (args.isLauncher ? snippetsIcon : addIcon),
      args: {
        draft: {
          type: 'object',
          description:
            'What the form starts with: name, language, tags, cells and so on.'
        }
      },
      run: args => screens.edit(Draft.new((args.draft ?? {}) as Partial<IDraftContent>))
    },
    [CommandIDs.save]: {
      label: trans.__('Save snippet'),
      caption: trans.__('Save the snippet that is being edited'),
      icon: saveIcon,
      enabled: () => screens.editing(),
      run: () => screens.save()
    },
    [CommandIDs.saveSelection]: {
      label: trans.__('Save selection as snippet'),
      caption: trans.__(
        'Make a snippet of the selected text or cells, or of the whole file'
      ),
      icon: saveIcon,
      run: () => captured(bench.capture.best())
    },
    [CommandIDs.saveCells]: {
      label: trans.__('Save cells as snippet'),
      caption: trans.__('Make a snippet of the selected cells'),
      icon: saveIcon,
      run: () => captured(bench.capture.cells())
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh snippets'),
      caption: trans.__('Ask the server again'),
      icon: refreshIcon,
      run: () => model.refresh()
    },
    [CommandIDs.libraries]: {
      label: trans.__('Snippet libraries…'),
      caption: trans.__('See, add, refresh and remove libraries of snippets'),
      icon: libraryIcon,
      run: () => screens.libraries()
    },
    [CommandIDs.sort]: {
      label: args => sorts[(args.by as Sort | undefined) ?? preferences.sort],
      caption: trans.__('Order the snippets'),
      args: { by: { type: 'string', enum: SORTS, description: 'What to order by.' } },
      toggled: args => args.by === preferences.sort,
      run: async args => {
        if (SORTS.includes(args.by as Sort)) {
          await preferences.setSort(args.by as Sort);
        }
      }
    }
  };
}

/** Commands that are about one snippet: the one with the id, else the one that is picked. */
function ofSnippet(
  commands: CommandRegistry,
  bench: IWorkbench,
  screens: IScreens
): Record<string, ICommand> {
  const { model, selection, trans } = bench;
  const args: ReadonlyJSONObject = {
    id: { type: 'string', description: 'Its id or its exact name.' },
    name: { type: 'string', description: 'Its exact name, when there is no id.' }
  };
  const enabled = (given: Args): boolean =>
    Boolean(given.id ?? given.name ?? selection.active);
  const writable = (given: Args): boolean =>
    given.id || given.name ? true : (selection.active?.writable ?? false);
  const caption = (label: string) => (given: Args) =>
    selection.active && !given.id ? `${label}: ${selection.active.name}` : label;
  return {
    [CommandIDs.insert]: {
      label: given =>
        given.mode === 'cells' ? trans.__('Insert as cells') : trans.__('Insert'),
      caption: given => {
        const { text } = bench.inserter.describeTarget(
          given.mode as InsertMode | undefined
        );
        return text;
      },
      icon: insertIcon,
      args: {
        ...args,
        mode: {
          type: 'string',
          enum: ['auto', 'cursor', 'cells'],
          description: 'At the cursor, as cells of their own, or as the place suggests.'
        }
      },
      enabled: given =>
        enabled(given) &&
        bench.inserter.describeTarget(given.mode as InsertMode | undefined).enabled,
      run: async given =>
        insertSnippet(
          bench,
          await wanted(bench, given),
          given.mode as InsertMode | undefined
        )
    },
    [CommandIDs.edit]: {
      label: trans.__('Edit'),
      caption: caption(trans.__('Edit the snippet')),
      icon: editIcon,
      args: {
        ...args,
        draft: { type: 'string', description: 'The key of a draft to go on with.' }
      },
      enabled: given => Boolean(given.draft) || (enabled(given) && writable(given)),
      run: async given => {
        const kept = given.draft
          ? await bench.drafts.load(given.draft as string)
          : null;
        if (kept) {
          return screens.edit(kept);
        }
        const named = (given.draft as string | undefined)?.replace(/^id:/, '');
        if (named?.startsWith('new:')) {
          return;
        }
        const snippet = await wanted(bench, named ? { id: named } : given);
        return screens.edit(
          snippet.writable
            ? ((await bench.drafts.load(Draft.keyOf(snippet.id))) ?? Draft.of(snippet))
            : Draft.new(copyOf(bench, snippet))
        );
      }
    },
    [CommandIDs.duplicate]: {
      label: given =>
        given.edit ? trans.__('Duplicate to edit') : trans.__('Duplicate'),
      caption: caption(trans.__('Make a copy of your own')),
      icon: duplicateIcon,
      args: {
        ...args,
        edit: { type: 'boolean', description: 'Open the copy before saving it.' }
      },
      enabled,
      run: async given => {
        const content = copyOf(bench, await wanted(bench, given));
        if (given.edit) {
          return screens.edit(Draft.new(content));
        }
        // What it was copied from was saved knowingly, so nothing is scanned again.
        const copy = await model.save({
          ...content,
          base_version: null,
          allow_secrets: true
        });
        Notification.success(trans.__('Made "%1"', copy.name), { autoClose: 3_000 });
      }
    },
    [CommandIDs.delete]: {
      label: trans.__('Delete'),
      caption: caption(trans.__('Delete the snippet; it can be brought back')),
      icon: deleteIcon,
      args,
      enabled: given => enabled(given) && writable(given),
      run: async given => removeSnippet(bench, await wanted(bench, given))
    },
    [CommandIDs.copy]: {
      label: trans.__('Copy code'),
      caption: caption(trans.__('Copy the code to the clipboard')),
      icon: copyIcon,
      args,
      enabled,
      run: async given => {
        const snippet = await wanted(bench, given);
        Clipboard.copyToSystem(plainText(snippet));
        Notification.success(trans.__('Copied "%1"', snippet.name), {
          autoClose: 2_000
        });
      }
    },
    [CommandIDs.favourite]: {
      label: () =>
        selection.active?.favourite
          ? trans.__('Remove from favourites')
          : trans.__('Add to favourites'),
      caption: caption(trans.__('Mark the snippet with a star, or take it away')),
      icon: starIcon,
      args,
      enabled,
      run: async given => {
        const snippet = await wanted(bench, given);
        await model.mark(snippet.id, { favourite: !snippet.favourite });
      }
    },
    [CommandIDs.history]: {
      label: trans.__('Version history'),
      caption: caption(trans.__('See and restore earlier versions')),
      icon: historyIcon,
      args,
      enabled: given => enabled(given) && !(!given.id && selection.active?.library),
      run: async given => screens.history(await wanted(bench, given))
    },
    [CommandIDs.shortcut]: {
      label: trans.__('Assign shortcut…'),
      caption: caption(trans.__('Choose keys that insert the snippet')),
      icon: keyboardIcon,
      args,
      enabled,
      run: async given => screens.shortcut(await wanted(bench, given))
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
      enabled: given => Boolean(given.modules ?? bench.requirements.hint),
      run: async given => {
        const modules =
          (given.modules as string[] | undefined) ?? bench.requirements.hint?.modules;
        const inserted =
          modules && (await bench.inserter.insertCode(installCode(modules)));
        if (inserted) {
          bench.requirements.dismiss();
          const { kind } = inserted.target;
          if (kind === 'notebook') {
            await commands.execute('notebook:run-cell');
          } else if (kind === 'console') {
            await commands.execute('console:run-forced');
          }
        }
      }
    }
  };
}

/** Commands that read and write files. */
function ofFiles(bench: IWorkbench, screens: IScreens): Record<string, ICommand> {
  const { model, selection, trans } = bench;
  const names: Record<ExportFormat, string> = {
    'code-snippets': trans.__('VS Code'),
    elyra: trans.__('Elyra')
  };
  const format = (args: Args): ExportFormat =>
    FORMATS.find(one => one === args.format) ?? 'code-snippets';
  return {
    [CommandIDs.import]: {
      label: args =>
        args.folder ? trans.__('Import folder…') : trans.__('Import files…'),
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
        screens.importFiles(
          args.files as unknown as readonly SnippetFile[] | undefined,
          Boolean(args.folder)
        )
    },
    [CommandIDs.export]: {
      label: args =>
        args.selected
          ? trans.__('Export selected for %1', names[format(args)])
          : trans.__('Export all for %1', names[format(args)]),
      caption: trans.__('Download snippets as files'),
      icon: downloadIcon,
      args: {
        format: { type: 'string', enum: FORMATS, description: 'Whose files to write.' },
        selected: { type: 'boolean', description: 'Only the snippets that are picked.' }
      },
      enabled: args => !args.selected || selection.ids.length > 0,
      run: async args => {
        const ids = args.selected ? selection.ids : [];
        await screens.download((await model.exportFiles(ids, format(args))).files);
      }
    },
    [CommandIDs.download]: {
      label: trans.__('Download'),
      caption: trans.__('Download the snippet as a VS Code snippet file'),
      icon: downloadIcon,
      args: { id: { type: 'string', description: 'Its id or its exact name.' } },
      enabled: args => Boolean(args.id ?? selection.active),
      run: async args => {
        const snippet = await wanted(bench, args);
        const { files } = await model.exportFiles([snippet.id], 'code-snippets');
        await screens.download(files);
      }
    }
  };
}
