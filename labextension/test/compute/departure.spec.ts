import { Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import { Departure, type IQuestion, type Presence } from '../../src/compute/departure';
import { hubPages } from '../../src/compute/hubpages';
import type { ComputeModel } from '../../src/compute/model';
import { inMinutes, MemoryClient, modelOf, notice, offer, ticket } from './fixtures';

const trans = nullTranslator.load('orrery');

let answer: boolean;
let asked: IQuestion[];
let client: MemoryClient;
let departure: Departure;
let isDirty: boolean;
let presence: Presence;
let loaded: string[];
let model: ComputeModel;

beforeEach(async () => {
  jest.useFakeTimers();
  Notification.dismiss();
  answer = true;
  asked = [];
  client = new MemoryClient();
  isDirty = false;
  presence = 'there';
  loaded = [];
  model = modelOf(client);
  departure = new Departure({
    compute: model,
    trans,
    serverName: '',
    pages: {
      pending: () => 'pending',
      restarting: () => 'restarting',
      start: () => 'start'
    },
    look: () => Promise.resolve(presence),
    isDirty: () => isDirty,
    ask: question => {
      asked.push(question);
      return Promise.resolve(answer);
    },
    load: (address, place) => void loaded.push(`${address} ${place}`)
  });
  await model.refresh();
});

afterEach(() => {
  departure.dispose();
  jest.useRealTimers();
});

describe('a server that is started anew', () => {
  beforeEach(async () => {
    client.tickets = [ticket(7, { state: 'claimed' })];
    await model.refresh();
  });

  it('is followed to the page that waits, once it is gone', async () => {
    await jest.advanceTimersByTimeAsync(5_000);
    expect(loaded).toEqual([]);
    expect(Notification.manager.notifications[0].message).toContain('started anew');
    presence = 'gone';
    await jest.advanceTimersByTimeAsync(1_000);
    await departure.stopped();
    expect(loaded).toEqual(['restarting here']);
    expect(asked).toEqual([]);
  });

  it('is left alone when nothing comes of it', async () => {
    client.tickets = [];
    await model.refresh();
    await jest.advanceTimersByTimeAsync(1_000);
    presence = 'gone';
    await jest.advanceTimersByTimeAsync(5_000);
    expect(loaded).toEqual([]);
    expect(Notification.manager.notifications).toEqual([]);
  });

  it('is waited for in another tab while something is not saved', async () => {
    isDirty = true;
    presence = 'gone';
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked[0].body).toContain('not saved');
    expect(loaded).toEqual(['restarting beside']);
  });
});

it('follows a request that starts without asking, and that nobody saw claimed', async () => {
  client.tickets = [ticket(7, { auto_claim: true })];
  await model.refresh();
  await departure.stopped();
  expect(loaded).toEqual(['restarting here']);
});

it('knows of a claim before the hub is asked again', async () => {
  client.tickets = [offer(7)];
  await model.refresh();
  jest.spyOn(client, 'claim').mockResolvedValue(ticket(7, { state: 'claimed' }));
  client.error = toError({ code: 'network_down', message: 'Away' });
  presence = 'gone';
  await model.claim(7);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(loaded).toEqual(['restarting here']);
});

it.each([
  [
    notice(1, { kind: 'budget_stop', deadline: inMinutes(0), reason: 'No hours left' }),
    'No hours left.'
  ],
  [
    notice(1, { kind: 'cull', deadline: inMinutes(-1), reason: 'It was idle.' }),
    'It was idle.'
  ],
  [
    notice(1, { kind: 'cull', deadline: inMinutes(9), reason: 'It was idle.' }),
    'ended by itself'
  ],
  [
    notice(1, { kind: 'cull', deadline: inMinutes(0), server: 'gpu' }),
    'ended by itself'
  ],
  [notice(1, { kind: 'queue', deadline: inMinutes(0) }), 'ended by itself']
])('says why a server was stopped', async (told, text) => {
  client.told = [told];
  await model.refresh();
  await departure.stopped();
  expect(asked[0].title).toBe('This Server Has Stopped');
  expect(asked[0].body).toContain(text);
  expect(loaded).toEqual(['start here']);
});

it('asks once, until the server has been there again', async () => {
  answer = false;
  await departure.stopped();
  await departure.stopped();
  expect(asked).toHaveLength(1);
  expect(loaded).toEqual([]);
  client.told = [notice(2)];
  await model.refresh();
  await departure.stopped();
  expect(asked).toHaveLength(2);
});

describe('a page that is refused', () => {
  const refuse = async (more: Record<string, string> = {}): Promise<void> => {
    client.error = toError({ code: 'forbidden', message: 'No', ...more });
    await model.refresh();
    await model.refresh();
    await jest.advanceTimersByTimeAsync(5_000);
  };

  it('is to be loaded again when its server is another one', async () => {
    presence = 'refused';
    await refuse();
    expect(asked.map(({ title }) => title)).toEqual([
      'This Page Is Not Logged In Any More'
    ]);
    expect(loaded).toEqual([`${window.location.href} here`]);
  });

  it('is told of the stop when its server is gone soon after', async () => {
    presence = 'gone';
    await refuse();
    expect(asked.map(({ title }) => title)).toEqual(['This Server Has Stopped']);
  });

  it.each(['there', 'unreachable'] as const)('stays when it is %s', async now => {
    presence = now;
    await refuse();
    expect(asked).toEqual([]);
  });

  it('by Orrery itself is a refusal like others', async () => {
    presence = 'refused';
    await refuse({ request_id: 'r1' });
    expect(asked).toEqual([]);
  });
});

describe('hubPages', () => {
  const place = {
    href: 'https://ada.hub.example/user/ada/lab/tree/a b.ipynb?x=1',
    pathname: '/user/ada/lab/tree/a%20b.ipynb',
    search: '?x=1'
  };
  const set = (more: Record<string, string> = {}): void => {
    const options = {
      hubPrefix: '/hub/',
      hubHost: '',
      hubUser: 'ada',
      hubServerName: ''
    };
    for (const [name, value] of Object.entries({ ...options, ...more })) {
      PageConfig.setOption(name, value);
    }
  };
  afterEach(() => set({ hubPrefix: '', hubUser: '' }));

  it('are those of this server, and lead back', () => {
    set();
    const next = encodeURIComponent(place.pathname + place.search);
    expect(hubPages(place)!.start()).toBe(`/hub/spawn/ada?next=${next}`);
    expect(hubPages(place)!.pending()).toBe(`/hub/spawn-pending/ada?next=${next}`);
    const until = new URL(hubPages(place)!.restarting(), 'http://h').searchParams.get(
      'restart-until'
    );
    expect(Number(until)).toBeGreaterThan(Date.now());
  });

  it('name a server with a name, and lead back to another site', () => {
    set({ hubHost: 'https://hub.example', hubServerName: 'a/b' });
    const address = new URL(hubPages(place)!.start());
    expect(address.origin + address.pathname).toBe(
      'https://hub.example/hub/spawn/ada/a%2Fb'
    );
    expect(address.searchParams.get('next')).toBe(place.href);
  });

  it('are none without a hub', () => {
    set({ hubPrefix: '' });
    expect(hubPages(place)).toBeNull();
  });
});
