/**
 * Everything that can be done with profiles, as commands of the lab.
 */
import { Clipboard, Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
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

import { toError } from '../base/errors';
import { register, type Args, type ICommand } from '../base/registry';
import { save } from '../base/save';
import {
  asSource,
  captionFor,
  isStored,
  insertLoadingCode,
  knownRun,
  knownSource,
  runIdIn,
  runIdOf,
  runIn,
  selectedRuns,
  sourceIn
} from './commandargs';
import type { ICommandContext } from './context';
import { compareIcon, edaIcon, openIcon, reportIcon } from './icons';
import type { Options, ReportFormat, Run, SourceIn } from './schemas';
import { comparisonOf, nameOfItem, sourceOfItem, type Comparison } from './selection';
import { isActive, isProfile, pathOf, titleOf } from './source';

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

const FORMATS: readonly ReportFormat[] = ['html', 'json', 'markdown'];
const RUN_ARGS = {
  id: { type: 'string', description: 'Id of the run; the selected one if left out.' }
};
const SOURCE = {
  type: 'object',
  description: 'A source; what is selected in the panel if left out.',
  required: ['kind', 'location'],
  properties: {
    kind: { type: 'string', enum: ['file', 'frame', 'lake', 'table', 'url'] },
    location: { type: 'string', description: 'A path or an address.' },
    table: { type: 'string', description: 'Name of the table of a database.' },
    sheet: { type: 'string', description: 'Name of the sheet of an Excel file.' },
    reading: {
      type: ['object', 'null'],
      description: 'How text or a sheet is read; found out where it is left out.'
    },
    name: { type: 'string', description: 'What a person calls it.' }
  }
};

/** Add the commands that are about the panel, sources and runs. */
export function addCommands(context: ICommandContext): void {
  const { commands, model, selection, trans } = context;
  const all = {
    ...panelCommands(context),
    ...profileCommands(context),
    ...compareCommands(context),
    ...dataCommands(context),
    ...runCommands(context),
    ...deleteCommands(context),
    ...fileCommands(context)
  };
  register(commands, trans, all, trans.__('Auto-EDA'));
  selection.changed.connect(() => commands.notifyCommandChanged());
  const refresh = (): void =>
    [CommandIDs.cancel, CommandIDs.download].forEach(id =>
      commands.notifyCommandChanged(id)
    );
  model.active.changed.connect(refresh);
  model.runs.changed.connect(refresh);
}

function panelCommands(context: ICommandContext): Record<string, ICommand> {
  const { frames, model, opener, trans } = context;
  return {
    [CommandIDs.openPanel]: {
      label: args => (args.isPalette ? trans.__('Show Panel') : trans.__('Auto-EDA')),
      caption: trans.__('Show the panel of profiles'),
      icon: edaIcon,
      run: () => opener.panel()
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh Profiles'),
      caption: trans.__('Look again for dataframes, sources and reports'),
      icon: refreshIcon,
      run: () => Promise.all([model.refresh(), frames.refresh()])
    }
  };
}

function profileCommands(context: ICommandContext): Record<string, ICommand> {
  const { opener, selection, starter, trans } = context;
  const start = async (source: SourceIn, options?: Partial<Options>): Promise<Run> =>
    show(context, await starter.profile(source, options));
  const ask = async (
    source: SourceIn | null,
    id: string | null
  ): Promise<Run | null> => {
    let run: Run | null = null;
    let isFull = false;
    await opener.ask(source, await knownSource(context, id), async chosen => {
      isFull = chosen.full;
      run = await starter.profile(chosen.source, chosen.options);
    });
    return run && finish(context, run, isFull);
  };
  const enabled = (args: Args): boolean =>
    Boolean(args.source) || selection.active !== null;
  return {
    [CommandIDs.new]: {
      label: trans.__('Profile Data…'),
      caption: trans.__('Name a file, an object store or a table, and profile it'),
      icon: args => (args.isLauncher ? edaIcon : addIcon),
      run: () => ask(null, null)
    },
    [CommandIDs.profile]: {
      label: trans.__('Profile'),
      caption: captionFor(context, trans.__('Tell what is in the data')),
      icon: runIcon,
      guard: ['source', 'options'],
      args: {
        source: SOURCE,
        options: { type: 'object', description: 'How to profile.' }
      },
      enabled,
      run: args =>
        start(sourceIn(context, args), args.options as Partial<Options> | undefined)
    },
    [CommandIDs.profileWith]: {
      label: trans.__('Profile with Options…'),
      caption: captionFor(
        context,
        trans.__('Choose what to look at, for how long, and how')
      ),
      icon: settingsIcon,
      guard: 'asks',
      args: { source: SOURCE },
      enabled,
      run: args =>
        ask(sourceIn(context, args), args.source ? null : runIdOf(selection.active))
    }
  };
}

/** Show a profile that was started with the form, and make the full report too if that was chosen. */
async function finish(
  context: ICommandContext,
  run: Run,
  isFull: boolean
): Promise<Run> {
  await show(context, run);
  return isFull ? context.starter.fullReport(run) : run;
}

function compareCommands(context: ICommandContext): Record<string, ICommand> {
  const { selection, starter, trans } = context;
  const comparison = (): Comparison | null => comparisonOf(selection.items);
  return {
    [CommandIDs.compare]: {
      label: () =>
        comparison()?.kind === 'now'
          ? trans.__('Compare with Now')
          : trans.__('Compare the Two'),
      caption: () =>
        compareCaption(comparison(), trans) ??
        trans.__('Select two rows with Ctrl and a click to compare them'),
      icon: compareIcon,
      guard: ['source', 'against'],
      args: { source: SOURCE, against: SOURCE },
      enabled: args => Boolean(args.source && args.against) || comparison() !== null,
      run: async args => {
        if (args.source && args.against) {
          const [source, against] = [args.source, args.against].map(asSource);
          return show(context, await starter.compare(source, against));
        }
        return show(context, await startComparison(context, comparison()));
      }
    },
    [CommandIDs.compareNow]: {
      label: trans.__('Compare with Now'),
      caption: trans.__('Tell what changed in the data since this profile was made'),
      icon: compareIcon,
      guard: ['id'],
      args: RUN_ARGS,
      enabled: args => {
        const run = knownRun(context, args);
        return run ? isProfile(run) : Boolean(args.id);
      },
      run: async args =>
        show(context, await starter.compareNow(await runIn(context, args)))
    }
  };
}

function compareCaption(
  comparison: Comparison | null,
  trans: TranslationBundle
): string | null {
  switch (comparison?.kind) {
    case 'now':
      return trans.__('Tell what changed since the older profile was made');
    case 'profiles':
      return trans.__('Tell what changed between both profiles');
    case 'sources':
      return trans.__(
        'Tell what changed from "%1" to "%2"',
        nameOfItem(comparison.older),
        nameOfItem(comparison.newer)
      );
    default:
      return null;
  }
}

function startComparison(
  { starter, trans }: ICommandContext,
  comparison: Comparison | null
): Promise<Run> {
  switch (comparison?.kind) {
    case 'now':
      return starter.compareNow(comparison.profile);
    case 'profiles':
      return starter.compareProfiles(comparison.older, comparison.newer);
    case 'sources':
      return starter.compare(
        sourceOfItem(comparison.newer),
        sourceOfItem(comparison.older)
      );
    default:
      throw toError({
        code: 'invalid',
        message: trans.__('Comparing takes two sources'),
        remedy: trans.__('Select two rows of the panel, or name both sources')
      });
  }
}

/** Commands that are about where data lie. */
function dataCommands(context: ICommandContext): Record<string, ICommand> {
  const { selection, trans } = context;
  const args = { source: SOURCE };
  const enabled = ({ source }: Args): boolean =>
    Boolean(source) || isStored(selection.active);
  return {
    [CommandIDs.load]: {
      label: trans.__('Insert Loading Code'),
      caption: captionFor(
        context,
        trans.__('Put code that loads it into the notebook')
      ),
      icon: codeIcon,
      guard: ['source'],
      args,
      enabled,
      run: named => insertLoadingCode(context, sourceIn(context, named))
    },
    [CommandIDs.copyPath]: {
      label: trans.__('Copy Path'),
      caption: captionFor(context, trans.__('Copy where it is to the clipboard')),
      icon: copyIcon,
      guard: ['source'],
      args,
      enabled,
      run: named => Clipboard.copyToSystem(pathOf(sourceIn(context, named)))
    }
  };
}

/** Commands that are about a run. */
function runCommands(context: ICommandContext): Record<string, ICommand> {
  const { model, opener, starter, trans } = context;
  const enabled = (args: Args): boolean => runIdIn(context, args) !== null;
  const run = (args: Args): Promise<Run> => runIn(context, args);
  return {
    [CommandIDs.open]: {
      label: trans.__('Open Report'),
      caption: captionFor(context, trans.__('Show the results')),
      icon: openIcon,
      guard: 'shows',
      args: RUN_ARGS,
      enabled,
      run: async args => {
        const id = runIdIn(context, args) ?? '';
        await opener.open(id, model.find(id));
      }
    },
    [CommandIDs.rerun]: {
      label: trans.__('Run Again'),
      caption: trans.__('Look at the same source anew, with the same options'),
      icon: runIcon,
      guard: ['id'],
      args: RUN_ARGS,
      enabled,
      run: async args => show(context, await starter.repeat(await run(args)))
    },
    [CommandIDs.fullReport]: {
      label: trans.__('Make Full Report'),
      caption: trans.__('Let the profiling library write its whole report: minutes'),
      icon: reportIcon,
      guard: ['id'],
      args: RUN_ARGS,
      enabled: args => knownRun(context, args)?.task === 'profile',
      run: async args => show(context, await starter.fullReport(await run(args)))
    },
    [CommandIDs.cancel]: {
      label: trans.__('Cancel Run'),
      caption: trans.__('Stop it now'),
      icon: stopIcon,
      guard: ['id'],
      args: RUN_ARGS,
      enabled: args => {
        const known = knownRun(context, args);
        return known ? isActive(known) : Boolean(args.id);
      },
      run: async args => model.cancel((await run(args)).id)
    }
  };
}

function deleteCommands(context: ICommandContext): Record<string, ICommand> {
  const { model, trans } = context;
  return {
    [CommandIDs.delete]: {
      label: trans.__('Delete'),
      caption: trans.__('Delete the report and all its results'),
      icon: deleteIcon,
      guard: 'asks',
      args: RUN_ARGS,
      enabled: args => Boolean(args.id) || selectedRuns(context).length > 0,
      run: async args => {
        const runs = args.id ? [await runIn(context, args)] : selectedRuns(context);
        if (await confirmDelete(trans, runs)) {
          await Promise.all(runs.map(({ id }) => model.remove(id)));
        }
      }
    }
  };
}

/** Commands that write files. */
function fileCommands(context: ICommandContext): Record<string, ICommand> {
  const { client, trans } = context;
  const labels: Record<ReportFormat, string> = {
    html: trans.__('Download as HTML'),
    json: trans.__('Download as JSON'),
    markdown: trans.__('Download as Markdown')
  };
  const formatIn = (args: Args): ReportFormat =>
    FORMATS.find(format => format === args.format) ?? 'html';
  return {
    [CommandIDs.download]: {
      label: args => labels[formatIn(args)],
      caption: trans.__('Save the results as a file'),
      icon: downloadIcon,
      guard: ['id'],
      args: {
        ...RUN_ARGS,
        format: { type: 'string', enum: FORMATS, description: 'Format of the file.' }
      },
      enabled: args => {
        const run = knownRun(context, args);
        return run ? run.state === 'done' : Boolean(args.id);
      },
      run: async args => {
        const { id } = await runIn(context, args);
        save(await client.report(id, formatIn(args)));
      }
    }
  };
}

async function show({ opener }: ICommandContext, run: Run): Promise<Run> {
  await opener.open(run.id, run);
  return run;
}

async function confirmDelete(
  trans: TranslationBundle,
  runs: readonly Run[]
): Promise<boolean> {
  const { button } = await showDialog({
    title:
      runs.length === 1
        ? trans.__('Delete "%1"?', titleOf(runs[0]))
        : trans.__('Delete %1 reports?', runs.length),
    body: trans.__('The results are deleted for good; the data stay as they are.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ],
    defaultButton: 0
  });
  return button.accept;
}
