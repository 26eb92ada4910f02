import { ServerConnection } from '@jupyterlab/services';

import { SnippetsClient } from '../../src/snippets/client';
import { contentOf } from '../../src/snippets/editor/draft';
import { snippet } from './fixtures';

describe('SnippetsClient', () => {
  const asked: [string, string, unknown][] = [];
  let answer: unknown;
  const client = new SnippetsClient(
    ServerConnection.makeSettings({
      baseUrl: 'http://127.0.0.1:1/base/',
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const url = new URL(request.url);
        const body = await request.text();
        // The connection adds the time to what is read, so that no cache answers.
        const query = url.search.replace(/[?&]\d+$/, '');
        asked.push([
          request.method,
          url.pathname + query,
          body ? JSON.parse(body) : null
        ]);
        return new Response(answer === undefined ? null : JSON.stringify(answer), {
          status: answer === undefined ? 204 : 200
        });
      }
    })
  );

  beforeEach(() => {
    asked.length = 0;
    answer = {};
  });

  it('asks in the order of the handlers', async () => {
    const content = contentOf(snippet('a'));
    await client.list({ q: 'a b', tag: ['x', 'y'], favourite: true, limit: 100 });
    await client.create(content);
    await client.get('a');
    await client.update('a', content);
    await client.undelete('a');
    await client.restore('a', 3);
    await client.mark('library:orrery:plot', { used: true });
    await client.exportFiles(['a', 'b'], 'elyra');
    await client.importFiles({ files: [{ name: 'f', content: '' }] });
    await client.addLibrary({ name: 'l', url: 'https://git.example.org/l.git' });
    await client.refreshLibrary('l');
    expect(asked.map(([method, path]) => `${method} ${path}`)).toEqual([
      'GET /base/orrery/snippets?q=a+b&tag=x&tag=y&favourite=true&limit=100',
      'POST /base/orrery/snippets',
      'GET /base/orrery/snippets/a',
      'PUT /base/orrery/snippets/a',
      'POST /base/orrery/snippets/a/undelete',
      'POST /base/orrery/snippets/a/versions/3/restore',
      'PATCH /base/orrery/snippets/library:orrery:plot/marks',
      'GET /base/orrery/snippets/export?id=a&id=b&format=elyra',
      'POST /base/orrery/snippets/import',
      'POST /base/orrery/snippets/libraries',
      'POST /base/orrery/snippets/libraries/l/refresh'
    ]);
    expect(asked[6][2]).toEqual({ used: true });
  });

  it('gives what stands in an envelope', async () => {
    answer = { items: [{ version: 1 }] };
    expect(await client.versions('a')).toEqual([{ version: 1 }]);
    answer = { findings: [{ kind: 'key' }] };
    expect(await client.scan([{ kind: 'code', source: 'x' }])).toEqual([
      { kind: 'key' }
    ]);
    answer = { items: [{ name: 'orrery' }] };
    expect(await client.libraries()).toEqual([{ name: 'orrery' }]);
  });

  it('takes an empty answer for done', async () => {
    answer = undefined;
    await client.remove('a');
    await client.removeLibrary('l');
    await client.cancelLibrary('l');
    expect(asked.map(([method, path]) => `${method} ${path}`)).toEqual([
      'DELETE /base/orrery/snippets/a',
      'DELETE /base/orrery/snippets/libraries/l',
      'DELETE /base/orrery/snippets/libraries/l/refresh'
    ]);
  });

  it('leaves no way out of its folder', async () => {
    await client.get('../../api/me');
    expect(asked[0][1]).toBe('/base/orrery/snippets/..%2F..%2Fapi%2Fme');
  });
});
