import { PromiseDelegate } from '@lumino/coreutils';

import { NetworkDown, toError } from '../../src/base/errors';
import { contentOf } from '../../src/snippets/draft';
import { PAGE, SnippetsModel } from '../../src/snippets/model';
import { MemoryClient, settled, snippet } from './memory';

const many = (count: number): MemoryClient =>
  new MemoryClient(
    ...Array.from({ length: count }, (_, index) => snippet(`s${index}`))
  );

describe('SnippetsModel', () => {
  let client: MemoryClient;
  let model: SnippetsModel;

  const use = (next: MemoryClient): void => {
    client = next;
    model = new SnippetsModel({ client, debounceMs: 5 });
  };

  beforeEach(() => use(many(250)));
  afterEach(() => {
    jest.useRealTimers();
    model.dispose();
  });

  it('asks for nothing before it is opened, and for one page then', async () => {
    expect(model.state).toBe('idle');
    expect(client.asked).toEqual([]);
    await model.open();
    expect(model.state).toBe('ready');
    expect(client.asked).toEqual([{ offset: 0, limit: PAGE }]);
    expect(model.total).toBe(250);
    expect(model.overall).toBe(250);
    expect(model.at(PAGE - 1)?.id).toBe('s99');
    expect(model.at(PAGE)).toBeUndefined();
    await model.open();
    expect(client.asked).toHaveLength(1);
  });

  it('brings the pages of the rows that are seen, each once', async () => {
    await model.open();
    model.show(90, 120);
    model.show(95, 125);
    await settled();
    expect(client.asked.map(query => query.offset)).toEqual([0, 100]);
    expect(model.at(120)?.id).toBe('s120');
    expect(model.indexOf('s120')).toBe(120);
  });

  it('stops asking for pages that are out of sight again', async () => {
    await model.open();
    const gate = new PromiseDelegate<void>();
    client.gate = gate.promise;
    model.show(100, 110);
    model.show(200, 210);
    gate.resolve();
    await settled();
    expect(model.at(105)).toBeUndefined();
    expect(model.at(205)?.id).toBe('s205');
    expect(model.state).toBe('ready');
  });

  it('waits for a pause in typing, and shows only the last answer', async () => {
    await model.open();
    model.narrow({ q: 's1' });
    model.narrow({ q: 's12' });
    expect(model.query.q).toBe('s12');
    await new Promise(resolve => setTimeout(resolve, 20));
    await settled();
    expect(client.asked.map(query => query.q)).toEqual([undefined, 's12']);
    expect(model.total).toBe(11);
    expect(model.filtered).toBe(true);
  });

  it('forgets an answer that another question has overtaken', async () => {
    await model.open();
    const gate = new PromiseDelegate<void>();
    client.gate = gate.promise;
    model.narrow({ language: 'r' });
    model.narrow({ language: null, sort: 'name' });
    gate.resolve();
    await settled();
    expect(model.query).toEqual({ language: null, sort: 'name' });
    expect(model.state).toBe('ready');
    expect(model.generation).toBe(3);
  });

  it('takes an order before it is opened, and asks only when it is another one', async () => {
    model.order('name');
    await settled();
    expect(client.asked).toEqual([]);
    await model.open();
    model.order('name');
    model.order('used');
    await settled();
    expect(client.asked.map(query => query.sort)).toEqual(['name', 'used']);
  });

  it('shows all again and keeps the order', async () => {
    model.narrow({ q: 'nothing', favourite: true, sort: 'used' });
    model.clear();
    await settled();
    expect(model.query).toEqual({ sort: 'used', project: undefined });
    expect(model.total).toBe(250);
    expect(model.filtered).toBe(false);
  });

  it('keeps its rows when the server is away, and comes back by itself', async () => {
    await model.open();
    jest.useFakeTimers();
    client.error = toError({ code: 'network_down', message: 'Gone' });
    await model.refresh();
    expect(model.state).toBe('failed');
    expect(model.offline).toBe(true);
    expect(model.error).toBeInstanceOf(NetworkDown);
    expect(model.at(0)?.id).toBe('s0');
    client.error = null;
    await jest.advanceTimersByTimeAsync(2_000);
    expect(model.state).toBe('ready');
    expect(model.offline).toBe(false);
  });

  it('does not ask again by itself when it was refused', async () => {
    jest.useFakeTimers();
    client.error = toError({ code: 'forbidden', message: 'No' });
    await model.open();
    expect(model.offline).toBe(false);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(client.asked).toHaveLength(1);
  });

  it('goes to the top when the list became shorter than where the person was', async () => {
    await model.open();
    model.show(240, 249);
    await settled();
    client.snippets = client.snippets.slice(0, 3);
    await model.refresh();
    await settled();
    expect(model.total).toBe(3);
    expect(model.at(0)?.id).toBe('s0');
  });

  it('finds a row by the beginning of its name, around the end', async () => {
    use(
      new MemoryClient(snippet('a', { name: 'Alpha' }), snippet('b', { name: 'Beta' }))
    );
    await model.open();
    expect(model.seek('be', 0)).toBe(1);
    expect(model.seek('a', 1)).toBe(0);
    expect(model.seek('x', 0)).toBe(-1);
  });

  it('creates, saves, deletes and brings back, and says which', async () => {
    await model.open();
    const stored: string[] = [];
    model.stored.connect((_, id) => stored.push(id));
    const made = await model.save({ ...contentOf(snippet('x')), name: 'New' });
    expect(client.snippets.at(-1)?.name).toBe('New');
    const next = { ...contentOf(client.snippets[0]), name: 'Renamed', base_version: 1 };
    await model.save(next, 's0');
    expect(model.at(0)?.name).toBe('Renamed');
    await settled();
    await model.remove('s0');
    expect(model.indexOf('s0')).toBe(-1);
    expect(model.at(0)?.id).toBe('s1');
    await settled();
    expect(model.total).toBe(250);
    await model.undelete('s0');
    await settled();
    expect(model.total).toBe(251);
    expect(stored).toEqual([made.id, 's0', 's0', 's0']);
  });

  it('shows a mark at once and takes it back when the server refuses', async () => {
    await model.open();
    client.error = toError({ code: 'forbidden', message: 'No' });
    const marking = model.mark('s1', { favourite: true });
    expect(model.at(1)?.favourite).toBe(true);
    await expect(marking).rejects.toThrow('No');
    expect(model.at(1)?.favourite).toBe(false);
  });

  it('counts a use and forgets that there was something unseen', async () => {
    use(new MemoryClient(snippet('a', { unseen: true })));
    await model.open();
    const marking = model.mark('a', { used: true, seen: true });
    expect(model.at(0)).toMatchObject({ uses: 1, unseen: false });
    await marking;
    expect(client.marks).toEqual([['a', { used: true, seen: true }]]);
  });

  it('drops a row from the favourites when it is one no more', async () => {
    use(
      new MemoryClient(
        snippet('a', { favourite: true }),
        snippet('b', { favourite: true })
      )
    );
    model.narrow({ favourite: true });
    await settled();
    await model.mark('a', { favourite: false });
    await settled();
    expect(model.total).toBe(1);
    expect(model.at(0)?.id).toBe('b');
  });

  it.each([
    ['a', 3, 'bcad'],
    ['d', 0, 'dabc'],
    ['d', 1, 'adbc'],
    ['a', 4, 'bcda'],
    ['b', 1, 'abcd'],
    ['b', 2, 'abcd']
  ])('moves %s in front of row %i of abcd: %s', async (id, before, order) => {
    use(new MemoryClient(...[...'abcd'].map(one => snippet(one))));
    model.narrow({ sort: 'position' });
    await settled();
    await model.move(id, before);
    const shown = [0, 1, 2, 3].map(index => model.at(index)?.id).join('');
    expect(shown).toBe(order);
  });

  it('moves one row with one request when all were placed before', async () => {
    use(
      new MemoryClient(
        ...[...'abc'].map((one, index) => snippet(one, { position: index }))
      )
    );
    model.narrow({ sort: 'position' });
    await settled();
    await model.move('c', 1);
    expect(client.marks).toEqual([['c', { position: 0.5 }]]);
  });

  it('passes on what it does not keep', async () => {
    await model.open();
    expect((await model.find({ q: 's7' })).total).toBe(11);
    expect((await model.get('s7')).id).toBe('s7');
    expect((await model.versions('s7'))[0].version).toBe(1);
    expect((await model.restore('s7', 1)).version).toBe(2);
    expect(model.at(7)?.version).toBe(2);
    expect(await model.scan([{ kind: 'code', source: 'password' }])).toHaveLength(1);
    await model.importFiles({ files: [{ name: 'f', content: '' }] });
    expect(model.total).toBe(251);
    expect((await model.exportFiles(['s1'], 'elyra')).files).toHaveLength(1);
    expect(model.notices).toEqual([]);
  });

  it('is silent after it was disposed', async () => {
    const changes = jest.fn();
    model.changed.connect(changes);
    model.narrow({ q: 'x' });
    changes.mockClear();
    model.dispose();
    model.dispose();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(model.isDisposed).toBe(true);
    expect(changes).not.toHaveBeenCalled();
    expect(client.asked).toEqual([]);
  });
});
