/**
 * The card of snippets on Home: what others have written lately.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IHome } from '../projects/tokens';
import { SnippetsCalls } from './calls';
import { snippetsIcon } from './icons';

const RANK = 10;
const LIMIT = 20;
const MOST_ITEMS = 3;
const NEW_MS = 7 * 24 * 3_600_000;

/** Shows the card. */
export const home: JupyterFrontEndPlugin<void> = {
  id: '@orrery/labextension:snippets-home',
  description: 'The card of snippets on Orrery Home.',
  autoStart: true,
  requires: [IHome],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, cards: IHome, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('orrery');
    const { serverSettings, user } = app.serviceManager;
    const calls = new SnippetsCalls(serverSettings);
    cards.addCard({
      capability: 'snippets',
      title: trans.__('Snippets'),
      icon: snippetsIcon,
      rank: RANK,
      caption: trans.__('Nothing new from others. Keep code that you use again.'),
      open: { command: 'snippets:open-panel' },
      next: { command: 'snippets:new', label: trans.__('New Snippet…') },
      load: async signal => {
        const query = { sort: 'updated', limit: LIMIT } as const;
        const { items } = await calls.list(query, { signal });
        return items
          .filter(
            snippet =>
              snippet.library === null &&
              snippet.updated_by !== user.identity?.username &&
              snippet.scope !== 'mine' &&
              Date.now() - Date.parse(snippet.updated) < NEW_MS
          )
          .slice(0, MOST_ITEMS)
          .map(({ id, name, updated_by: author }) => ({
            label: name,
            meta: author,
            state: 'new',
            command: 'snippets:edit',
            args: { id }
          }));
      }
    });
  }
};
