/**
 * Everything that can be done with snippets, as commands of the lab.
 */
import { Notification } from '@jupyterlab/apputils';
import {
  addIcon,
  downloadIcon,
  fileUploadIcon,
  refreshIcon,
  saveIcon
} from '@jupyterlab/ui-components';

import { register, type Args, type ICommand } from '../base/registry';
import { CommandIDs, type ICommandTools } from './commandtools';
import { Draft, type IDraftContent } from './editor/draft';
import { libraryIcon, snippetsIcon } from './icons';
import type { ExportFormat, Sort } from './schemas';
import { FORMATS, SORTS } from './settings';
import { editCommands, insertCommands, itemCommands } from './snippetcommands';
import type { IChosenFiles } from './transfer/filedrop';

export { CommandIDs } from './commandtools';

const NOTHING_SELECTED_MS = 5_000;

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
      guard: 'shows',
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
      guard: 'shows',
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

/** The files that arguments name; undefined when the person is to choose. */
function chosenIn(args: Args): IChosenFiles | undefined {
  const { files, problems = [], leftOut = [] } = args;
  return files ? ({ files, problems, leftOut } as unknown as IChosenFiles) : undefined;
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
      caption: trans.__('Import snippets of VS Code, Elyra and others, or scripts'),
      icon: fileUploadIcon,
      guard: ['files', 'problems', 'leftOut'],
      args: {
        folder: { type: 'boolean', description: 'Choose a folder instead of files.' },
        files: {
          type: 'array',
          items: { type: 'object' },
          description: 'The files, each with name and content, instead of choosing any.'
        },
        problems: {
          type: 'array',
          items: { type: 'object' },
          description:
            'Files that could not be read, with file and reason, for the report.'
        },
        leftOut: {
          type: 'array',
          items: { type: 'object' },
          description: 'Files that are no snippets, with file and reason.'
        }
      },
      run: args => opener.importFiles(chosenIn(args), Boolean(args.folder))
    },
    [CommandIDs.export]: {
      label: args =>
        args.selected
          ? trans.__('Export Selected for %1', names[formatIn(args)])
          : trans.__('Export All for %1', names[formatIn(args)]),
      caption: trans.__('Download snippets as files'),
      icon: downloadIcon,
      guard: 'shows',
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
