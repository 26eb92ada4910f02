/**
 * What the screens and commands of auto-EDA work with.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { EdaClient } from './api';
import type { FramesModel } from './frames';
import type { EdaModel } from './model';
import type { Options, Report, Run, RunIn, SourceIn } from './schemas';
import { DEFAULTS, nameOf, sourceOf } from './wanted';

/** The tools of this lab. */
export interface IBench {
  readonly client: EdaClient;
  readonly model: EdaModel;
  readonly frames: FramesModel;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

/** A source for a dataframe of the kernel: it is written where the server finds it. */
export async function frameSource(bench: IBench, name: string): Promise<SourceIn> {
  const { id } = await bench.frames.handOver(name);
  return sourceOf({ kind: 'frame', location: id, name });
}

/** The source as it is now: what a kernel handed over once may have another value by now. */
async function fresh(bench: IBench, source: SourceIn): Promise<SourceIn> {
  return source.kind === 'frame' && bench.frames.find(source.name)
    ? frameSource(bench, source.name)
    : source;
}

/** Begin a run, with dataframes handed over anew. */
export async function start(bench: IBench, wanted: RunIn): Promise<Run> {
  const source = await fresh(bench, wanted.source);
  const against = wanted.against ? await fresh(bench, wanted.against) : null;
  return bench.model.start({ ...wanted, source, against });
}

/** Begin to profile a source. */
export function profile(
  bench: IBench,
  source: SourceIn,
  options: Partial<Options> = {}
): Promise<Run> {
  return bench.model.start({
    task: 'profile',
    source,
    options: { ...DEFAULTS, ...options }
  });
}

/** Begin to compare a source with an older or reference one. */
export function compare(
  bench: IBench,
  source: SourceIn,
  against: SourceIn
): Promise<Run> {
  return start(bench, { task: 'comparison', source, against, options: DEFAULTS });
}

/** Begin the full report of what a run looked at. */
export function fullReport(bench: IBench, run: Run): Promise<Run> {
  return start(bench, {
    task: 'report',
    source: run.source,
    parent: run.id,
    options: { ...run.options, seconds: Math.max(run.options.seconds, 900) }
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

/** Whether a run is of something that a person calls by that name. */
export function isOf(run: Run, source: SourceIn): boolean {
  return (
    run.source.kind === source.kind &&
    (source.kind === 'frame'
      ? nameOf(run.source) === nameOf(source)
      : run.source.location === source.location && run.source.table === source.table)
  );
}
