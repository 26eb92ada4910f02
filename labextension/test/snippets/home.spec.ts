import type { IHomeCard } from '../../src/base/home';
import { SnippetsCalls } from '../../src/snippets/calls';
import { home } from '../../src/snippets/home';
import { snippet } from './fixtures';

it.each([
  ['sample', ['all', 'sample']],
  ['other', ['all', 'other']],
  [null, ['all']]
])('shows what is new in the project %s, and for everybody', async (project, ids) => {
  const shared = { updated_by: 'grace', updated: new Date().toISOString() };
  const items = [
    snippet('mine', { ...shared, scope: 'mine' }),
    snippet('all', { ...shared, scope: 'everyone' }),
    snippet('sample', { ...shared, scope: 'project', project: 'sample' }),
    snippet('other', { ...shared, scope: 'project', project: 'other' })
  ];
  const list = jest
    .spyOn(SnippetsCalls.prototype, 'list')
    .mockResolvedValue({ items } as never);
  const cards: IHomeCard[] = [];
  const serviceManager = {
    serverSettings: {},
    user: { identity: { username: 'ada' } }
  };
  await home.activate(
    { serviceManager } as never,
    { addCard: (card: IHomeCard) => cards.push(card) },
    null
  );
  const shown = await cards[0].load?.(new AbortController().signal, project);
  expect(shown?.map(({ args }) => args?.id)).toEqual(ids);
  list.mockRestore();
});
