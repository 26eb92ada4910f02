import { toError } from '../../../src/base/errors';
import { RunModel } from '../../../src/eda/view/run';
import { ID, MemoryClient, overview, run } from './fixtures';

let client: MemoryClient;
let model: RunModel;

beforeEach(() => {
  client = new MemoryClient();
  client.result = { ...client.result, run: run({ state: 'running', revision: 1 }) };
  model = new RunModel({ client, id: ID, paceMs: 0, retryMs: [5] });
});

afterEach(() => model.dispose());

async function soon(ms = 20): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms));
}

describe('RunModel', () => {
  it('asks at once, then waits for news after what it knows', async () => {
    model.resume();
    await soon();
    expect(model.run?.revision).toBe(1);
    expect(client.watched).toEqual([-1, 1]);
    client.tell({ run: run({ state: 'running', revision: 5 }) });
    await soon();
    expect(client.watched).toEqual([-1, 1, 5]);
  });

  it('keeps what an answer leaves out because it has not changed', async () => {
    model.resume();
    await soon();
    const known = model.overview;
    expect(known).not.toBeNull();
    client.tell({ run: run({ state: 'running', revision: 6 }), overview: null });
    await soon();
    expect(model.run?.revision).toBe(6);
    expect(model.overview).toEqual(known);
  });

  it('stops when the run is over, and does not begin again', async () => {
    model.resume();
    await soon();
    client.tell({ run: run({ revision: 9 }) });
    await soon();
    const asked = client.watched.length;
    expect(model.active).toBe(false);
    model.resume();
    await soon();
    expect(client.watched).toHaveLength(asked);
  });

  it('asks nothing while nobody looks, and goes on from what it knows', async () => {
    model.resume();
    await soon();
    model.pause();
    client.tell({ run: run({ state: 'running', revision: 4 }) });
    await soon();
    expect(model.run?.revision).toBe(1);
    model.resume();
    await soon();
    expect(model.run?.revision).toBe(4);
  });

  it('asks nothing once it is disposed', async () => {
    model.resume();
    await soon();
    model.dispose();
    const asked = client.watched.length;
    client.tell({ run: run({ state: 'running', revision: 4 }) });
    await soon();
    expect(client.watched).toHaveLength(asked);
  });

  it('keeps what it knows while the server is away, and comes back by itself', async () => {
    model.resume();
    await soon();
    client.failing = toError({ code: 'network_down', message: 'gone' });
    client.tell({ run: run({ state: 'running', revision: 2 }) });
    await soon();
    expect(model.offline).toBe(true);
    expect(model.run?.revision).toBe(2);
    client.failing = null;
    client.tell({ run: run({ state: 'running', revision: 7 }) });
    await soon();
    expect(model.offline).toBe(false);
    expect(model.run?.revision).toBe(7);
  });

  it('says why nothing can be shown, and tries again when asked', async () => {
    client.failing = toError({ code: 'not_found', message: 'There is no such run' });
    model.resume();
    await soon();
    expect(model.error).toBe(client.failing);
    client.failing = null;
    model.retry();
    await soon();
    expect(model.error).toBeNull();
    expect(model.run?.id).toBe(ID);
  });

  it('cancels, and shows what was found until then', async () => {
    client.result = { ...client.result, overview: overview({ columns: 7 }) };
    model.resume();
    await soon();
    const cancel = model.cancel();
    expect(model.cancelling).toBe(true);
    await cancel;
    expect(model.run?.state).toBe('cancelled');
    expect(model.overview?.columns).toBe(7);
    expect(client.cancelled).toBe(1);
  });

  it('knows the name of a column before the column itself', async () => {
    client.result = {
      ...client.result,
      overview: overview({ columns: 3, names: ['price', 'colour', 'bought'] })
    };
    model.resume();
    expect(model.name(1)).toBe('2');
    await soon();
    expect(model.name(1)).toBe('colour');
  });
});
