/**
 * The card of snippets on Home: what others have written lately.
 */
import { createHomePlugin, type IHomeItem } from '../base/home';
import { SnippetsCalls } from './calls';
import { snippetsIcon } from './icons';
import type { Snippet } from './schemas';

const RANK = 10;
const LIMIT = 20;
const NEW_MS = 7 * 24 * 3_600_000;

/** Shows the card. */
export const home = createHomePlugin(
  'snippets',
  'The card of snippets on Orrery Home.',
  ({ serviceManager }, trans) => {
    const { serverSettings, user } = serviceManager;
    const calls = new SnippetsCalls(serverSettings);
    return {
      title: trans.__('Snippets'),
      icon: snippetsIcon,
      rank: RANK,
      caption: trans.__('Nothing new from others. Keep code that you use again.'),
      open: { command: 'snippets:open-panel' },
      next: { command: 'snippets:new', label: trans.__('New Snippet') },
      load: async (signal, current) => {
        const query = { sort: 'updated', limit: LIMIT } as const;
        const { items } = await calls.list(query, { signal });
        return items
          .filter(snippet => isNews(snippet, user.identity?.username))
          .filter(({ project, scope }) => scope !== 'project' || project === current)
          .map(toItem);
      }
    };
  }
);

/** Whether somebody else wrote or changed a shared snippet lately. */
function isNews(snippet: Snippet, me: string | undefined): boolean {
  return (
    snippet.library === null &&
    snippet.updated_by !== me &&
    snippet.scope !== 'mine' &&
    Date.now() - Date.parse(snippet.updated) < NEW_MS
  );
}

function toItem({ id, name, updated_by: author }: Snippet): IHomeItem {
  return {
    label: name,
    meta: author,
    state: 'new',
    command: 'snippets:edit',
    args: { id }
  };
}
