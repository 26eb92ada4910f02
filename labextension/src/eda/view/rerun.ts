/**
 * How a run is started once more.
 */
import type { CheckResults, Run, RunIn } from '../schemas';

/** What starts the same once more; a suite of checks is known by its results alone. */
export function rerunOf(run: Run, results: CheckResults | null): RunIn | null {
  const { task, source, against, parent, newer, options } = run;
  if (task === 'checks' && !results) {
    return null;
  }
  const suite =
    task === 'checks' && results
      ? { name: results.name, checks: results.results.map(({ check }) => check) }
      : null;
  // A comparison with a stored profile has the name of its source, which is not read again.
  const isStored = task === 'comparison' && parent;
  return {
    task,
    source,
    against: isStored ? null : against,
    parent,
    newer,
    options,
    suite
  };
}
