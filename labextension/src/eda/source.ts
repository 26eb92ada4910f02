/**
 * Sources, options and runs: their defaults, and their names.
 */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Options, Run, SourceIn } from './schemas';

/** The options of a run that a person has not set. */
export const DEFAULTS: Options = {
  sections: ['preliminary', 'univariate', 'bivariate', 'multivariate', 'text'],
  nulls: 'skip',
  target: null,
  seconds: 120,
  sample: null,
  cluster: false
};

const TABLE =
  /\.(csv|tsv|tab|psv|json|ndjson|jsonl|parquet|pq|arrow|feather|ipc|xlsx|xlsm|xlsb|xls|ods)(\.(gz|zst|xz|bz2|zip))?$/i;
const EXCEL = /\.(xls[xmb]?|ods)$/i;

/** Whether a file of that name can be profiled. */
export function isTable(name: string): boolean {
  return TABLE.test(name);
}

/** Whether a file of that name has sheets. */
export function hasSheets(name: string): boolean {
  return EXCEL.test(name);
}

/** A source and nothing more, named by the last part of where it is. */
export function sourceOf(
  source: Pick<SourceIn, 'kind' | 'location'> & Partial<SourceIn>
): SourceIn {
  const { kind, location, table = '', sheet = '', reading = null } = source;
  const last = location.split('/').filter(Boolean).pop() ?? location;
  return { kind, location, table, sheet, reading, name: source.name || table || last };
}

/** A source as an argument of a command. */
export function sourceArgument(
  source: Pick<SourceIn, 'kind' | 'location'> & Partial<SourceIn>
): ReadonlyPartialJSONObject {
  const { reading, ...own } = sourceOf(source);
  return { ...own, reading: reading && { ...reading } };
}

/** What a person calls a source. */
export function nameOf(source: SourceIn): string {
  return source.name || source.table || source.location;
}

/** Where a source is, as a person writes it. */
export function pathOf({ kind, location, table }: SourceIn): string {
  switch (kind) {
    case 'lake':
      return `lake://${location}`;
    case 'table':
      return `${location}#${table}`;
    default:
      return location;
  }
}

/** What a run is called in a list. */
export function titleOf(run: Run): string {
  const name = nameOf(run.source);
  return run.against ? `${nameOf(run.against)} → ${name}` : name;
}

/** Whether a run stored a profile that others can be compared with. */
export function isProfile(run: Run): boolean {
  return run.task === 'profile' && run.state === 'done';
}

/** Whether a run waits or works. */
export function isActive(run: Run): boolean {
  return run.state === 'queued' || run.state === 'running';
}
