/**
 * Everything that can be done with data, as commands of the lab.
 */
import { Clipboard, Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import {
  addIcon,
  codeIcon,
  copyIcon,
  deleteIcon,
  downloadIcon,
  editIcon,
  fileUploadIcon,
  newFolderIcon,
  refreshIcon
} from '@jupyterlab/ui-components';

import { Conflict, Invalid, toError } from '../base/errors';
import { register, type Args, type ICommand } from '../base/registry';
import { offerUndo } from '../base/undo';
import {
  knownPlace,
  locationIn,
  nodeIn,
  PLACE_ARGS,
  placeIn,
  placesIn,
  requirePlace
} from './commandargs';
import type { ICommandContext } from './context';
import { dataIcon, enterIcon, starIcon } from './icons';
import { keyOf, parentOf } from './path';
import type { Connection, Location } from './schemas';
import { LIBRARIES, libraryOf } from './settings';
import type { IDataPlace } from './tokens';
import { chooseFiles, toBase64 } from './upload';

/** The ids of the commands. */
export const CommandIDs = {
  openPanel: 'data:open-panel',
  refresh: 'data:refresh',
  connect: 'data:connect',
  connectVariable: 'data:connect-variable',
  editConnection: 'data:edit-connection',
  deleteConnection: 'data:delete-connection',
  open: 'data:open',
  enter: 'data:enter',
  insert: 'data:insert',
  copyPath: 'data:copy-path',
  favourite: 'data:favourite',
  download: 'data:download',
  upload: 'data:upload',
  newFolder: 'data:new-folder',
  delete: 'data:delete'
} as const;

const MOST_BYTES = 32 * 2 ** 20;

/** Add the commands. */
export function addCommands(context: ICommandContext): void {
  const { commands, places, selection, trans } = context;
  const all = {
    ...panelCommands(context),
    ...connectionCommands(context),
    ...placeCommands(context),
    ...codeCommands(context),
    ...fileCommands(context),
    ...deleteCommands(context)
  };
  register(commands, trans, all, trans.__('Data'));
  selection.changed.connect(() => commands.notifyCommandChanged());
  places.changed.connect(() => commands.notifyCommandChanged(CommandIDs.favourite));
}

function panelCommands({
  model,
  opener,
  trans
}: ICommandContext): Record<string, ICommand> {
  return {
    [CommandIDs.openPanel]: {
      label: args => (args.isPalette ? trans.__('Show Panel') : trans.__('Data')),
      caption: trans.__('Show the panel of data'),
      icon: dataIcon,
      run: () => opener.panel()
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh Data'),
      caption: trans.__('Look again at what is open in the tree'),
      icon: refreshIcon,
      run: () => model.refresh()
    }
  };
}

function connectionCommands(context: ICommandContext): Record<string, ICommand> {
  const { client, model, opener, places, trans } = context;
  const connectionIn = (args: Args): Location | null => {
    const place = placeIn(context, args);
    const location = place && model.location(place.location);
    return location && location.connection !== null && location.may_write
      ? location
      : null;
  };
  const show = async (connection: Connection | null): Promise<void> => {
    if (connection) {
      await model.refresh();
    }
  };
  return {
    [CommandIDs.connect]: {
      label: trans.__('Add Connection…'),
      caption: trans.__('Connect an object store, a folder or a database'),
      icon: addIcon,
      run: async () => show(await opener.connection(null))
    },
    [CommandIDs.connectVariable]: {
      label: trans.__('Add Connection from Environment…'),
      caption: trans.__(
        'Make a connection of environment variables of your server, by their names'
      ),
      run: async () => show(await connectVariable(context))
    },
    [CommandIDs.editConnection]: {
      label: trans.__('Edit Connection…'),
      caption: trans.__('Change the fields or the secrets of the connection'),
      icon: editIcon,
      guard: 'asks',
      args: PLACE_ARGS,
      enabled: args => connectionIn(args) !== null,
      run: async args => {
        const { connection } = connectionIn(args)!;
        await show(await opener.connection(await client.getConnection(connection!)));
      }
    },
    [CommandIDs.deleteConnection]: {
      label: trans.__('Delete Connection'),
      caption: trans.__('Take the connection away; the data stay as they are'),
      icon: deleteIcon,
      guard: ['location'],
      args: PLACE_ARGS,
      enabled: args => connectionIn(args) !== null,
      run: async args => {
        const { id, connection, title } = connectionIn(args)!;
        await client.deleteConnection(connection!);
        await model.refresh();
        offerUndo(
          trans.__('Deleted the connection "%1"', title),
          async () => {
            await client.undeleteConnection(connection!);
            await model.refresh();
          },
          trans
        );
        places.forget(id);
      }
    }
  };
}

/** Ask which variables of the server become a connection; only their names come here. */
async function connectVariable(context: ICommandContext): Promise<Connection | null> {
  const { client, trans } = context;
  const { items } = await client.listVariables();
  if (items.length === 0) {
    throw new Invalid({
      message: trans.__('No variable of your server describes a connection.'),
      remedy: trans.__('Add a connection with the form.')
    });
  }
  const labels = items.map(
    ({ kind, variables }) => `${variables.join(', ')} → ${kind}`
  );
  const { value } = await InputDialog.getItem({
    title: trans.__('Add Connection from Environment'),
    label: trans.__('Variables of your server; their values stay there:'),
    items: labels,
    okLabel: trans.__('Next')
  });
  const chosen = value === null ? undefined : items[labels.indexOf(value)];
  if (!chosen) {
    return null;
  }
  const { value: name } = await InputDialog.getText({
    title: trans.__('Add Connection from Environment'),
    label: trans.__('Name of the connection: small letters, digits and hyphens'),
    text: chosen.suggestion,
    pattern: '[a-z0-9][a-z0-9-]*',
    okLabel: trans.__('Add')
  });
  return name ? client.createFromVariable({ variable: chosen.name, name }) : null;
}

function placeCommands(context: ICommandContext): Record<string, ICommand> {
  const { client, model, opener, places, trans } = context;
  const enabled = (args: Args): boolean => placeIn(context, args) !== null;
  return {
    [CommandIDs.open]: {
      label: trans.__('Properties'),
      caption: trans.__(
        'Show size, type, time, columns, and why something cannot be seen'
      ),
      guard: 'shows',
      args: PLACE_ARGS,
      enabled,
      run: async args => {
        const place = requirePlace(context, args);
        const known = knownPlace(context, place);
        places.note(known);
        await opener.details(place, known.name);
      }
    },
    [CommandIDs.enter]: {
      label: trans.__('Show as Top of the Tree'),
      caption: trans.__(
        'Show only what is in this folder; the way back stands above it'
      ),
      icon: enterIcon,
      guard: 'shows',
      args: PLACE_ARGS,
      enabled: args => {
        const node = nodeIn(context, args);
        return node ? model.isExpandable(node) : Boolean(args.location);
      },
      run: async args => {
        const place = requirePlace(context, args);
        await model.enter({ location: locationIn(context, place), path: place.path });
      }
    },
    [CommandIDs.copyPath]: {
      label: trans.__('Copy Path'),
      caption: trans.__('Copy where it is to the clipboard'),
      icon: copyIcon,
      guard: ['location', 'path'],
      args: PLACE_ARGS,
      enabled,
      run: async args => {
        const { location, path } = requirePlace(context, args);
        Clipboard.copyToSystem((await client.entry({ location, path })).address);
      }
    },
    [CommandIDs.favourite]: {
      label: args => {
        const place = placeIn(context, args);
        return place && places.isFavourite(place)
          ? trans.__('Remove from Favourites')
          : trans.__('Add to Favourites');
      },
      caption: trans.__('Favourites stand at the top of the panel'),
      icon: starIcon,
      guard: ['location', 'path'],
      args: PLACE_ARGS,
      enabled,
      run: args => places.toggle(knownPlace(context, requirePlace(context, args)))
    }
  };
}

function codeCommands(context: ICommandContext): Record<string, ICommand> {
  const { client, opener, preferences, trans } = context;
  return {
    [CommandIDs.insert]: {
      label: args =>
        args.library
          ? trans.__('Insert Load Code for %1', libraryOf(args.library))
          : trans.__('Insert Load Code'),
      caption: trans.__(
        'Put code that loads it where you work; there is nothing secret in it'
      ),
      icon: codeIcon,
      guard: ['location', 'path'],
      args: {
        ...PLACE_ARGS,
        library: {
          type: 'string',
          enum: [...LIBRARIES],
          description: 'The library; that of the settings if left out.'
        }
      },
      enabled: args => isLoadable(context, args),
      run: async args => {
        const { location, path } = requirePlace(context, args);
        const library = libraryOf(args.library ?? preferences.values.library);
        const folder = opener.folder ?? '';
        const { code } = await client.code({ location, path, library, folder });
        opener.insert(code);
      }
    }
  };
}

/** Whether there is something to load: a file, a table or a column. */
function isLoadable(context: ICommandContext, args: Args): boolean {
  const entry = nodeIn(context, args)?.entry;
  const isThere = Boolean(entry) && !['folder', 'schema'].includes(entry!.kind);
  return isThere || Boolean(args.location && args.path);
}

function fileCommands(context: ICommandContext): Record<string, ICommand> {
  const { client, model, trans } = context;
  return {
    [CommandIDs.download]: {
      label: trans.__('Download'),
      caption: trans.__('Save the file where your browser keeps downloads'),
      icon: downloadIcon,
      guard: ['location', 'path'],
      args: PLACE_ARGS,
      enabled: args => nodeIn(context, args)?.entry?.kind === 'file',
      run: args => {
        const { location, path } = requirePlace(context, args);
        const link = document.createElement('a');
        link.href = client.downloadUrl(location, path);
        link.download = '';
        link.click();
      }
    },
    [CommandIDs.newFolder]: {
      label: trans.__('New Folder…'),
      caption: trans.__('Make a folder in this one'),
      icon: newFolderIcon,
      guard: 'asks',
      args: PLACE_ARGS,
      enabled: args => folderIn(context, args) !== null,
      run: async args => {
        const folder = requireFolder(context, args);
        const { value } = await InputDialog.getText({
          title: trans.__('New Folder'),
          label: trans.__('Name'),
          okLabel: trans.__('Create')
        });
        if (value) {
          const path = below(folder.path, value);
          await client.makeFolder({ location: folder.location, path });
          await model.reload(keyOf(folder.location, folder.path));
        }
      }
    },
    [CommandIDs.upload]: {
      label: trans.__('Upload Files…'),
      caption: trans.__(
        'Put files of your computer into this folder, 32 MiB at most each'
      ),
      icon: fileUploadIcon,
      guard: 'asks',
      args: PLACE_ARGS,
      enabled: args => folderIn(context, args) !== null,
      run: async args => {
        const folder = requireFolder(context, args);
        const files = await chooseFiles();
        for (const file of files) {
          await uploadFile(context, folder, file);
        }
        if (files.length > 0) {
          await model.reload(keyOf(folder.location, folder.path));
        }
      }
    }
  };
}

/** Store a file; one that is there already is replaced only if the person says so. */
async function uploadFile(
  { client, trans }: ICommandContext,
  folder: IDataPlace,
  file: File
): Promise<void> {
  if (file.size > MOST_BYTES) {
    throw new Invalid({
      message: trans.__('"%1" is too large to be uploaded here', file.name),
      reason: trans.__('The limit is 32 MiB.')
    });
  }
  const request = {
    location: folder.location,
    path: below(folder.path, file.name),
    content: await toBase64(file)
  };
  try {
    await client.upload(request);
  } catch (error) {
    if (!(error instanceof Conflict) || !(await isReplaced(file.name))) {
      throw error;
    }
    await client.upload({ ...request, replaces: true });
  }

  async function isReplaced(name: string): Promise<boolean> {
    const { button } = await showDialog({
      title: trans.__('Replace "%1"?', name),
      body: trans.__('There is a file of that name. What is in it now is lost.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Replace') })
      ],
      defaultButton: 0
    });
    return button.accept;
  }
}

function deleteCommands(context: ICommandContext): Record<string, ICommand> {
  const { client, model, selection, trans } = context;
  const filesIn = (args: Args): readonly IDataPlace[] => {
    const chosen = placesIn(context, args).filter(({ location, path }) => {
      const known = model.location(location);
      return path !== '' && known?.kind !== 'database' && !known?.is_read_only;
    });
    // One request is about one location.
    return chosen.filter(({ location }) => location === chosen[0].location);
  };
  return {
    [CommandIDs.delete]: {
      label: trans.__('Delete Files'),
      caption: trans.__(
        'Delete files and folders; it can be undone where the store can'
      ),
      icon: deleteIcon,
      guard: ['location', 'path'],
      args: PLACE_ARGS,
      enabled: args => filesIn(args).length > 0,
      run: async args => {
        const chosen = filesIn(args);
        const [{ location }] = chosen;
        const paths = chosen.map(({ path }) => path);
        const undo = await deleteFiles(context, location, paths);
        const folders = [
          ...new Set(paths.map(path => keyOf(location, parentOf(path))))
        ];
        const reload = (): Promise<unknown> =>
          Promise.all(folders.map(key => model.reload(key)));
        selection.set(null);
        await reload();
        if (undo) {
          offerUndo(
            trans._n('Deleted %1 item', 'Deleted %1 items', paths.length),
            async () => {
              await client.undoDelete({ location, undo });
              await reload();
            },
            trans
          );
        }
      }
    }
  };
}

/** Delete files; where nothing would bring them back, the person is asked first. Gives what brings them back. */
async function deleteFiles(
  { client, trans }: ICommandContext,
  location: string,
  paths: readonly string[]
): Promise<string> {
  try {
    return (await client.deleteFiles({ location, paths })).undo;
  } catch (error) {
    if (!(error instanceof Conflict) || error.details.final !== true) {
      throw error;
    }
  }
  const { button } = await showDialog({
    title: trans._n(
      'Delete %1 item for good?',
      'Delete %1 items for good?',
      paths.length
    ),
    body: trans.__('This store does not bring back what is deleted.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete for Good') })
    ],
    defaultButton: 0
  });
  if (!button.accept) {
    throw toError({ code: 'cancelled', message: 'Cancelled' });
  }
  return (await client.deleteFiles({ location, paths, is_final: true })).undo;
}

/** The folder that new files go to: the selected one, or the one that the selected file is in; null if there is none. */
function folderIn(context: ICommandContext, args: Args): IDataPlace | null {
  const place = placeIn(context, args);
  const location = place && context.model.location(place.location);
  if (!place || !location || location.kind === 'database' || location.is_read_only) {
    return null;
  }
  const node = nodeIn(context, args);
  const isFile = node?.entry?.kind === 'file';
  return isFile ? { location: place.location, path: parentOf(place.path) } : place;
}

function requireFolder(context: ICommandContext, args: Args): IDataPlace {
  return folderIn(context, args) ?? requirePlace(context, args);
}

function below(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}
