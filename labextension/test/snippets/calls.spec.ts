import { request } from '../../src/base/request';
import { SnippetsCalls } from '../../src/snippets/calls';

jest.mock('../../src/base/request', () => ({
  ...jest.requireActual<object>('../../src/base/request'),
  request: jest.fn(() => Promise.resolve(undefined))
}));

const sent = jest.mocked(request);

beforeEach(() => {
  sent.mockClear();
});

it('sends the path, the query and the options of the caller', async () => {
  const { signal } = new AbortController();
  await new SnippetsCalls().list({ q: 'a', tag: ['x'] }, { signal });
  expect(sent).toHaveBeenCalledWith(
    'snippets',
    { signal, query: { q: 'a', tag: ['x'] } },
    undefined
  );
});

it('keeps a value in its own segment, and the colons of an id', async () => {
  await new SnippetsCalls().restore('library:orrery:a/b', 3);
  expect(sent).toHaveBeenCalledWith(
    'snippets/library:orrery:a%2Fb/versions/3/restore',
    { method: 'POST' },
    undefined
  );
});

it('sends a body', async () => {
  await new SnippetsCalls().mark('a', { favourite: true });
  expect(sent).toHaveBeenCalledWith(
    'snippets/a/marks',
    { method: 'PATCH', body: { favourite: true } },
    undefined
  );
});
