/**
 * The card of auto-EDA on Home: runs that go on, and runs that failed lately.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IHome, type IHomeItem } from '../projects/tokens';
import { EdaCalls } from './calls';
import { edaIcon } from './icons';
import type { Run } from './schemas';

const RANK = 20;
const LIMIT = 20;
const MOST_ITEMS = 3;
const FAILED_MS = 24 * 3_600_000;

/** Shows the card. */
export const home: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:eda-home',
  description: 'The card of auto-EDA on Orrery Home.',
  autoStart: true,
  requires: [IHome],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, cards: IHome, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('orrery');
    const calls = new EdaCalls(app.serviceManager.serverSettings);
    cards.addCard({
      capability: 'eda',
      title: trans.__('Auto-EDA'),
      icon: edaIcon,
      rank: RANK,
      caption: trans.__('No profile is being made. Find out what is in your data.'),
      open: { command: 'eda:open-panel' },
      next: { command: 'eda:new', label: trans.__('Profile Data…') },
      load: async signal => {
        const { items } = await calls.listRuns({ limit: LIMIT }, { signal });
        return items.flatMap(toItem).slice(0, MOST_ITEMS);
      }
    });
  }
};

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
