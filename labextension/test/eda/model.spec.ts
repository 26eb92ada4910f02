import { toError } from '../../src/base/errors';
import { EdaModel } from '../../src/eda/model';
import { idOf, MemoryClient, run, source } from './fixtures';

let client: MemoryClient;
let model: EdaModel;

beforeEach(() => {
  jest.useFakeTimers();
  client = new MemoryClient();
  client.sourceList = [source('wine.csv'), source('beer.csv', { by: 'bob' })];
  client.runList = [run(1), run(2)];
  model = new EdaModel(client);
});

afterEach(() => {
  model.dispose();
  jest.useRealTimers();
});

const second = (): Promise<void> => jest.advanceTimersByTimeAsync(1_000);
const states = (): string[] => [model.runs.state, model.sources.state];

describe('the model', () => {
  it('knows nothing until it is asked', async () => {
    expect(states()).toEqual(['idle', 'idle']);
    const loading = model.refresh();
    expect(states()).toEqual(['loading', 'loading']);
    await loading;
    expect(states()).toEqual(['ready', 'ready']);
    expect([model.runs.total, model.sources.total]).toEqual([2, 2]);
    expect(model.peopleCount).toBe(2);
  });

  it('searches both lists once the person pauses', async () => {
    model.search('w');
    model.search('wi');
    expect(model.query).toBe('wi');
    expect(client.asked).toEqual([]);
    await jest.advanceTimersByTimeAsync(200);
    expect(client.asked).toEqual(['runs wi', 'sources wi']);
    expect(model.sources.items.map(({ name }) => name)).toEqual(['wine.csv']);
  });

  it('loads what comes into sight, however long the history is', async () => {
    client.runList = Array.from({ length: 300 }, (_, index) => run(index));
    await model.refresh();
    expect(model.runs.items).toHaveLength(100);
    model.runs.setVisible(250, 270);
    await jest.advanceTimersByTimeAsync(0);
    expect(model.runs.at(260)?.id).toBe(idOf(260));
  });

  it('asks for active runs alone while one goes on, and for sources when it has ended', async () => {
    const ended: string[] = [];
    model.active.ended.connect((_, { state }) => ended.push(state));
    await model.refresh();
    const started = await model.start({
      task: 'profile',
      source: source('wine.csv'),
      options: run(1).options
    });
    expect(model.runs.at(0)?.id).toBe(started.id);
    expect(model.runs.total).toBe(3);
    client.asked.length = 0;
    await second();
    client.become(started.id, { progress: 0.5 });
    await second();
    expect(new Set(client.asked)).toEqual(new Set(['runs running', 'runs queued']));
    expect(model.active.items[0].progress).toBe(0.5);
    expect(model.runs.at(0)?.progress).toBe(0.5);
    expect(ended).toEqual([]);
    client.become(started.id, { state: 'done' });
    await second();
    expect(ended).toEqual(['done']);
    expect(model.runs.at(0)?.state).toBe('done');
    expect(client.asked.at(-1)).toBe('sources ');
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(client.asked).toEqual([]);
  });

  it('hears of the end of a run that the search does not find', async () => {
    const ended: string[] = [];
    model.active.ended.connect((_, { id }) => ended.push(id));
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    model.search('nothing like it');
    await jest.advanceTimersByTimeAsync(200);
    expect(model.runs.total).toBe(0);
    expect(model.active.items.map(({ id }) => id)).toEqual([idOf(7)]);
    client.become(idOf(7), { state: 'failed' });
    await second();
    expect(ended).toEqual([idOf(7)]);
    expect(model.active.items).toEqual([]);
  });

  it('drops a run that somebody else deleted', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    client.runList = client.runList.slice(1);
    await second();
    expect(model.active.items).toEqual([]);
    expect(model.runs.items.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
    expect(model.runs.state).toBe('ready');
  });

  it('lists a run that was started elsewhere, once another one is under way', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    client.runList.unshift(run(8, { state: 'queued' }));
    await second();
    await second();
    expect(model.active.items.map(({ id }) => id).sort()).toEqual([idOf(7), idOf(8)]);
    expect(model.runs.at(0)?.id).toBe(idOf(8));
  });

  it('finds the runs again that go on since before a reload, without the lists', async () => {
    client.runList.push(run(8, { state: 'queued' }), run(9, { state: 'running' }));
    await model.resume();
    expect(model.active.items.map(({ id }) => id)).toEqual([idOf(9), idOf(8)]);
    expect(states()).toEqual(['idle', 'idle']);
    expect(model.find(idOf(9))?.state).toBe('running');
    await model.refresh();
    client.asked.length = 0;
    await model.resume();
    expect(client.asked).toEqual([]);
  });

  it('asks once where nothing is under way', async () => {
    await model.resume();
    expect(client.asked).toEqual(['runs running']);
  });

  it('does not ask again before a slow answer is there', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    let open: (value?: unknown) => void = () => undefined;
    client.gate = new Promise(resolve => (open = resolve));
    await second();
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(client.asked).toEqual([]);
    open();
    await second();
    expect(client.asked).not.toEqual([]);
  });

  it('keeps what is known when the server is away, says so, and asks more seldom', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    client.broken = toError({ code: 'network_down', message: 'Away' });
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(model.runs.state).toBe('failed');
    expect(model.runs.error).toBe(client.broken);
    expect(model.runs.offline).toBe(true);
    expect(model.runs.items).toHaveLength(3);
    expect(client.asked.length).toBeLessThanOrEqual(12);
    client.broken = null;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(model.runs.state).toBe('ready');
  });

  it('cancels and deletes', async () => {
    const removed: string[] = [];
    model.removed.connect((_, id) => removed.push(id));
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    await model.cancel(idOf(7));
    expect(model.runs.at(0)?.state).toBe('cancelled');
    expect(model.active.items).toEqual([]);
    await model.remove(idOf(7));
    expect(model.runs.items.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
    expect(removed).toEqual([idOf(7)]);
  });
});
