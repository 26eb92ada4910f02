import { PrefixCache } from '../../../src/snippets/completion/prefixes';
import { SnippetsModel } from '../../../src/snippets/model';
import type { Snippet } from '../../../src/snippets/schemas';
import { MemoryClient, snippet } from '../fixtures';

const withPrefix = (prefix: string, language = 'python'): Snippet =>
  snippet(prefix, { prefixes: [prefix], language });

describe('the prefixes', () => {
  const create = (
    ...snippets: Snippet[]
  ): [PrefixCache, MemoryClient, SnippetsModel] => {
    const client = new MemoryClient(...snippets);
    const model = new SnippetsModel(client, 1);
    return [new PrefixCache(model), client, model];
  };
  const ids = async (
    cache: PrefixCache,
    text: string,
    language = 'python'
  ): Promise<string[]> => (await cache.matching(language, [text])).map(({ id }) => id);

  it('are those that begin so, in the language', async () => {
    const [cache] = create(
      withPrefix('lake-csv'),
      withPrefix('Lake-sql', 'sql'),
      withPrefix('plot'),
      snippet('none')
    );
    expect(await ids(cache, 'LA')).toEqual(['lake-csv']);
    expect(await ids(cache, 'la', 'sql')).toEqual(['Lake-sql']);
    expect(await ids(cache, 'x')).toEqual([]);
  });

  it('are reached among any number', async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => withPrefix(`p${n}`));
    const [cache, client] = create(...many, withPrefix('p-last', 'sql'));
    expect(await ids(cache, 'p4321')).toEqual(['p4321']);
    // More than a page begins so: then those of the language come first.
    expect(await ids(cache, 'p', 'sql')).toEqual(['p-last']);
    expect(client.asked.at(-1)).toMatchObject({ beginning: ['p'], language: 'sql' });
  });

  it('are asked for once for all that is typed after', async () => {
    const [cache, client, model] = create(withPrefix('lake-csv'), withPrefix('lamp'));
    await ids(cache, 'la');
    expect(await ids(cache, 'lak')).toContain('lake-csv');
    await ids(cache, 'la');
    expect(client.asked.length).toBe(1);
    await model.save({ name: 'New', cells: [{ source: 'x' }] } as never);
    const before = client.asked.length;
    await ids(cache, 'la');
    expect(client.asked.length).toBe(before + 1);
  });

  it('are none while the server is away', async () => {
    const [cache, client] = create(withPrefix('lake-csv'));
    client.error = new Error('away');
    expect(await ids(cache, 'la')).toEqual([]);
    client.error = null;
    expect(await ids(cache, 'la')).toEqual(['lake-csv']);
  });
});
