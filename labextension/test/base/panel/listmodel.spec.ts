import { PromiseDelegate } from '@lumino/coreutils';

import { NetworkDown, toError } from '../../../src/base/errors';
import { ListModel, type IPageQuery } from '../../../src/base/panel/listmodel';
import type { Page } from '../../../src/base/schemas';

interface IItem {
  id: string;
  name: string;
}

interface IQuery {
  q: string;
  tag: readonly string[];
  sort: string;
}

const item = (id: string, name = `Item ${id}`): IItem => ({ id, name });

/** Serves pages of items in memory, and fails or waits as told. */
class Server {
  constructor(count: number) {
    this.items = Array.from({ length: count }, (_, index) => item(`i${index}`));
  }

  items: IItem[];
  error: Error | null = null;
  gate: Promise<void> | null = null;
  readonly queries: (Partial<IQuery> & IPageQuery)[] = [];

  readonly load = async (
    query: Partial<IQuery> & IPageQuery,
    signal: AbortSignal
  ): Promise<Page<IItem>> => {
    this.queries.push(query);
    await this.gate;
    if (signal.aborted) {
      throw toError({ code: 'cancelled', message: 'Cancelled' });
    }
    if (this.error) {
      throw this.error;
    }
    const matching = this.items.filter(({ id }) => id.includes(query.q ?? ''));
    const { offset, limit } = query;
    return {
      items: matching.slice(offset, offset + limit),
      total: matching.length,
      offset,
      limit
    };
  };
}

const settled = (ms = 0): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, ms));

describe('ListModel', () => {
  let server: Server;
  let model: ListModel<IItem, IQuery>;

  const use = (count: number): void => {
    server = new Server(count);
    model = new ListModel<IItem, IQuery>({
      load: server.load,
      keyOf: ({ id }) => id,
      nameOf: ({ name }) => name,
      lasting: ['sort'],
      debounceMs: 5
    });
  };

  beforeEach(() => use(250));
  afterEach(() => {
    jest.useRealTimers();
    model.dispose();
  });

  it('says that what it knows is outdated from a new query until its answer', async () => {
    expect(model.outdated).toBe(true);
    await model.open();
    expect(model.outdated).toBe(false);
    model.filter({ q: 'i1' });
    expect([model.outdated, model.state, model.total]).toEqual([true, 'ready', 250]);
    await settled(20);
    expect([model.outdated, model.state]).toEqual([false, 'ready']);
    server.error = toError({ code: 'invalid', message: 'No' });
    model.filter({ q: 'i2' });
    await settled(20);
    expect([model.outdated, model.state]).toEqual([false, 'failed']);
  });

  it('asks for nothing before it is opened, and for one page then', async () => {
    expect(model.state).toBe('idle');
    expect(model.latest).toBeNull();
    expect(server.queries).toEqual([]);
    await model.open();
    await model.open();
    expect(server.queries).toEqual([{ offset: 0, limit: 100 }]);
    expect(model.state).toBe('ready');
    expect(model.total).toBe(250);
    expect(model.latest?.total).toBe(250);
    expect(model.at(99)?.id).toBe('i99');
    expect(model.at(100)).toBeUndefined();
    expect(model.items).toHaveLength(100);
  });

  it('loads the pages of the rows in sight, each once', async () => {
    await model.open();
    model.setVisible(90, 120);
    model.setVisible(95, 125);
    await settled();
    expect(server.queries.map(({ offset }) => offset)).toEqual([0, 100]);
    expect(model.at(120)?.id).toBe('i120');
    expect(model.indexOf('i120')).toBe(120);
    expect(model.find('i120')?.name).toBe('Item i120');
  });

  it('loads a whole range, in sight or not, and says when the list is another one by then', async () => {
    await model.open();
    const range = model.loadRange(0, 249);
    model.setVisible(0, 20);
    expect(await range).toBe(true);
    expect(model.items).toHaveLength(250);
    expect(server.queries.map(({ offset }) => offset)).toEqual([0, 100, 200]);
    expect(await model.loadRange(0, 9_999)).toBe(true);
    model.filter({ q: 'i1' });
    expect(await model.loadRange(0, 249)).toBe(false);
    await settled(20);
    use(250);
    await model.open();
    server.error = toError({ code: 'invalid', message: 'No' });
    expect(await model.loadRange(50, 150)).toBe(false);
    expect(model.state).toBe('failed');
  });

  it('says when it is narrowed otherwise, and not when it is ordered or loaded anew', async () => {
    const narrowed = jest.fn(() => model.total);
    model.narrowed.connect(narrowed);
    await model.open();
    model.filter({ sort: 'name' });
    model.filter({ tag: [] });
    await settled();
    await model.refresh();
    expect(narrowed).not.toHaveBeenCalled();
    model.filter({ q: 'i24' });
    await settled(20);
    // The rows are those of the new words by then.
    expect(narrowed.mock.results).toEqual([{ type: 'return', value: 11 }]);
    model.clearFilters();
    await settled();
    expect(narrowed).toHaveBeenCalledTimes(2);
  });

  it('takes several items away at once', async () => {
    await model.open();
    const changed = jest.fn();
    model.changed.connect(changed);
    model.drop('i3', 'i0', 'i99', 'unknown');
    expect(changed).toHaveBeenCalledTimes(1);
    expect([model.total, model.items.length]).toEqual([247, 97]);
    expect([model.at(0), model.at(2), model.at(96)].map(each => each?.id)).toEqual([
      'i1',
      'i4',
      'i98'
    ]);
  });

  it('aborts requests for pages that are out of sight again', async () => {
    await model.open();
    const gate = new PromiseDelegate<void>();
    server.gate = gate.promise;
    model.setVisible(100, 110);
    model.setVisible(200, 210);
    gate.resolve();
    await settled();
    expect(model.at(105)).toBeUndefined();
    expect(model.at(205)?.id).toBe('i205');
    expect(model.state).toBe('ready');
  });

  it('reloads every page in sight, not only the first of them', async () => {
    await model.open();
    model.setVisible(90, 110);
    await settled();
    await model.refresh();
    await settled();
    expect(model.at(95)?.id).toBe('i95');
    expect(model.at(105)?.id).toBe('i105');
  });

  it.each(['filter', 'refresh', 'quiet refresh', 'clear filters'])(
    'shows the answer of a %s, whatever rows of the old list are in sight meanwhile',
    async what => {
      await model.open();
      model.setVisible(240, 249);
      await settled();
      const gate = new PromiseDelegate<void>();
      server.gate = gate.promise;
      server.items = server.items.map(({ id }) => item(id, `New ${id}`));
      if (what === 'filter') {
        model.filter({ q: 'i24' });
        await settled(10);
      } else if (what === 'clear filters') {
        model.clearFilters();
      } else {
        void model.refresh({ quiet: what === 'quiet refresh' });
      }
      // The view draws what it has for a moment still, wherever it stands.
      model.setVisible(240, 249);
      model.setVisible(100, 110);
      gate.resolve();
      await settled(10);
      const shown = model.at(what === 'filter' ? 0 : 105);
      expect([model.state, shown?.name.slice(0, 3)]).toEqual(['ready', 'New']);
      expect(model.total).toBe(what === 'filter' ? 11 : 250);
    }
  );

  it('waits for a pause in typing, and shows the last answer only', async () => {
    await model.open();
    model.filter({ q: 'i1' });
    model.filter({ q: 'i12' });
    expect(model.query.q).toBe('i12');
    await settled(20);
    expect(server.queries.map(({ q }) => q)).toEqual([undefined, 'i12']);
    expect(model.total).toBe(11);
    expect(model.filtered).toBe(true);
  });

  it('ignores an answer that another query has overtaken', async () => {
    await model.open();
    const gate = new PromiseDelegate<void>();
    server.gate = gate.promise;
    model.filter({ tag: ['a'] });
    model.filter({ tag: [], sort: 'name' });
    gate.resolve();
    await settled();
    expect(model.query).toEqual({ tag: [], sort: 'name' });
    expect(model.filtered).toBe(false);
    expect(model.state).toBe('ready');
    expect(model.generation).toBe(3);
  });

  it('takes lasting fields before it is opened, and asks only when they differ', async () => {
    model.configure({ sort: 'name' });
    await settled();
    expect(server.queries).toEqual([]);
    await model.open();
    model.configure({ sort: 'name' });
    model.configure({ sort: 'used' });
    await settled();
    expect(server.queries.map(({ sort }) => sort)).toEqual(['name', 'used']);
  });

  it('shows everything again and keeps lasting fields', async () => {
    model.filter({ q: 'nothing', tag: ['a'], sort: 'used' });
    model.clearFilters();
    await settled(20);
    expect(model.query).toEqual({ sort: 'used' });
    expect(model.total).toBe(250);
    expect(model.filtered).toBe(false);
  });

  it('keeps its items while the server is away, and retries with longer pauses', async () => {
    await model.open();
    jest.useFakeTimers();
    server.error = toError({ code: 'network_down', message: 'Gone' });
    await model.refresh();
    expect(model.state).toBe('failed');
    expect(model.offline).toBe(true);
    expect(model.error).toBeInstanceOf(NetworkDown);
    expect(model.at(0)?.id).toBe('i0');
    await jest.advanceTimersByTimeAsync(2_000);
    expect(server.queries).toHaveLength(3);
    await jest.advanceTimersByTimeAsync(4_000);
    expect(server.queries).toHaveLength(3);
    server.error = null;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(model.state).toBe('ready');
    expect(model.offline).toBe(false);
  });

  it('retries what stands on a hub that is away, and is quiet about it', async () => {
    await model.open();
    jest.useFakeTimers();
    const details = { outage: 'hub' };
    server.error = toError({ code: 'backend_unavailable', message: 'Away', details });
    await model.refresh();
    const states: string[] = [];
    model.changed.connect(() => states.push(model.state));
    await jest.advanceTimersByTimeAsync(8_000);
    expect(new Set(states)).toEqual(new Set(['failed']));
    server.error = null;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(model.state).toBe('ready');
    const asked = server.queries.length;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(server.queries).toHaveLength(asked);
  });

  it('asks again for an answer that is what was known before an outage', async () => {
    jest.useFakeTimers();
    let isPartial = true;
    const load = jest.fn().mockResolvedValue({ items: [], total: 0 });
    const partial = new ListModel<IItem>({
      load,
      keyOf: ({ id }) => id,
      nameOf: ({ name }) => name,
      isPartial: () => isPartial
    });
    await partial.open();
    expect(partial.state).toBe('ready');
    await jest.advanceTimersByTimeAsync(8_000);
    expect(load).toHaveBeenCalledTimes(3);
    isPartial = false;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(load).toHaveBeenCalledTimes(4);
    partial.dispose();
  });

  it('does not retry a refusal', async () => {
    jest.useFakeTimers();
    server.error = toError({ code: 'forbidden', message: 'No' });
    await model.open();
    expect(model.state).toBe('failed');
    expect(model.offline).toBe(false);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(server.queries).toHaveLength(1);
  });

  it('says nothing of a quiet refresh until the answer is there', async () => {
    await model.open();
    const states: string[] = [];
    model.changed.connect(() => states.push(model.state));
    await model.refresh({ quiet: true });
    expect(states).toEqual(['ready']);
  });

  it('goes to the top when the list became shorter than where the person was', async () => {
    await model.open();
    model.setVisible(240, 249);
    await settled();
    server.items = server.items.slice(0, 3);
    await model.refresh();
    await settled();
    expect(model.total).toBe(3);
    expect(model.at(0)?.id).toBe('i0');
  });

  it('finds an item by the beginning of its name, around the end', async () => {
    use(0);
    server.items = [item('a', 'Alpha'), item('b', 'Beta')];
    await model.open();
    expect(model.findByPrefix('be', 0)).toBe(1);
    expect(model.findByPrefix('a', 1)).toBe(0);
    expect(model.findByPrefix('x', 0)).toBe(-1);
  });

  it('puts, prepends and drops items in place', async () => {
    await model.open();
    model.put(item('i1', 'Renamed'));
    model.put(item('unknown'));
    expect(model.at(1)?.name).toBe('Renamed');
    model.drop('i0');
    model.drop('unknown');
    expect(model.at(0)?.name).toBe('Renamed');
    expect(model.total).toBe(249);
    model.prepend(item('new'));
    expect(model.at(0)?.id).toBe('new');
    expect(model.at(1)?.id).toBe('i1');
    expect(model.total).toBe(250);
  });

  it('shows a change at once and takes it back when it is refused', async () => {
    await model.open();
    const refusal = new PromiseDelegate<IItem>();
    const changing = model.change(
      'i1',
      before => ({ ...before, name: 'Changed' }),
      () => refusal.promise
    );
    expect(model.at(1)?.name).toBe('Changed');
    refusal.reject(new Error('No'));
    await expect(changing).rejects.toThrow('No');
    expect(model.at(1)?.name).toBe('Item i1');
    const saved = await model.change(
      'i1',
      before => before,
      () => Promise.resolve(item('i1', 'Saved'))
    );
    expect(saved.name).toBe('Saved');
    expect(model.at(1)?.name).toBe('Saved');
  });

  it('is silent after it was disposed', async () => {
    const changes = jest.fn();
    model.changed.connect(changes);
    model.filter({ q: 'x' });
    changes.mockClear();
    model.dispose();
    await settled(20);
    expect(model.isDisposed).toBe(true);
    expect(changes).not.toHaveBeenCalled();
    expect(server.queries).toEqual([]);
  });
});
