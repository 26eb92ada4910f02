/**
 * Sources and options with everything that a person did not say filled in.
 */
import type { Options, Run, SourceIn } from './schemas';

/** The options of a run when a person says nothing. */
export const DEFAULTS: Options = {
  sections: ['preliminary', 'univariate', 'bivariate', 'multivariate', 'text'],
  nulls: 'skip',
  target: null,
  seconds: 120,
  sample: null,
  exact: false,
  cluster: false
};

/** A source, named by the last part of where it is. */
export function sourceOf(
  given: Pick<SourceIn, 'kind' | 'location'> & Partial<SourceIn>
): SourceIn {
  const last = given.location.split('/').filter(Boolean).pop() ?? given.location;
  return { table: '', sheet: '', ...given, name: given.name || given.table || last };
}

/** What a person calls the source of a run. */
export function nameOf(source: SourceIn): string {
  return source.name || source.table || source.location;
}

/** What a run is called in a list. */
export function titleOf(run: Run): string {
  const name = nameOf(run.source);
  return run.against ? `${nameOf(run.against)} → ${name}` : name;
}

/** Whether a run will have more to tell. */
export function isActive(run: Run): boolean {
  return run.state === 'queued' || run.state === 'running';
}
