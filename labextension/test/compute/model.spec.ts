import { toError } from '../../src/base/errors';
import { allowanceOf } from '../../src/compute/allowance';
import { ComputeClient } from '../../src/compute/client';
import type { ComputeModel } from '../../src/compute/model';
import {
  budget,
  lease,
  MemoryAllowance,
  MemoryClient,
  modelOf,
  notice,
  options,
  ticket,
  WHEN
} from './fixtures';

const away = toError({ code: 'network_down', message: 'Away' });

let client: MemoryClient;
let model: ComputeModel;

beforeEach(() => {
  client = new MemoryClient();
  model = modelOf(client);
});

it('asks nothing of a lab without a hub', async () => {
  model = modelOf(client, null, false);
  await model.refresh();
  await model.check();
  expect([client.asked, model.state, model.isAtHub]).toEqual([[], 'ready', false]);
});

it('knows this server, what it holds and the other servers', async () => {
  client.leases = [lease({ server: 'gpu', id: 2 }), lease({ profile: 'one' })];
  expect([model.state, model.current, model.lease]).toEqual(['idle', null, null]);
  await model.refresh();
  expect(model.state).toBe('ready');
  expect(model.current?.name).toBe('');
  expect(model.others.map(({ name }) => name)).toEqual(['gpu']);
  expect(model.lease?.id).toBe(1);
  expect(model.choices?.profiles).toHaveLength(2);
  expect(model.pollMs).toBe(7_000);
});

it('keeps what is known when the server fails, and says why', async () => {
  await model.refresh();
  client.error = away;
  await model.refresh();
  expect([model.state, model.error]).toEqual(['failed', away]);
  expect(model.lease).not.toBeNull();
  client.error = null;
  await model.check();
  expect([model.state, model.error]).toEqual(['ready', null]);
});

it('asks for requests only while there are any, or something is told', async () => {
  await model.refresh();
  client.asked = [];
  await model.check();
  expect(client.asked).toEqual(['notices']);
  client.told = [notice(1)];
  client.tickets = [ticket(7)];
  client.asked = [];
  await model.check();
  expect(client.asked).toEqual(['notices', 'listTickets']);
  expect(model.tickets).toHaveLength(1);
});

it('looks at everything again when a request is over', async () => {
  client.tickets = [ticket(7)];
  await model.refresh();
  client.tickets = [];
  client.leases = [lease({ profile: 'two' })];
  await model.check();
  expect(model.lease?.profile).toBe('two');
});

it('looks at everything again when a server has failed', async () => {
  await model.refresh();
  const failure = {
    server: 'big',
    is_start: true,
    reason: 'No.',
    remedy: '',
    at: WHEN
  };
  client.choices = { ...client.choices, failures: [failure] };
  client.told = [notice(1, { kind: 'failure', action: '' })];
  await model.check();
  expect(model.choices?.failures).toHaveLength(1);
  client.asked = [];
  await model.check();
  expect(client.asked).toEqual(['notices']);
});

it('says that something changed only if it did', async () => {
  await model.refresh();
  const changed = jest.fn();
  model.changed.connect(changed);
  await model.check();
  await model.refresh();
  expect(changed).not.toHaveBeenCalled();
  client.tickets = [ticket(7)];
  await model.refresh();
  expect(changed).toHaveBeenCalledTimes(1);
});

it('waits for an answer to everything before it asks for a part', async () => {
  await Promise.all([model.refresh(), model.check()]);
  expect(client.asked.filter(name => name === 'notices')).toHaveLength(1);
  expect(model.state).toBe('ready');
});

it('requests, claims and cancels', async () => {
  const { id } = await model.request({ options: options('two') });
  expect(model.tickets.map(other => other.id)).toEqual([id]);
  await model.claim(id);
  expect(model.tickets).toEqual([]);
  client.tickets = [ticket(9)];
  await model.cancel(9);
  expect(client.asked).toContain('cancel 9');
});

describe('stopping a server', () => {
  it('names another, and not this one', async () => {
    await model.stopServer('gpu');
    await model.stopServer();
    await model.stopServer('');
    expect(client.asked.filter(name => name.startsWith('stop'))).toEqual([
      'stop "gpu"',
      'stop null',
      'stop null'
    ]);
  });

  it('takes the end of this server for its answer', async () => {
    client.error = away;
    await expect(model.stopServer()).resolves.toBeUndefined();
    await expect(model.stopServer('gpu')).rejects.toBe(away);
  });

  it('fails when the hub refuses', async () => {
    client.error = toError({ code: 'backend_unavailable', message: 'Not now' });
    await expect(model.stopServer()).rejects.toBe(client.error);
  });
});

it('starts another server', async () => {
  await model.startServer('two', options('one'));
  expect(model.others.map(({ name }) => name)).toEqual(['gpu', 'two']);
});

it('lets go a notice that was withdrawn meanwhile', async () => {
  client.told = [notice(1)];
  await model.refresh();
  client.dismiss = () =>
    Promise.reject(toError({ code: 'not_found', message: 'There is no such notice' }));
  client.told = [];
  await model.dismiss(1);
  expect(model.notices).toEqual([]);
});

describe('budgets and limits for idle servers', () => {
  it('are not there where the server does not offer them', async () => {
    await model.refresh();
    expect([model.hasAllowance, model.use, model.budgets]).toEqual([false, null, null]);
    await expect(model.extend()).rejects.toThrow('no budgets');
  });

  it('are known by the calls of the client', () => {
    const allowance = new MemoryAllowance();
    expect(allowanceOf(allowance)).toBe(allowance);
    expect(allowanceOf({ use: () => undefined })).toBeNull();
    // Whatever the server extension of this version offers.
    const calls = new ComputeClient();
    expect(allowanceOf(calls)).toBe('budgets' in calls ? calls : null);
  });

  it('are shown, extended and asked for', async () => {
    const allowance = new MemoryAllowance();
    model = modelOf(client, allowance);
    await model.refresh();
    expect(model.use?.activity.memory_mib).toBe(2048);
    expect(model.budgets?.budgets).toHaveLength(1);
    await model.extend();
    expect(model.use?.culling.extensions_left).toBe(1);
    await model.askForMore(budget(), 90, 'Training');
    expect(allowance.amounts).toEqual([90]);
  });

  it('are left out by an older server, and fail with any other error', async () => {
    const allowance = new MemoryAllowance();
    model = modelOf(client, allowance);
    allowance.error = toError({ code: 'not_found', message: 'No such address' });
    await model.refresh();
    expect([model.state, model.use]).toEqual(['ready', null]);
    allowance.error = away;
    await model.refresh();
    expect([model.state, model.error]).toEqual(['failed', away]);
  });
});
