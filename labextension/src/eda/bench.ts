/**
 * The parts that the commands and screens of auto-EDA work with, and how a run begins.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Token } from '@lumino/coreutils';

import { toError } from '../base/errors';
import type { EdaClient } from './api';
import type { FramesModel } from './frames';
import type { EdaModel } from './model';
import type { Picks } from './picks';
import type { Preferences } from './preferences';
import type { Options, Report, Run, RunIn, SourceIn } from './schemas';
import { sourceOf } from './wanted';

/** The parts of auto-EDA. */
export interface IBench {
  readonly client: EdaClient;
  readonly model: EdaModel;
  readonly frames: FramesModel;
  readonly picks: Picks;
  readonly preferences: Preferences;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

/** The token of the parts. */
export const IBench = new Token<IBench>(
  '@orrery/labextension:IEdaBench',
  'The parts of auto-EDA, for the plugins of auto-EDA itself.'
);

// A full report takes minutes: a budget that was made for a profile would end it.
const REPORT_SECONDS = 900;
const HANDED_OVER = /^[0-9a-f]{32}$/;

/** A source for a dataframe of the kernel: it is written where the server finds it. */
async function frameSource(bench: IBench, name: string): Promise<SourceIn> {
  const { frames, trans } = bench;
  const given = await frames.handOver(name);
  if (!given) {
    throw toError({
      code: 'backend_unavailable',
      message: trans.__('%1 could not be handed over', name),
      reason: trans.__(
        'Its kernel is gone or busy, is no Python, or has no Orrery in its environment'
      ),
      remedy: trans.__(
        'Wait until it is idle, or install jupyter-orrery there, and try again'
      )
    });
  }
  return sourceOf({ kind: 'frame', location: given.id, name });
}

/** The source as it is now: what a kernel handed over once may have another value by now. */
async function fresh(bench: IBench, source: SourceIn): Promise<SourceIn> {
  const { kind, location, name } = source;
  const here = bench.frames.find(name) !== null || !HANDED_OVER.test(location);
  return kind === 'frame' && here ? frameSource(bench, name) : source;
}

/** Begin a run, with dataframes handed over anew. */
export async function start(bench: IBench, wanted: RunIn): Promise<Run> {
  const source = await fresh(bench, wanted.source);
  const against = wanted.against ? await fresh(bench, wanted.against) : null;
  return bench.model.start({ ...wanted, source, against });
}

/** Begin to profile a source; what is left out of the options is as the person set it. */
export function profile(
  bench: IBench,
  source: SourceIn,
  options: Partial<Options> = {}
): Promise<Run> {
  return start(bench, {
    task: 'profile',
    source,
    options: { ...bench.preferences.options, ...options }
  });
}

/** Begin to compare a source with an older or reference one. */
export function compare(
  bench: IBench,
  source: SourceIn,
  against: SourceIn
): Promise<Run> {
  const { options } = bench.preferences;
  return start(bench, { task: 'comparison', source, against, options });
}

/** Begin the full report of what a run looked at. */
export function fullReport(bench: IBench, run: Run): Promise<Run> {
  const seconds = Math.max(run.options.seconds, REPORT_SECONDS);
  return start(bench, {
    task: 'report',
    source: run.source,
    parent: run.id,
    options: { ...run.options, seconds }
  });
}

/** Hand a report to the person as a file. */
export function save(report: Report): void {
  const url = URL.createObjectURL(new Blob([report.content], { type: report.type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = report.name;
  link.click();
  // The browser reads the address after the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
