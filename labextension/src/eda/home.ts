/**
 * The card of auto-EDA on Home: runs that go on, and runs that failed lately.
 */
import { createHomePlugin, type IHomeItem } from '../base/home';
import { EdaCalls } from './calls';
import { edaIcon } from './icons';
import type { Run } from './schemas';

const RANK = 20;
const LIMIT = 20;
const FAILED_MS = 24 * 3_600_000;

/** Shows the card. */
export const home = createHomePlugin(
  'eda',
  'The card of auto-EDA on Orrery Home.',
  ({ serviceManager }, trans) => {
    const calls = new EdaCalls(serviceManager.serverSettings);
    return {
      title: trans.__('Auto-EDA'),
      icon: edaIcon,
      rank: RANK,
      caption: trans.__('No profile is being made. Find out what is in your data.'),
      open: { command: 'eda:open-panel' },
      next: { command: 'eda:new', label: trans.__('Profile Data…') },
      load: async signal =>
        (await calls.listRuns({ limit: LIMIT }, { signal })).items.flatMap(toItem)
    };
  }
);

/** A run that goes on or failed within a day, as a line of the card. */
function toItem(run: Run): IHomeItem[] {
  const { created, id, progress, source, state } = run;
  const item = {
    label: source.name || source.location,
    command: 'eda:open',
    args: { id }
  };
  if (state === 'running' || state === 'queued') {
    return [{ ...item, state: 'running', meta: `${Math.round(progress * 100)} %` }];
  }
  const isRecent = Date.now() - Date.parse(created) < FAILED_MS;
  return state === 'failed' && isRecent ? [{ ...item, state }] : [];
}
