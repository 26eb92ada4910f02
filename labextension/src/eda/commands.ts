/**
 * Everything that can be done with profiles, as commands of the lab.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import {
  deleteIcon,
  downloadIcon,
  refreshIcon,
  runIcon,
  stopIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { notifyError } from '../base/notify';
import {
  compare,
  frameSource,
  fullReport,
  profile,
  save,
  start,
  type IBench
} from './bench';
import { edaIcon, tableIcon } from './icons';
import type { Options, ReportFormat, Run, SourceIn } from './schemas';
import { isActive, sourceOf, titleOf } from './wanted';

/** The ids of the commands. */
export const CommandIDs = {
  openPanel: 'eda:open-panel',
  profile: 'eda:profile',
  profileWith: 'eda:profile-with',
  profileFile: 'eda:profile-file',
  profileFrame: 'eda:profile-frame',
  profileOutput: 'eda:profile-output',
  compareFiles: 'eda:compare-files',
  compare: 'eda:compare',
  open: 'eda:open',
  rerun: 'eda:rerun',
  fullReport: 'eda:full-report',
  cancel: 'eda:cancel',
  download: 'eda:download',
  delete: 'eda:delete',
  refresh: 'eda:refresh'
} as const;

/** What the person chose in the panel. */
export interface ISelection {
  selection: readonly Run[];
}

/** What the commands show. */
export interface IScreens {
  panel(): void;
  open(run: Run): Promise<void>;
  /** Ask how to profile, and what if no source is given. */
  ask(
    source: SourceIn | null
  ): Promise<{ source: SourceIn; options: Options; full: boolean } | null>;
  /** The files that are chosen in the file browser. */
  files(): readonly Contents.IModel[];
  /** The rows that are chosen in the panel. */
  chosen(): readonly Run[];
}

type Args = ReadonlyPartialJSONObject;

interface ICommand {
  label: string | ((args: Args) => string);
  caption: string;
  icon?: LabIcon;
  args?: ReadonlyJSONObject;
  enabled?: (args: Args) => boolean;
  visible?: (args: Args) => boolean;
  run: (args: Args) => Promise<unknown> | void;
}

const FORMATS: readonly ReportFormat[] = ['html', 'json', 'markdown'];
const TABLE =
  /\.(csv|tsv|tab|psv|json|ndjson|jsonl|parquet|pq|arrow|feather|ipc|xlsx|xlsm)(\.(gz|zst|bz2))?$/i;
const ID = { type: 'string', description: 'Its id.' };
const SOURCE = {
  type: 'object',
  description: 'A source: its kind, location, table and name.',
  required: ['kind', 'location'],
  properties: {
    kind: { type: 'string', enum: ['file', 'frame', 'lake', 'table', 'url'] },
    location: { type: 'string' },
    table: { type: 'string' },
    sheet: { type: 'string' },
    name: { type: 'string' }
  }
};

/** Whether a file of that name can be profiled. */
export function isTable(name: string): boolean {
  return TABLE.test(name);
}

/** Add every command of auto-EDA. */
export function addCommands(bench: IBench, screens: IScreens): void {
  const { commands, trans } = bench;
  const all: Record<string, ICommand> = {
    ...ofPanel(bench, screens),
    ...ofSources(bench, screens),
    ...ofRuns(bench, screens)
  };
  for (const [id, command] of Object.entries(all)) {
    const { label } = command;
    commands.addCommand(id, {
      label: args => (typeof label === 'string' ? label : label(args)),
      caption: command.caption,
      icon: args => (args.isPalette ? undefined : command.icon),
      isEnabled: command.enabled,
      isVisible: command.visible,
      describedBy: { args: { type: 'object', properties: command.args ?? {} } },
      execute: async args => {
        try {
          return (await command.run(args)) ?? null;
        } catch (error) {
          notifyError(error, trans);
          return null;
        }
      }
    });
  }
  const told = (): void =>
    [CommandIDs.profileFrame, CommandIDs.profileOutput].forEach(id =>
      commands.notifyCommandChanged(id)
    );
  bench.frames.changed.connect(told);
}

function ofPanel(
  { model, frames, trans }: IBench,
  screens: IScreens
): Record<string, ICommand> {
  return {
    [CommandIDs.openPanel]: {
      label: trans.__('Profiles'),
      caption: trans.__('Show the panel of profiles'),
      icon: edaIcon,
      run: () => screens.panel()
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh profiles'),
      caption: trans.__('Look again for dataframes, sources and reports'),
      icon: refreshIcon,
      run: () => Promise.all([model.refresh(), frames.refresh()])
    }
  };
}

function ofSources(bench: IBench, screens: IScreens): Record<string, ICommand> {
  const { trans } = bench;
  const begin = async (source: SourceIn, options?: Partial<Options>): Promise<Run> => {
    const run = await profile(bench, source, options);
    await screens.open(run);
    return run;
  };
  const tables = (): SourceIn[] =>
    screens
      .files()
      .filter(file => file.type === 'directory' || isTable(file.name))
      .map(file => sourceOf({ kind: 'file', location: local(file.path) }));
  return {
    [CommandIDs.profile]: {
      label: trans.__('Profile'),
      caption: trans.__('Tell what is in the data'),
      icon: edaIcon,
      args: {
        source: SOURCE,
        options: { type: 'object', description: 'How to profile.' }
      },
      run: args =>
        args.source
          ? begin(asSource(args.source), args.options as Partial<Options> | undefined)
          : bench.commands.execute(CommandIDs.profileWith)
    },
    [CommandIDs.profileWith]: {
      label: args =>
        args.isPalette || !args.source
          ? trans.__('Profile a source…')
          : trans.__('Profile with options…'),
      caption: trans.__('Choose what to look at, for how long, and how'),
      icon: edaIcon,
      args: { source: SOURCE },
      run: async args => {
        const chosen = await screens.ask(args.source ? asSource(args.source) : null);
        if (!chosen) {
          return null;
        }
        const run = await begin(chosen.source, chosen.options);
        if (chosen.full) {
          await fullReport(bench, run);
        }
        return run;
      }
    },
    [CommandIDs.profileFile]: {
      label: trans.__('Profile'),
      caption: trans.__('Tell what is in the file'),
      icon: edaIcon,
      visible: () => tables().length === 1,
      run: () => begin(tables()[0])
    },
    [CommandIDs.compareFiles]: {
      label: trans.__('Compare data'),
      caption: trans.__('Tell what changed from the first file to the second'),
      icon: edaIcon,
      visible: () => tables().length === 2,
      run: async () => {
        const [before, after] = tables();
        return screens.open(await compare(bench, after, before));
      }
    },
    [CommandIDs.profileOutput]: {
      label: () => {
        const name = bench.frames.inCell();
        return name ? trans.__('Profile %1', name) : trans.__('Profile dataframe');
      },
      caption: trans.__('Tell what is in the dataframe that the cell shows'),
      icon: edaIcon,
      visible: () => bench.frames.inCell() !== null,
      run: async () => {
        const name = bench.frames.inCell();
        return name === null ? null : begin(await frameSource(bench, name));
      }
    },
    [CommandIDs.profileFrame]: {
      label: args => {
        const name = nameIn(bench, args);
        return name ? trans.__('Profile %1', name) : trans.__('Profile dataframe');
      },
      caption: trans.__('Tell what is in a dataframe of the kernel'),
      icon: tableIcon,
      args: {
        name: {
          type: 'string',
          description: 'The variable. The latest one if not given.'
        }
      },
      enabled: args => nameIn(bench, args) !== null,
      run: async args => {
        await bench.frames.refresh();
        const name = nameIn(bench, args);
        return name === null ? null : begin(await frameSource(bench, name));
      }
    }
  };
}

function ofRuns(bench: IBench, screens: IScreens): Record<string, ICommand> {
  const { client, model, trans } = bench;
  const one = async (args: Args): Promise<Run> => {
    const id = typeof args.id === 'string' ? args.id : (screens.chosen()[0]?.id ?? '');
    return model.runs.find(run => run.id === id) ?? (await client.watch(id, -1, 0)).run;
  };
  const known = (args: Args): Run | undefined =>
    args.id ? model.runs.find(run => run.id === args.id) : screens.chosen()[0];
  const some = (args: Args): boolean => Boolean(args.id) || screens.chosen().length > 0;
  const args = { id: ID };
  return {
    [CommandIDs.open]: {
      label: trans.__('Open report'),
      caption: trans.__('Show what was found'),
      icon: edaIcon,
      args,
      enabled: some,
      run: async given => screens.open(await one(given))
    },
    [CommandIDs.compare]: {
      label: trans.__('Compare the two'),
      caption: trans.__('Tell what changed from the older to the newer of two reports'),
      icon: edaIcon,
      args: { source: SOURCE, against: SOURCE },
      enabled: given => Boolean(given.source) || screens.chosen().length === 2,
      run: async given => {
        const [newer, older] = [...screens.chosen()].sort((a, b) =>
          b.created.localeCompare(a.created)
        );
        const source = given.source ? asSource(given.source) : newer.source;
        const against = given.against ? asSource(given.against) : older.source;
        const run = await compare(bench, source, against);
        await screens.open(run);
        return run;
      }
    },
    [CommandIDs.rerun]: {
      label: trans.__('Run again'),
      caption: trans.__('Look at the same source anew, with the same options'),
      icon: runIcon,
      args,
      enabled: some,
      run: async given => {
        const { task, source, against, options, parent } = await one(given);
        const run = await start(bench, { task, source, against, options, parent });
        await screens.open(run);
        return run;
      }
    },
    [CommandIDs.fullReport]: {
      label: trans.__('Make full report'),
      caption: trans.__(
        'Let the profiling library write its whole report; it takes minutes'
      ),
      icon: edaIcon,
      args,
      enabled: given => known(given)?.task === 'profile',
      run: async given => screens.open(await fullReport(bench, await one(given)))
    },
    [CommandIDs.cancel]: {
      label: trans.__('Cancel run'),
      caption: trans.__('Stop it now; what it has found so far stays'),
      icon: stopIcon,
      args,
      enabled: given => {
        const run = known(given);
        return run === undefined ? Boolean(given.id) : isActive(run);
      },
      run: async given => model.cancel((await one(given)).id)
    },
    [CommandIDs.download]: {
      label: given =>
        given.format === 'json'
          ? trans.__('Download as JSON')
          : given.format === 'markdown'
            ? trans.__('Download as Markdown')
            : trans.__('Download as HTML'),
      caption: trans.__('Keep what was found as a file'),
      icon: downloadIcon,
      args: { ...args, format: { type: 'string', enum: FORMATS } },
      enabled: given =>
        known(given)?.state === 'done' || (known(given) === undefined && some(given)),
      run: async given => {
        const format = FORMATS.find(name => name === given.format) ?? 'html';
        save(await client.report((await one(given)).id, format));
      }
    },
    [CommandIDs.delete]: {
      label: trans.__('Delete report'),
      caption: trans.__('Forget a run and all that it found'),
      icon: deleteIcon,
      args,
      enabled: some,
      run: async given => {
        const wanted = given.id ? [await one(given)] : [...screens.chosen()];
        const { button } = await showDialog({
          title: trans.__('Delete?'),
          body:
            wanted.length === 1
              ? trans.__('The report on "%1" is deleted for good.', titleOf(wanted[0]))
              : trans.__('%1 reports are deleted for good.', wanted.length),
          buttons: [
            Dialog.cancelButton({ label: trans.__('Cancel') }),
            Dialog.warnButton({ label: trans.__('Delete') })
          ],
          defaultButton: 0
        });
        if (button.accept) {
          await Promise.all(wanted.map(run => model.remove(run.id)));
        }
      }
    }
  };
}

/** The dataframe that a command means: the named one, or the latest. */
function nameIn({ frames }: IBench, args: Args): string | null {
  return typeof args.name === 'string' ? args.name : (frames.items[0]?.name ?? null);
}

function asSource(given: unknown): SourceIn {
  return sourceOf(given as SourceIn);
}

/** A path without the name of its drive. */
function local(path: string): string {
  return path.replace(/^[^/]*:/, '');
}
