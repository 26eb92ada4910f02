import { ServerConnection } from '@jupyterlab/services';

import { SnippetsCalls } from '../../src/snippets/calls';
import { contentOf } from '../../src/snippets/editor/draft';
import { SnippetsModel } from '../../src/snippets/model';
import { snippet } from './fixtures';

describe('SnippetsCalls', () => {
  const requests: [string, string, unknown][] = [];
  let answer: unknown;
  const calls = new SnippetsCalls(
    ServerConnection.makeSettings({
      baseUrl: 'http://127.0.0.1:1/base/',
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const url = new URL(request.url);
        const body = await request.text();
        // The connection adds the time to what is read, so that no cache answers.
        const query = url.search.replace(/[?&]\d+$/, '');
        requests.push([
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
    requests.length = 0;
    answer = {};
  });

  it('asks in the order of the handlers', async () => {
    const content = contentOf(snippet('a'));
    await calls.list({ q: 'a b', tag: ['x', 'y'], favourite: true, limit: 100 });
    await calls.create(content);
    await calls.get('a');
    await calls.update('a', content);
    await calls.undelete('a');
    await calls.restore('a', 3);
    await calls.mark('library:orrery:plot', { used: true });
    await calls.export({ id: ['a', 'b'], format: 'elyra' });
    await calls.importFiles({ files: [{ name: 'f', content: '' }] });
    await calls.addLibrary({ name: 'l', url: 'https://git.example.org/l.git' });
    await calls.refreshLibrary('l');
    expect(requests.map(([method, path]) => `${method} ${path}`)).toEqual([
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
    expect(requests[6][2]).toEqual({ used: true });
  });

  it('gives what stands in an envelope', async () => {
    answer = { items: [{ version: 1 }] };
    const model = new SnippetsModel(calls);
    expect(await model.versions('a')).toEqual([{ version: 1 }]);
    answer = { findings: [{ kind: 'key' }] };
    expect(await model.scan([{ kind: 'code', source: 'x' }])).toEqual([
      { kind: 'key' }
    ]);
  });

  it('takes an empty answer for done', async () => {
    answer = undefined;
    await calls.delete('a');
    await calls.removeLibrary('l');
    await calls.cancelLibrary('l');
    expect(requests.map(([method, path]) => `${method} ${path}`)).toEqual([
      'DELETE /base/orrery/snippets/a',
      'DELETE /base/orrery/snippets/libraries/l',
      'DELETE /base/orrery/snippets/libraries/l/refresh'
    ]);
  });

  it('leaves no way out of its folder', async () => {
    await calls.get('../../api/me');
    expect(requests[0][1]).toBe('/base/orrery/snippets/..%2F..%2Fapi%2Fme');
  });
});
