/**
 * What can be done with data that the lab itself shows: files of the browser, and dataframes of a kernel.
 */
import type { Contents } from '@jupyterlab/services';
import { codeIcon } from '@jupyterlab/ui-components';

import { register, type Args } from '../base/registry';
import { compare, profile } from './begin';
import { compareIcon, edaIcon } from './icons';
import type { Run, SourceIn } from './schemas';
import { isTable, sourceOf } from './wanted';
import type { IWorkbench } from './workbench';

/** The ids of the commands. */
export const SurroundingIDs = {
  profileFile: 'eda:profile-file',
  compareFiles: 'eda:compare-files',
  loadFile: 'eda:load-file',
  profileFrame: 'eda:profile-frame',
  profileOutput: 'eda:profile-output'
} as const;

/** Shows a run. */
export type Show = (run: Run) => Promise<unknown>;

type File = Pick<Contents.IModel, 'name' | 'path' | 'type' | 'last_modified'>;

/** Inserts code that loads a source. */
export type Load = (source: SourceIn) => Promise<unknown>;

/** Add what can be done with files; `picked` are those that are chosen in the file browser. */
export function addFileCommands(
  bench: IWorkbench,
  show: Show,
  load: Load,
  picked: () => readonly File[]
): void {
  const { trans } = bench;
  const tables = (args: Args): readonly File[] => {
    const paths = args.paths as readonly string[] | undefined;
    const files = paths?.map(path => ({ ...NO_FILE, path, name: path })) ?? picked();
    return files.every(file => file.type !== 'directory' && isTable(file.name))
      ? files
      : [];
  };
  const paths = {
    type: 'array',
    items: { type: 'string' },
    description: 'Paths; what is chosen in the file browser when left out.'
  };
  register(bench.commands, trans, {
    [SurroundingIDs.profileFile]: {
      label: trans.__('Profile'),
      caption: trans.__('Tell what is in the file'),
      icon: edaIcon,
      args: { paths },
      visible: args => tables(args).length === 1,
      run: async args => {
        const [file] = tables(args);
        return file && show(await profile(bench, asSource(file)));
      }
    },
    [SurroundingIDs.loadFile]: {
      label: trans.__('Insert loading code'),
      caption: trans.__('Put code that loads the file into the notebook'),
      icon: codeIcon,
      args: { paths },
      visible: args => tables(args).length === 1,
      run: async args => {
        const [file] = tables(args);
        return file && load(asSource(file));
      }
    },
    [SurroundingIDs.compareFiles]: {
      label: trans.__('Compare data'),
      caption: trans.__('Tell what changed from the older to the newer file'),
      icon: compareIcon,
      args: { paths },
      visible: args => tables(args).length === 2,
      run: async args => {
        const [before, after] = [...tables(args)].sort((one, other) =>
          one.last_modified.localeCompare(other.last_modified)
        );
        return after && show(await compare(bench, asSource(after), asSource(before)));
      }
    }
  });
}

const NO_FILE = { type: 'file', last_modified: '' } as const;

/** A file as a source; a path may begin with the name of the drive that it is on. */
function asSource({ path }: File): SourceIn {
  return sourceOf({ kind: 'file', location: path.replace(/^[^/]*:/, '') });
}

/** Add what can be done with the dataframes of the kernel that the person works with. */
export function addFrameCommands(bench: IWorkbench, show: Show): void {
  const { commands, frames, trans } = bench;
  const begin = async (name: string | null): Promise<unknown> =>
    name === null
      ? null
      : show(await profile(bench, sourceOf({ kind: 'frame', location: name })));
  const wanted = ({ name }: Args): string | null =>
    typeof name === 'string' ? name : (frames.items[0]?.name ?? null);
  const label = (name: string | null): string =>
    name ? trans.__('Profile %1', name) : trans.__('Profile dataframe');
  register(bench.commands, trans, {
    [SurroundingIDs.profileFrame]: {
      label: args => label(args.isPalette && !args.name ? null : wanted(args)),
      caption: trans.__('Tell what is in a dataframe of the kernel'),
      icon: edaIcon,
      args: {
        name: { type: 'string', description: 'The variable; the newest if left out.' }
      },
      enabled: args => wanted(args) !== null,
      run: async args => {
        if (!args.name) {
          await frames.refresh();
        }
        return begin(wanted(args));
      }
    },
    [SurroundingIDs.profileOutput]: {
      label: () => label(frames.inCell()),
      caption: trans.__('Tell what is in the dataframe that the cell shows'),
      icon: edaIcon,
      visible: () => frames.inCell() !== null,
      run: () => begin(frames.inCell())
    }
  });
  frames.changed.connect(() =>
    [SurroundingIDs.profileFrame, SurroundingIDs.profileOutput].forEach(id =>
      commands.notifyCommandChanged(id)
    )
  );
}
