import type { JupyterFrontEnd } from '@jupyterlab/application';

import { createHomePlugin, type IHomeCard } from '../../src/base/home';
import { orreryIcon } from '../../src/base/icons';

it('shows the card of a capability with its first three items', async () => {
  const cards: IHomeCard[] = [];
  const item = (label: string) => ({ label, command: 'toy:open' });
  const plugin = createHomePlugin('toy', 'The card of toys.', (_, trans) => ({
    title: trans.__('Toys'),
    icon: orreryIcon,
    rank: 1,
    caption: '',
    open: { command: 'toy:open-panel' },
    load: () => Promise.resolve(['a', 'b', 'c', 'd'].map(item))
  }));
  const home = { addCard: (card: IHomeCard) => cards.push(card) };
  await plugin.activate({} as JupyterFrontEnd, home, null);
  expect(plugin.id).toBe('@orrery/labextension:toy-home');
  const [card] = cards;
  expect(card).toMatchObject({ capability: 'toy', title: 'Toys' });
  const items = await card.load?.(new AbortController().signal, null);
  expect(items?.map(({ label }) => label)).toEqual(['a', 'b', 'c']);
});
