/**
 * What a notification says of a run.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IJobText } from '../base/jobs/jobnotifications';
import type { Run } from './schemas';
import { titleOf } from './source';

/** The texts of a run. */
export function runText(run: Run, trans: TranslationBundle): IJobText {
  const name = titleOf(run);
  const progress: Record<Run['task'], string> = {
    profile: trans.__('Profiling %1', name),
    comparison: trans.__('Comparing %1', name),
    checks: trans.__('Checking %1', name),
    report: trans.__('Making the full report on %1', name)
  };
  return { name, progress: progress[run.task], error: run.error?.message ?? '' };
}
