/**
 * How a run begins.
 */
import { toError } from '../base/errors';
import type { Options, Run, RunIn, SourceIn } from './schemas';
import { sourceOf } from './wanted';
import type { IWorkbench } from './workbench';

// A full report takes minutes: a budget that was made for a profile would end it.
const REPORT_SECONDS = 900;
const HANDED_OVER = /^[0-9a-f]{32}$/;

/** A source for a dataframe of the kernel: it is written where the server finds it. */
async function frameSource(bench: IWorkbench, name: string): Promise<SourceIn> {
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
async function fresh(bench: IWorkbench, source: SourceIn): Promise<SourceIn> {
  const { kind, location, name } = source;
  const here = bench.frames.find(name) !== null || !HANDED_OVER.test(location);
  return kind === 'frame' && here ? frameSource(bench, name) : source;
}

/** Begin a run, with dataframes handed over anew. */
export async function start(bench: IWorkbench, wanted: RunIn): Promise<Run> {
  const source = wanted.newer ? wanted.source : await fresh(bench, wanted.source);
  // What a profile kept has the name of its source, which is not read again.
  const kept = wanted.task === 'comparison' && wanted.parent;
  const against = wanted.against && !kept ? await fresh(bench, wanted.against) : null;
  return bench.model.start({ ...wanted, source, against });
}

/** Begin to profile a source; what is left out of the options is as the person set it. */
export function profile(
  bench: IWorkbench,
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
  bench: IWorkbench,
  source: SourceIn,
  against: SourceIn
): Promise<Run> {
  const { options } = bench.preferences;
  return start(bench, { task: 'comparison', source, against, options });
}

/** Begin to compare a source as it is now with what a profile of it kept. */
export function compareNow(bench: IWorkbench, profile: Run): Promise<Run> {
  return start(bench, {
    task: 'comparison',
    source: profile.source,
    parent: profile.id,
    options: profile.options
  });
}

/** Begin to compare what two profiles kept; no data are read. */
export function compareKept(bench: IWorkbench, older: Run, newer: Run): Promise<Run> {
  return start(bench, {
    task: 'comparison',
    source: newer.source,
    parent: older.id,
    newer: newer.id,
    options: newer.options
  });
}

/** Begin the full report of what a run looked at. */
export function fullReport(bench: IWorkbench, run: Run): Promise<Run> {
  const seconds = Math.max(run.options.seconds, REPORT_SECONDS);
  return start(bench, {
    task: 'report',
    source: run.source,
    parent: run.id,
    options: { ...run.options, seconds }
  });
}
