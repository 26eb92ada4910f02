import { Signal } from '@lumino/signaling';

import { homeCard } from '../../src/compute/home';
import { followServer, watch } from '../../src/compute/sync';
import { nullTranslator } from '@jupyterlab/translation';
import { MemoryClient, modelOf, offer, ticket } from './fixtures';

const trans = nullTranslator.load('orrery');

describe('watch', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('asks for notices as often as the hub says, and for everything each minute', async () => {
    const client = new MemoryClient();
    const model = modelOf(client);
    const watching = watch(model);
    await jest.advanceTimersByTimeAsync(59_000);
    const asked = (name: string): number =>
      client.asked.filter(other => other === name).length;
    expect(asked('launchChoices')).toBe(1);
    // Every 7 s, after the first 10 s at the latest.
    expect(asked('notices')).toBeGreaterThanOrEqual(7);
    expect(asked('notices')).toBeLessThanOrEqual(10);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(asked('launchChoices')).toBe(2);
    watching.dispose();
    client.asked = [];
    await jest.advanceTimersByTimeAsync(120_000);
    expect(client.asked).toEqual([]);
  });

  it('asks nothing in a lab without a hub', async () => {
    const client = new MemoryClient();
    watch(modelOf(client, null, false));
    await jest.advanceTimersByTimeAsync(120_000);
    expect(client.asked).toEqual([]);
  });
});

it('follows what the server did for somebody else', async () => {
  const client = new MemoryClient();
  const model = modelOf(client);
  const events = new Signal<object, { schema_id: string }>({});
  const following = followServer(model, events);
  events.emit({ schema_id: 'urn:orrery:events:projects' });
  expect(client.asked).toEqual([]);
  events.emit({ schema_id: 'urn:orrery:events:compute' });
  expect(client.asked).toContain('listTickets');
  following.dispose();
  await model.refresh();
});

it('lists requests on Home, and claims what is offered', async () => {
  const client = new MemoryClient();
  client.tickets = [offer(8), ticket(7), ticket(6), ticket(5)];
  const model = modelOf(client);
  const items = await homeCard(model, trans).load!(new AbortController().signal, null);
  expect(items).toHaveLength(3);
  expect(items[0]).toMatchObject({
    label: '2 devices of Training',
    state: 'new',
    command: 'compute:claim',
    args: { ticket: 8 }
  });
  expect(items[1]).toMatchObject({ state: 'running', command: 'compute:open' });
});
