/**
 * What can be done with data that the lab itself shows: files of its browser, and dataframes of a kernel.
 */
import type { Contents } from '@jupyterlab/services';
import { codeIcon } from '@jupyterlab/ui-components';

import { register, type Args, type ICommand } from '../base/registry';
import { insertLoadingCode } from './commandargs';
import type { ICommandContext } from './context';
import { compareIcon, edaIcon } from './icons';
import type { Run, SourceIn } from './schemas';
import { isTable, sourceOf } from './source';

/** The ids of the commands. */
export const IntegrationIDs = {
  profileFile: 'eda:profile-file',
  compareFiles: 'eda:compare-files',
  loadFile: 'eda:load-file',
  profileFrame: 'eda:profile-frame',
  profileOutput: 'eda:profile-output'
} as const;

/** A file of the lab's browser. */
export type LabFile = Pick<Contents.IModel, 'name' | 'path' | 'type' | 'last_modified'>;

/** Add what can be done with files; `selectedFiles` are those that are selected in the browser. */
export function addFileCommands(
  context: ICommandContext,
  selectedFiles: () => readonly LabFile[]
): void {
  const { commands, starter, trans } = context;
  const single = forTables(1, selectedFiles);
  const pair = forTables(2, selectedFiles);
  register(commands, trans, {
    [IntegrationIDs.profileFile]: single({
      label: trans.__('Profile'),
      caption: trans.__('Tell what is in the file'),
      icon: edaIcon,
      run: async ([file]) => show(context, await starter.profile(fileSource(file)))
    }),
    [IntegrationIDs.loadFile]: single({
      label: trans.__('Insert Loading Code'),
      caption: trans.__('Put code that loads the file into the notebook'),
      icon: codeIcon,
      run: ([file]) => insertLoadingCode(context, fileSource(file))
    }),
    [IntegrationIDs.compareFiles]: pair({
      label: trans.__('Compare Data'),
      caption: trans.__('Tell what changed from the older to the newer file'),
      icon: compareIcon,
      run: async files => {
        const [before, after] = [...files].sort((a, b) =>
          a.last_modified.localeCompare(b.last_modified)
        );
        const run = await starter.compare(fileSource(after), fileSource(before));
        return show(context, run);
      }
    })
  });
}

interface IFileCommand extends Pick<ICommand, 'label' | 'caption' | 'icon'> {
  run: (files: readonly LabFile[]) => Promise<unknown>;
}

/** Makes commands that are enabled for so many files, all of them tables. */
function forTables(
  count: number,
  selectedFiles: () => readonly LabFile[]
): (command: IFileCommand) => ICommand {
  const tables = (args: Args): readonly LabFile[] | null => {
    const paths = args.paths as readonly string[] | undefined;
    const files =
      paths?.map(path => ({ ...PLAIN_FILE, path, name: path })) ?? selectedFiles();
    return files.length === count && files.every(isTableFile) ? files : null;
  };
  return ({ run, ...about }) => ({
    ...about,
    guard: ['paths'],
    args: {
      paths: {
        type: 'array',
        items: { type: 'string' },
        description: 'Paths; what is selected in the file browser if left out.'
      }
    },
    enabled: args => tables(args) !== null,
    run: async args => {
      const files = tables(args);
      return files && run(files);
    }
  });
}

const PLAIN_FILE = { type: 'file', last_modified: '' } as const;

function isTableFile({ type, name }: LabFile): boolean {
  return type !== 'directory' && isTable(name);
}

/** A file as a source; a path may begin with the name of the drive that it is on. */
function fileSource({ path }: LabFile): SourceIn {
  return sourceOf({ kind: 'file', location: path.replace(/^[^/]*:/, '') });
}

/** Add what can be done with the dataframes of the kernel that the person works with. */
export function addFrameCommands(context: ICommandContext): void {
  const { commands, frames, starter, trans } = context;
  const profile = async (name: string | null): Promise<unknown> =>
    name === null
      ? null
      : show(
          context,
          await starter.profile(sourceOf({ kind: 'frame', location: name }))
        );
  const nameIn = ({ name }: Args): string | null =>
    typeof name === 'string' ? name : (frames.items[0]?.name ?? null);
  const anyFrame = trans.__('Profile Dataframe');
  const label = (name: string | null): string =>
    name ? trans.__('Profile %1', name) : anyFrame;
  const all: Record<string, ICommand> = {
    [IntegrationIDs.profileFrame]: {
      label: args => (args.isPalette ? anyFrame : label(nameIn(args))),
      caption: trans.__('Tell what is in a dataframe of the kernel'),
      icon: edaIcon,
      guard: ['name'],
      args: {
        name: { type: 'string', description: 'The variable; the newest if left out.' }
      },
      enabled: args => nameIn(args) !== null,
      run: async args => {
        if (!args.name) {
          await frames.refresh();
        }
        return profile(nameIn(args));
      }
    },
    [IntegrationIDs.profileOutput]: {
      label: () => label(frames.inCell()),
      caption: trans.__('Tell what is in the dataframe that the cell shows'),
      icon: edaIcon,
      guard: 'shows',
      args: {
        isToolbar: {
          type: 'boolean',
          description: 'Hidden instead of disabled where a cell shows no dataframe.'
        }
      },
      enabled: () => frames.inCell() !== null,
      visible: args => !args.isToolbar || frames.inCell() !== null,
      run: () => profile(frames.inCell())
    }
  };
  register(commands, trans, all, trans.__('Auto-EDA'));
  frames.changed.connect(() =>
    [IntegrationIDs.profileFrame, IntegrationIDs.profileOutput].forEach(id =>
      commands.notifyCommandChanged(id)
    )
  );
}

function show({ opener }: ICommandContext, run: Run): Promise<unknown> {
  return opener.open(run.id, run);
}
