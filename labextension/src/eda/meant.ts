/**
 * What a command is about: what its arguments name, else what is picked in the panel.
 */
import { toError } from '../base/errors';
import type { Args } from '../base/registry';
import { nameOfPick, sourceOfPick, type Pick } from './picks';
import type { Run, SourceIn } from './schemas';
import { sourceOf } from './wanted';
import type { IWorkbench } from './workbench';

/** What the commands say, and of which row. */
export function about({ picks }: IWorkbench, text: string) {
  return (args: Args): string =>
    picks.active && !args.id && !args.source
      ? `${nameOfPick(picks.active)}: ${text}`
      : text;
}

/** Whether a row is of data that lie somewhere; a dataframe is only in its kernel. */
export function isStored(pick: Pick | null): boolean {
  return pick !== null && sourceOfPick(pick).kind !== 'frame';
}

/** The source that is given, or that what is picked stands for. */
export function wanted({ picks, trans }: IWorkbench, given: unknown): SourceIn {
  if (given) {
    return asSource(given);
  }
  if (!picks.active) {
    throw toError({
      code: 'not_found',
      message: trans.__('Nothing is picked'),
      remedy: trans.__('Pick a row of the panel, or name a source')
    });
  }
  return sourceOfPick(picks.active);
}

/** A source as it is asked for. */
export function asSource(given: unknown): SourceIn {
  return sourceOf(given as SourceIn);
}

/** The runs among rows. */
export function runsIn(picks: readonly Pick[]): readonly Run[] {
  return picks.flatMap(pick => (pick.kind === 'run' ? pick.run : []));
}

/** The run of a row: itself, or the newest one on it. */
export function runOf(pick: Pick | null): string | null {
  switch (pick?.kind) {
    case 'run':
      return pick.run.id;
    case 'source':
      return pick.source.run ?? null;
    default:
      return null;
  }
}

export function idIn({ picks }: IWorkbench, args: Args): string | null {
  return typeof args.id === 'string' ? args.id : runOf(picks.active);
}

/** The run that is meant, if it is known without asking. */
export function known(bench: IWorkbench, args: Args): Run | undefined {
  return bench.model.find(idIn(bench, args) ?? '');
}

/** The run that is meant. */
export async function one(bench: IWorkbench, args: Args): Promise<Run> {
  const id = idIn(bench, args);
  if (id === null) {
    throw toError({
      code: 'not_found',
      message: bench.trans.__('No report is picked'),
      remedy: bench.trans.__('Pick one in the panel')
    });
  }
  return bench.model.find(id) ?? (await bench.client.watch(id, -1, 0)).run;
}

/** The columns that an earlier run has found; none is no reason not to ask. */
export async function namesOf(
  { client }: IWorkbench,
  id: string | null | undefined
): Promise<readonly string[]> {
  try {
    return id ? ((await client.watch(id, -1, 0)).overview?.names ?? []) : [];
  } catch {
    return [];
  }
}
