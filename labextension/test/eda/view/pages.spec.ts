import { ALL, ColumnPages, PAGE } from '../../../src/eda/view/pages';
import { column, ID, MemoryClient } from './fixtures';

let client: MemoryClient;
let pages: ColumnPages;

beforeEach(() => {
  client = new MemoryClient();
  client.table = Array.from({ length: 120 }, (_, index) =>
    column({ index, name: `column ${index}`, missing: index })
  );
  pages = new ColumnPages({ client, id: ID, debounceMs: 5 });
});

afterEach(() => pages.dispose());

async function soon(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20));
}

describe('ColumnPages', () => {
  it('fetches nothing before there is anything to see', async () => {
    pages.show(0, 10);
    await soon();
    expect(client.asked).toHaveLength(0);
  });

  it('fetches the pages that come into view, once', async () => {
    pages.refine(1, 120);
    await soon();
    expect(client.asked.map(one => one.offset)).toEqual([0]);
    pages.show(45, 60);
    pages.show(46, 61);
    await soon();
    expect(client.asked.map(one => one.offset)).toEqual([0, PAGE]);
    expect(pages.at(60)?.name).toBe('column 60');
    expect(pages.at(110)).toBeUndefined();
  });

  it('asks again for what is in view when it was refined, and keeps it meanwhile', async () => {
    pages.refine(1, 120);
    await soon();
    client.table[3] = column({ index: 3, name: 'column 3', distinct: 7 });
    pages.refine(2, 120);
    expect(pages.at(3)?.distinct).toBe(90);
    await soon();
    expect(pages.at(3)?.distinct).toBe(7);
    expect(client.asked.map(one => one.offset)).toEqual([0, 0]);
  });

  it('lets no column jump while others arrive: its place is its index', async () => {
    client.table = [5, 2].map(index => column({ index, name: `column ${index}` }));
    pages.refine(1, 120);
    await soon();
    expect(pages.total).toBe(120);
    expect(pages.at(5)?.name).toBe('column 5');
    expect(pages.at(0)).toBeUndefined();
  });

  it('asks once for what is typed', async () => {
    pages.refine(1, 120);
    await soon();
    pages.narrow({ q: 'column 1' });
    pages.narrow({ q: 'column 11' });
    await soon();
    expect(client.asked.slice(1).map(one => one.q)).toEqual(['column 11']);
    expect(pages.total).toBe(11);
    expect(pages.at(1)?.index).toBe(110);
  });

  it('lists by another order from the top', async () => {
    pages.refine(1, 120);
    await soon();
    const { generation } = pages;
    pages.narrow({ sort: 'missing' });
    await soon();
    expect(pages.generation).toBe(generation + 1);
    expect(pages.at(0)?.index).toBe(119);
    expect(pages.column(119)?.name).toBe('column 119');
  });

  it('says what failed and asks again when told to', async () => {
    const refusal = new Error('no');
    const columns = client.columns.bind(client);
    client.columns = () => Promise.reject(refusal);
    pages.refine(1, 120);
    await soon();
    expect(pages.error).toBe(refusal);
    client.columns = columns;
    pages.retry();
    await soon();
    expect(pages.error).toBeNull();
    expect(pages.at(0)?.index).toBe(0);
  });

  it('takes no answer to a question that is out of date', async () => {
    pages.refine(1, 120);
    await soon();
    let late: (() => void) | undefined;
    const columns = client.columns.bind(client);
    client.columns = async (id, query) => {
      await new Promise<void>(resolve => (late = resolve));
      return columns(id, query);
    };
    pages.narrow({ q: 'column 7' });
    await soon();
    client.columns = columns;
    pages.narrow(ALL);
    await soon();
    late?.();
    await soon();
    expect(pages.total).toBe(120);
    expect(pages.at(0)?.index).toBe(0);
  });
});
