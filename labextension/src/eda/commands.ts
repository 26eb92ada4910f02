/**
 * Everything that can be done with profiles, as commands of the lab.
 */
import { Clipboard, Dialog, showDialog } from '@jupyterlab/apputils';
import {
  addIcon,
  codeIcon,
  copyIcon,
  deleteIcon,
  downloadIcon,
  refreshIcon,
  runIcon,
  settingsIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { toError } from '../base/errors';
import { register, type Args, type ICommand } from '../base/registry';
import { save } from '../base/save';
import { compare, compareKept, compareNow, fullReport, profile, start } from './begin';
import { compareIcon, edaIcon, openIcon, reportIcon } from './icons';
import {
  about,
  asSource,
  idIn,
  isStored,
  known,
  namesOf,
  one,
  runOf,
  runsIn,
  wanted
} from './meant';
import { nameOfPick, profileOf, sourceOfPick } from './picks';
import type { Options, ReportFormat, Run, SourceIn } from './schemas';
import { isActive, isProfile, pathOf, titleOf } from './wanted';
import type { IWorkbench } from './workbench';

/** The ids of the commands. */
export const CommandIDs = {
  openPanel: 'eda:open-panel',
  new: 'eda:new',
  profile: 'eda:profile',
  profileWith: 'eda:profile-with',
  compare: 'eda:compare',
  compareNow: 'eda:compare-now',
  load: 'eda:load',
  copyPath: 'eda:copy-path',
  open: 'eda:open',
  rerun: 'eda:rerun',
  fullReport: 'eda:full-report',
  cancel: 'eda:cancel',
  download: 'eda:download',
  delete: 'eda:delete',
  refresh: 'eda:refresh'
} as const;

/** What the person chose in the form. */
export interface IChosen {
  source: SourceIn;
  options: Options;
  /** The full report as well. */
  full: boolean;
}

/** What the commands show; each screen is loaded when it is first shown. */
export interface IScreens {
  /** Bring the panel to the front, with its search field in focus. */
  panel(): void;
  /** Show a run; what is known of it names the tab at once. */
  open(id: string, run?: Run): Promise<void>;
  /** Put code where the person works. */
  insert(code: string): Promise<void>;
  /** Ask how to profile, and what if no source is given; `names` are columns that it is known to have. */
  ask(source: SourceIn | null, names: readonly string[]): Promise<IChosen | null>;
}

const FORMATS: readonly ReportFormat[] = ['html', 'json', 'markdown'];
const SOURCE = {
  type: 'object',
  description: 'A source; what is picked in the panel when left out.',
  required: ['kind', 'location'],
  properties: {
    kind: { type: 'string', enum: ['file', 'frame', 'lake', 'table', 'url'] },
    location: { type: 'string', description: 'A path or an address.' },
    table: { type: 'string', description: 'Of a database.' },
    sheet: { type: 'string', description: 'Of an Excel file.' },
    name: { type: 'string', description: 'What it is called.' }
  }
};

/** Add the commands of auto-EDA itself; files and dataframes of the lab have their own. */
export function addCommands(bench: IWorkbench, screens: IScreens): void {
  register(bench.commands, bench.trans, {
    ...ofPanel(bench, screens),
    ...ofSources(bench, screens),
    ...ofRuns(bench, screens),
    ...ofFiles(bench)
  });
  followed(bench.commands, bench);
}

function followed(commands: CommandRegistry, { model, picks }: IWorkbench): void {
  const enabling = (): void => commands.notifyCommandChanged();
  picks.changed.connect(enabling);
  model.changed.connect(() => [CommandIDs.cancel, CommandIDs.download].forEach(told));

  function told(id: string): void {
    commands.notifyCommandChanged(id);
  }
}

function ofPanel(
  { model, frames, trans }: IWorkbench,
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

/** Commands that begin a run: on a source that is given, or on what is picked. */
function ofSources(bench: IWorkbench, screens: IScreens): Record<string, ICommand> {
  const { client, picks, trans } = bench;
  const asked = async (
    source: SourceIn | null,
    run?: string | null
  ): Promise<unknown> => {
    const chosen = await screens.ask(source, await namesOf(bench, run));
    if (!chosen) {
      return null;
    }
    const made = await begin(bench, screens, chosen.source, chosen.options);
    if (chosen.full) {
      await fullReport(bench, made);
    }
    return made;
  };
  /** The profiles among two rows of one source, the older one first; without a newer one its data are read. */
  const kept = (): readonly (Run | undefined)[] =>
    picks.comparable && !picks.differ ? picks.inOrder.map(profileOf) : [];
  const now = (): boolean => kept().length > 0 && !kept()[1];
  const any = (args: Args): boolean => Boolean(args.source) || picks.active !== null;
  const stored = (command: ICommand): ICommand => ({
    ...command,
    args: { source: SOURCE },
    enabled: args => Boolean(args.source) || isStored(picks.active)
  });
  return {
    [CommandIDs.new]: {
      label: trans.__('Profile a source…'),
      caption: trans.__('Name a file, an object store or a table, and profile it'),
      icon: args => (args.isLauncher ? edaIcon : addIcon),
      run: () => asked(null)
    },
    [CommandIDs.profile]: {
      label: trans.__('Profile'),
      caption: about(bench, trans.__('Tell what is in the data')),
      icon: runIcon,
      args: {
        source: SOURCE,
        options: { type: 'object', description: 'How to profile.' }
      },
      enabled: any,
      run: args =>
        begin(
          bench,
          screens,
          wanted(bench, args.source),
          args.options as Partial<Options> | undefined
        )
    },
    [CommandIDs.profileWith]: {
      label: trans.__('Profile with options…'),
      caption: about(bench, trans.__('Choose what to look at, for how long, and how')),
      icon: settingsIcon,
      args: { source: SOURCE },
      enabled: any,
      run: args =>
        asked(wanted(bench, args.source), args.source ? null : runOf(picks.active))
    },
    [CommandIDs.compare]: {
      label: () => (now() ? trans.__('Compare with now') : trans.__('Compare the two')),
      caption: () =>
        now()
          ? trans.__('Tell what changed since the older profile was made')
          : kept().length > 0
            ? trans.__('Tell what changed between both profiles')
            : picks.all.length === 2
              ? trans.__(
                  'Tell what changed from "%1" to "%2"',
                  ...picks.inOrder.map(nameOfPick)
                )
              : trans.__('Pick two rows with Ctrl and a click to compare them'),
      icon: compareIcon,
      args: { source: SOURCE, against: SOURCE },
      enabled: args => Boolean(args.source && args.against) || picks.comparable,
      run: async args => {
        if (args.source && args.against) {
          const [source, against] = [args.source, args.against].map(asSource);
          return shown(screens, await compare(bench, source, against));
        }
        if (!picks.comparable) {
          throw toError({
            code: 'invalid',
            message: trans.__('Comparing takes two sources'),
            remedy: trans.__('Pick two rows of the panel, or name both sources')
          });
        }
        const [older, newer] = picks.inOrder;
        const [before, after] = kept();
        const made = !before
          ? compare(bench, sourceOfPick(newer), sourceOfPick(older))
          : after
            ? compareKept(bench, before, after)
            : compareNow(bench, before);
        return shown(screens, await made);
      }
    },
    [CommandIDs.load]: stored({
      label: trans.__('Insert loading code'),
      caption: about(bench, trans.__('Put code that loads it into the notebook')),
      icon: codeIcon,
      run: async args => {
        const { code } = await client.load({ source: wanted(bench, args.source) });
        await screens.insert(code.trimEnd());
      }
    }),
    [CommandIDs.copyPath]: stored({
      label: trans.__('Copy path'),
      caption: about(bench, trans.__('Keep where it is in the clipboard')),
      icon: copyIcon,
      run: args => Clipboard.copyToSystem(pathOf(wanted(bench, args.source)))
    })
  };
}

/** Commands that are about one run: the one with the id, else the one that is picked. */
function ofRuns(bench: IWorkbench, screens: IScreens): Record<string, ICommand> {
  const { model, picks, trans } = bench;
  const args = { id: { type: 'string', description: 'Its id.' } };
  const some = (given: Args): boolean => idIn(bench, given) !== null;
  return {
    [CommandIDs.open]: {
      label: trans.__('Open report'),
      caption: about(bench, trans.__('Show what was found')),
      icon: openIcon,
      args,
      enabled: some,
      run: async given => {
        const id = idIn(bench, given) ?? '';
        await screens.open(id, model.find(id));
      }
    },
    [CommandIDs.rerun]: {
      label: trans.__('Run again'),
      caption: trans.__('Look at the same source anew, with the same options'),
      icon: runIcon,
      args,
      enabled: some,
      run: async given => {
        const { task, source, against, options, parent, newer } = await one(
          bench,
          given
        );
        const wanted = { task, source, against, options, parent, newer };
        return shown(screens, await start(bench, wanted));
      }
    },
    [CommandIDs.compareNow]: {
      label: trans.__('Compare with now'),
      caption: trans.__('Tell what changed in the data since this profile was made'),
      icon: compareIcon,
      args,
      enabled: given => {
        const run = known(bench, given);
        return run ? isProfile(run) : Boolean(given.id);
      },
      run: async given =>
        shown(screens, await compareNow(bench, await one(bench, given)))
    },
    [CommandIDs.fullReport]: {
      label: trans.__('Make full report'),
      caption: trans.__('Let the profiling library write its whole report: minutes'),
      icon: reportIcon,
      args,
      enabled: given => known(bench, given)?.task === 'profile',
      run: async given =>
        shown(screens, await fullReport(bench, await one(bench, given)))
    },
    [CommandIDs.cancel]: {
      label: trans.__('Cancel run'),
      caption: trans.__('Stop it now'),
      icon: stopIcon,
      args,
      enabled: given => {
        const run = known(bench, given);
        return run ? isActive(run) : Boolean(given.id);
      },
      run: async given => model.cancel((await one(bench, given)).id)
    },
    [CommandIDs.delete]: {
      label: trans.__('Delete'),
      caption: trans.__('Forget the report and all that was found'),
      icon: deleteIcon,
      args,
      enabled: given => Boolean(given.id) || runsIn(picks.all).length > 0,
      run: async given => {
        const runs = given.id ? [await one(bench, given)] : runsIn(picks.all);
        if (await confirmed(bench, runs)) {
          await Promise.all(runs.map(run => model.remove(run.id)));
        }
      }
    }
  };
}

/** Commands that write files. */
function ofFiles(bench: IWorkbench): Record<string, ICommand> {
  const { client, trans } = bench;
  const labels: Record<ReportFormat, string> = {
    html: trans.__('Download as HTML'),
    json: trans.__('Download as JSON'),
    markdown: trans.__('Download as Markdown')
  };
  const formatIn = (args: Args): ReportFormat =>
    FORMATS.find(name => name === args.format) ?? 'html';
  return {
    [CommandIDs.download]: {
      label: args => labels[formatIn(args)],
      caption: trans.__('Keep what was found as a file'),
      icon: downloadIcon,
      args: {
        id: { type: 'string', description: 'The id of the run.' },
        format: { type: 'string', enum: FORMATS, description: 'As what to write it.' }
      },
      enabled: args => {
        const run = known(bench, args);
        return run ? run.state === 'done' : Boolean(args.id);
      },
      run: async args =>
        save(await client.report((await one(bench, args)).id, formatIn(args)))
    }
  };
}

/** Begin to profile a source, and show the run. */
export async function begin(
  bench: IWorkbench,
  screens: IScreens,
  source: SourceIn,
  options?: Partial<Options>
): Promise<Run> {
  return shown(screens, await profile(bench, source, options));
}

async function shown(screens: IScreens, run: Run): Promise<Run> {
  await screens.open(run.id, run);
  return run;
}

async function confirmed(
  { trans }: IWorkbench,
  runs: readonly Run[]
): Promise<boolean> {
  const { button } = await showDialog({
    title:
      runs.length === 1
        ? trans.__('Delete "%1"?', titleOf(runs[0]))
        : trans.__('Delete %1 reports?', runs.length),
    body: trans.__('What was found is deleted for good; the data stay as they are.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ],
    defaultButton: 0
  });
  return button.accept;
}
