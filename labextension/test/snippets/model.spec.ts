import { toError } from '../../src/base/errors';
import { contentOf } from '../../src/snippets/editor/draft';
import { SnippetsModel } from '../../src/snippets/model';
import { MemoryClient, settled, snippet } from './fixtures';

const many = (count: number): MemoryClient =>
  new MemoryClient(
    ...Array.from({ length: count }, (_, index) => snippet(`s${index}`))
  );

describe('SnippetsModel', () => {
  let client: MemoryClient;
  let model: SnippetsModel;

  const use = (next: MemoryClient): void => {
    client = next;
    model = new SnippetsModel(client, 5);
  };

  beforeEach(() => use(many(250)));
  afterEach(() => model.dispose());

  it('tells what the server tells beside the snippets', async () => {
    expect(model.overall).toBe(0);
    expect(model.notices).toEqual([]);
    expect(client.asked).toEqual([]);
    await model.open();
    expect(client.asked).toEqual([{ offset: 0, limit: 100 }]);
    expect(model.overall).toBe(250);
    model.filter({ q: 's12' });
    await new Promise(resolve => setTimeout(resolve, 20));
    await settled();
    expect(model.total).toBe(11);
    expect(model.overall).toBe(250);
  });

  it('is not narrowed by its order, nor by its project', async () => {
    model.filter({ q: 'nothing', favourite: true, sort: 'used' });
    expect(model.filtered).toBe(true);
    model.clearFilters();
    await settled();
    expect(model.query).toEqual({ sort: 'used' });
    expect(model.total).toBe(250);
    expect(model.filtered).toBe(false);
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
    model.filter({ favourite: true });
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
    model.filter({ sort: 'position' });
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
    model.filter({ sort: 'position' });
    await settled();
    await model.move('c', 1);
    expect(client.marks).toEqual([['c', { position: 0.5 }]]);
  });

  it('passes on what it does not keep', async () => {
    await model.open();
    expect((await model.search({ q: 's7' })).total).toBe(11);
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
});
