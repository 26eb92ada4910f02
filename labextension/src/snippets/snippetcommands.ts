/**
 * Commands about one snippet: the one named, else the selected one.
 */
import { Clipboard, Notification } from '@jupyterlab/apputils';
import {
  copyIcon,
  deleteIcon,
  downloadIcon,
  duplicateIcon,
  editIcon,
  historyIcon,
  keyboardIcon,
  shareIcon
} from '@jupyterlab/ui-components';

import { hubPage } from '../base/hubservice';
import type { Args, ICommand } from '../base/registry';
import {
  copyOf,
  draftOf,
  draftUnder,
  duplicateSnippet,
  insertSnippet,
  installModules,
  plainText,
  removeSnippet,
  removeSnippets,
  snippetIn
} from './actions';
import { CommandIDs, type ICommandTools } from './commandtools';
import type { ISnippetsContext } from './context';
import { Draft } from './editor/draft';
import { insertIcon, starIcon } from './icons';
import type { Snippet } from './schemas';
import type { InsertMode } from './tokens';

const COPIED_MS = 2_000;

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
  command: Omit<ICommand, 'run' | 'caption' | 'guard'> & {
    caption: string;
    /** Whether it changes the snippet or something else, so that a link is asked about. */
    changes?: boolean;
    /** Whether it can be done with the selected snippet; with any if left out. */
    allows?: (snippet: Snippet) => boolean;
    run: (snippet: Snippet, args: Args) => Promise<unknown> | void;
  }
): ICommand {
  const { selection } = context;
  const { caption, allows = () => true, changes = false, run, ...rest } = command;
  return {
    enabled: args =>
      isNamed(args) || (selection.active !== null && allows(selection.active)),
    ...rest,
    caption: args =>
      selection.active && !isNamed(args)
        ? `${caption}: ${selection.active.name}`
        : caption,
    guard: changes ? ['id', 'name'] : 'shows',
    args: { ...SNIPPET_ARGS, ...command.args },
    run: async args => run(await snippetIn(context, args), args)
  };
}

/** Commands that put code where the person works. */
export function insertCommands({ context }: ICommandTools): Record<string, ICommand> {
  const { inserter, requirements, selection, trans } = context;
  const modeIn = (args: Args): InsertMode | undefined =>
    args.mode as InsertMode | undefined;
  const modulesIn = (args: Args): readonly string[] | undefined =>
    (args.modules as string[] | undefined) ?? requirements.hint?.modules;
  return {
    // It puts a snippet of the person's own lists where a key or a click says, and runs nothing.
    [CommandIDs.insert]: {
      label: args =>
        args.mode === 'cells' ? trans.__('Insert as Cells') : trans.__('Insert'),
      caption: args => inserter.describeTarget(modeIn(args)).text,
      icon: insertIcon,
      guard: 'shows',
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
      guard: ['modules'],
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
export function editCommands(tools: ICommandTools): Record<string, ICommand> {
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
      changes: true,
      icon: duplicateIcon,
      args: {
        edit: { type: 'boolean', description: 'Open the copy before saving it.' }
      },
      run: (snippet, { edit: isOpened }) =>
        isOpened
          ? opener.edit(Draft.new(copyOf(context, snippet)))
          : duplicateSnippet(context, snippet)
    }),
    ...deleteCommands(tools, isWritable)
  };
}

/** Deletes the snippet that is named, else every selected one that the person may write. */
function deleteCommands(
  { context, drafts }: ICommandTools,
  isWritable: (snippet: Snippet) => boolean
): Record<string, ICommand> {
  const { selection, trans } = context;
  const several = (args: Args): readonly Snippet[] => {
    const chosen = isNamed(args) ? [] : selection.items.filter(isWritable);
    return chosen.length > 1 ? chosen : [];
  };
  const deleteOne = aboutSnippet(context, {
    label: args => {
      const count = several(args).length;
      return count
        ? trans.__('Delete %1 Snippets', count.toLocaleString())
        : trans.__('Delete');
    },
    caption: trans.__('Delete the snippet; it can be brought back'),
    changes: true,
    icon: deleteIcon,
    allows: isWritable,
    run: snippet => removeSnippet(context, drafts, snippet)
  });
  return {
    [CommandIDs.delete]: {
      ...deleteOne,
      enabled: args => several(args).length > 0 || deleteOne.enabled!(args),
      run: async args => {
        const snippets = several(args);
        return snippets.length
          ? removeSnippets(context, drafts, snippets)
          : deleteOne.run(args);
      }
    }
  };
}

/** Other commands about one snippet. */
export function itemCommands({
  context,
  opener
}: ICommandTools): Record<string, ICommand> {
  const { model, selection, trans } = context;
  return {
    [CommandIDs.copy]: aboutSnippet(context, {
      label: trans.__('Copy Code'),
      caption: trans.__('Copy the code to the clipboard'),
      changes: true,
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
      changes: true,
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
    [CommandIDs.share]: {
      ...aboutSnippet(context, {
        label: trans.__('Share with Everyone…'),
        caption: trans.__(
          'Open the page of the hub where the snippet is shared with everyone, or taken back'
        ),
        icon: shareIcon,
        allows: ({ library }) => !library,
        run: ({ id }) =>
          void window.open(hubPage(`publish/${id}`)!, '_blank', 'noopener')
      }),
      visible: () => hubPage('') !== null
    },
    [CommandIDs.download]: aboutSnippet(context, {
      label: trans.__('Download'),
      caption: trans.__('Download the snippet as a VS Code snippet file'),
      icon: downloadIcon,
      run: async ({ id }) =>
        opener.download((await model.exportFiles([id], 'code-snippets')).files)
    })
  };
}
