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

describe('the model', () => {
  it('knows nothing until it is asked', async () => {
    expect(model.state).toBe('idle');
    const asking = model.refresh();
    expect(model.state).toBe('loading');
    await asking;
    expect(model.state).toBe('ready');
    expect(model.runs).toHaveLength(2);
    expect(model.sourcesTotal).toBe(2);
    expect(model.people).toBe(2);
  });

  it('looks for words once the person pauses', async () => {
    model.search('w');
    model.search('wi');
    expect(model.words).toBe('wi');
    expect(client.asked).toEqual([]);
    await jest.advanceTimersByTimeAsync(200);
    expect(client.asked).toEqual(['runs wi', 'sources wi']);
    expect(model.sources.map(one => one.name)).toEqual(['wine.csv']);
  });

  it('shows more of what there is, to an end', async () => {
    client.runList = Array.from({ length: 300 }, (_, index) => run(index));
    await model.refresh();
    expect(model.runs).toHaveLength(50);
    expect(model.hasMoreRuns).toBe(true);
    expect(model.hasMoreSources).toBe(false);
    for (let step = 0; step < 5; step++) {
      model.more();
      await jest.advanceTimersByTimeAsync(0);
    }
    expect(model.runs).toHaveLength(200);
    expect(model.hasMoreRuns).toBe(false);
  });

  it('asks for runs alone while one goes on, and for sources when it has ended', async () => {
    const ended: string[] = [];
    model.ended.connect((_, one) => ended.push(one.state));
    await model.refresh();
    const begun = await model.start({
      task: 'profile',
      source: source('wine.csv'),
      options: run(1).options
    });
    expect(model.runs[0].id).toBe(begun.id);
    expect(model.runsTotal).toBe(3);
    client.asked.length = 0;
    await second();
    client.become(begun.id, { progress: 0.5 });
    await second();
    expect(client.asked).toEqual(['runs ', 'runs ']);
    expect(model.active[0].progress).toBe(0.5);
    expect(ended).toEqual([]);
    client.become(begun.id, { state: 'done' });
    await second();
    expect(ended).toEqual(['done']);
    expect(client.asked.at(-1)).toBe('sources ');
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(client.asked).toEqual([]);
  });

  it('hears of the end of a run that the words do not find', async () => {
    const ended: string[] = [];
    model.ended.connect((_, one) => ended.push(one.id));
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    model.search('nothing like it');
    await jest.advanceTimersByTimeAsync(200);
    expect(model.runs).toEqual([]);
    expect(model.active.map(one => one.id)).toEqual([idOf(7)]);
    client.become(idOf(7), { state: 'failed' });
    await second();
    expect(ended).toEqual([idOf(7)]);
    expect(model.active).toEqual([]);
  });

  it('forgets a run that somebody else deleted', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    client.runList = client.runList.slice(1);
    await second();
    expect(model.active).toEqual([]);
    expect(model.state).toBe('ready');
  });

  it('finds the runs again that go on since before a reload, without the lists', async () => {
    client.runList.push(run(8, { state: 'queued' }), run(9, { state: 'running' }));
    await model.resume();
    expect(model.active.map(one => one.id)).toEqual([idOf(9), idOf(8)]);
    expect(model.state).toBe('idle');
    expect(model.find(idOf(9))?.state).toBe('running');
    await model.refresh();
    client.asked.length = 0;
    await model.resume();
    expect(client.asked).toEqual([]);
  });

  it('does not take a slow answer away to ask for the next', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    let open: (value?: unknown) => void = () => undefined;
    client.gate = new Promise(resolve => (open = resolve));
    const asking = model.refresh();
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(client.asked).toEqual([]);
    open();
    await asking;
    expect(model.state).toBe('ready');
  });

  it('keeps what is known when the server is away, and asks more seldom', async () => {
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    client.broken = toError({ code: 'network_down', message: 'Away' });
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(model.state).toBe('failed');
    expect(model.error).toBe(client.broken);
    expect(model.runs).toHaveLength(3);
    expect(client.asked.length).toBeLessThanOrEqual(4);
    client.broken = null;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(model.state).toBe('ready');
  });

  it('cancels and removes', async () => {
    const removed: string[] = [];
    model.removed.connect((_, id) => removed.push(id));
    client.runList.unshift(run(7, { state: 'running' }));
    await model.refresh();
    await model.cancel(idOf(7));
    expect(model.runs[0].state).toBe('cancelled');
    expect(model.active).toEqual([]);
    await model.remove(idOf(7));
    expect(model.runs.map(one => one.id)).toEqual([idOf(1), idOf(2)]);
    expect(removed).toEqual([idOf(7)]);
  });
});
