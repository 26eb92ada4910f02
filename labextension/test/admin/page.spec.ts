/**
 * The models of the page of administration: calls, address, theme, messages.
 */
import { OrreryError, Unauthenticated } from '../../src/base/errors';

import { Api, parametersOf } from '../../admin/api';
import { devicesOf } from '../../admin/devicemap';
import { takeFacts } from '../../admin/facts';
import { count, relative } from '../../admin/format';
import { queryOf } from '../../admin/listview';
import { formatHash, parseHash } from '../../admin/route';
import type { Lease } from '../../admin/schemas';
import { resolveTheme, storedChoice } from '../../admin/theme';
import { Toasts } from '../../admin/toasts';
import { waitText } from '../../admin/views/queue';

const FACTS = {
  key: 'secret-key',
  user: 'root',
  isAdmin: true,
  api: '/services/orrery/api',
  hub: '/hub/',
  version: '1'
};

function respond(status: number, body: string): Response {
  return {
    ok: status < 400,
    status,
    statusText: 'x',
    text: () => Promise.resolve(body)
  } as Response;
}

it('sends the key in a header, and never in the address', async () => {
  const fetcher = jest.fn().mockResolvedValue(respond(200, '{"a":1}'));
  const api = new Api(FACTS, fetcher);
  const answer = await api.call('people', {
    method: 'POST',
    body: { to: 1 },
    query: { q: 'a b', none: '' }
  });
  expect(answer).toEqual({ a: 1 });
  const [address, init] = fetcher.mock.calls[0] as [string, RequestInit];
  expect(address).toBe('/services/orrery/api/people?q=a+b');
  expect(init.headers).toMatchObject({ 'X-Orrery-Page': 'secret-key' });
  expect(init).toMatchObject({ body: '{"to":1}', method: 'POST', redirect: 'error' });
});

it('rejects with the error of the service, and says when the log-in has ended', async () => {
  const body = { code: 'unauthenticated', message: 'You are not logged in' };
  const api = new Api(FACTS, () => Promise.resolve(respond(401, JSON.stringify(body))));
  const ended = jest.fn();
  api.onEnd = ended;
  await expect(api.call('people')).rejects.toBeInstanceOf(Unauthenticated);
  expect(ended).toHaveBeenCalledTimes(1);
});

it('makes an error of what is no answer', async () => {
  const lost = new Api(FACTS, () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(lost.call('people')).rejects.toMatchObject({
    message: 'The hub service cannot be reached'
  });
  const page = new Api(FACTS, () => Promise.resolve(respond(502, '<html>')));
  await expect(page.call('people')).rejects.toMatchObject({
    reason: 'What came back was 502 x.'
  });
  const abort = new AbortController();
  abort.abort();
  await expect(lost.call('people', { signal: abort.signal })).rejects.toMatchObject({
    code: 'cancelled'
  });
});

it('takes its facts out of the page', () => {
  const element = document.createElement('div');
  element.dataset.facts = JSON.stringify(FACTS);
  expect(takeFacts(element)).toEqual(FACTS);
  expect(element.outerHTML).not.toContain('secret-key');
  expect(() => takeFacts(element)).toThrow('without facts');
});

it.each([
  ['', { view: '', params: {} }],
  ['#people', { view: 'people', params: {} }],
  ['#audit?q=a+b&project=p', { view: 'audit', params: { q: 'a b', project: 'p' } }]
])('reads the address %p', (hash, route) => {
  expect(parseHash(hash)).toEqual(route);
});

it('writes an address without what says nothing', () => {
  expect(formatHash({ view: 'people', params: { q: '', ended: 'true' } })).toBe(
    '#people?ended=true'
  );
});

it('asks for what the address says, and else for what was so at first', () => {
  const filters = [{ name: 'state', label: 'State', initial: 'in_use', options: [] }];
  expect(queryOf({}, { search: 'x', sort: 'name', filters })).toEqual({
    q: '',
    sort: 'name',
    descending: false,
    state: 'in_use'
  });
  expect(
    queryOf(
      { q: 'x', sort: 'slug', descending: 'true', state: 'all' },
      {
        search: 'x',
        sort: 'name',
        filters
      }
    )
  ).toEqual({ q: 'x', sort: 'slug', descending: true, state: 'all' });
  expect(queryOf({}, { search: '', sort: '' })).toEqual({});
});

it('leaves parameters out that say nothing', () => {
  expect(parametersOf({ a: '', b: null, c: undefined, d: false, e: 0 })).toBe(
    '?d=false&e=0'
  );
  expect(parametersOf({})).toBe('');
});

it.each([
  ['system', ['dark'], 'dark'],
  ['system', ['dark', 'more'], 'high-contrast'],
  ['system', [], 'light'],
  ['light', ['dark'], 'light']
] as const)(
  'resolves the theme %p on a machine that prefers %p',
  (choice, prefers, theme) => {
    expect(
      resolveTheme(choice, query => prefers.some(word => query.includes(word)))
    ).toBe(theme);
  }
);

it('takes the theme of JupyterHub’s pages', () => {
  const storage = (values: Record<string, string>) => ({
    getItem: (name: string) => values[name] ?? null
  });
  expect(storedChoice(storage({ 'jupyterhub-bs-theme': 'dark' }))).toBe('dark');
  expect(storedChoice(storage({ 'jupyterhub-bs-theme': 'auto' }))).toBe('system');
  expect(
    storedChoice(
      storage({ 'jupyterhub-bs-theme': 'dark', 'orrery-admin-theme': 'high-contrast' })
    )
  ).toBe('high-contrast');
});

it('says times and counts as a person does', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(relative('2026-01-01T22:00:00Z', now)).toBe('2 hours ago');
  expect(relative('2026-01-02T00:00:00Z', now)).toBe('now');
  expect(count(1, 'person', 'people')).toBe('1 person');
  expect(count(2_000, 'person', 'people')).toBe('2,000 people');
});

it('closes a message about success by itself, and keeps one about a failure', () => {
  jest.useFakeTimers();
  const toasts = new Toasts();
  toasts.info('Done');
  toasts.error(new OrreryError({ message: 'No', reason: 'Why.', remedy: 'Do.' }));
  toasts.error(new OrreryError({ message: 'No', reason: 'Why.', remedy: 'Do.' }));
  expect(toasts.list.value.map(toast => toast.text)).toEqual(['Done', 'No']);
  jest.runAllTimers();
  expect(toasts.list.value).toMatchObject([{ text: 'No', detail: 'Why. Do.' }]);
  toasts.close(toasts.list.value[0].id);
  expect(toasts.list.value).toEqual([]);
  jest.useRealTimers();
});

it.each([
  [null, '–'],
  [{ low_seconds: 61, high_seconds: 600 }, '2 to 10 minutes'],
  [{ low_seconds: 10, high_seconds: 60 }, '1 minute']
])('says the wait %j', (wait, text) => {
  expect(waitText(wait)).toBe(text);
});

it('draws one cell for each device, those in use first', () => {
  const lease = (user: string, devices: number) => ({ user, devices }) as Lease;
  const users = (leases: readonly Lease[], total: number | null) =>
    devicesOf(leases, total).map(device => device.lease?.user);
  expect(users([lease('ada', 2), lease('bob', 1)], 4)).toEqual([
    'ada',
    'ada',
    'bob',
    undefined
  ]);
  expect(users([lease('ada', 1)], null)).toEqual(['ada']);
  // More than there are, after a pool was made smaller: nothing is hidden.
  expect(users([lease('ada', 3)], 2)).toHaveLength(3);
  expect(users([], 0)).toEqual([]);
});
