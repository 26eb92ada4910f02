/**
 * A long list of which the rows in sight are known.
 */
import { toError } from '../../src/base/errors';

import { PAGE_ROWS, TableModel, type Query } from '../../admin/table/model';

interface ICall {
  query: Query & { offset: number; limit: number };
  signal: AbortSignal;
  answer: (total: number) => Promise<void>;
  fail: (error: Error) => Promise<void>;
}

/** A model whose calls are answered by hand. */
function open(query: Query = {}): { model: TableModel<string>; calls: ICall[] } {
  const calls: ICall[] = [];
  const model = new TableModel<string>(
    (asked, signal) =>
      new Promise((resolve, reject) => {
        const settle = async (act: () => void) => {
          act();
          await Promise.resolve();
          await new Promise(process.nextTick);
        };
        calls.push({
          query: asked,
          signal,
          answer: total =>
            settle(() => {
              const size = Math.max(0, Math.min(asked.limit, total - asked.offset));
              const items = Array.from(
                { length: size },
                (_, index) => `${String(asked.q ?? '')}${asked.offset + index}`
              );
              resolve({ items, total, offset: asked.offset, limit: asked.limit });
            }),
          fail: error => settle(() => reject(error))
        });
      }),
    query
  );
  return { model, calls };
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
});

afterEach(() => {
  jest.useRealTimers();
});

it('asks for each page in sight once', async () => {
  const { model, calls } = open();
  model.ensure(0, 10);
  model.ensure(0, 20);
  expect(calls.map(call => call.query.offset)).toEqual([0]);
  await calls[0].answer(10_000);
  expect(model.state.value).toMatchObject({ total: 10_000, isLoading: false });
  model.ensure(5_050, 5_150);
  expect(calls.slice(1).map(call => call.query.offset)).toEqual([5_000, 5_100]);
  await calls[1].answer(10_000);
  expect(model.state.value.rows.get(5_050)).toBe('5050');
  expect(model.state.value.rows.has(5_150)).toBe(false);
  expect(calls[0].query.limit).toBe(PAGE_ROWS);
});

it('keeps the old rows until the new ones come, and drops a late answer', async () => {
  const { model, calls } = open({ q: '' });
  model.ensure(0, 0);
  await calls[0].answer(3);
  model.setQuery({ q: 'a' });
  model.setQuery({ q: 'ab' });
  jest.runAllTimers();
  expect(calls).toHaveLength(2);
  expect(calls[1].query.q).toBe('ab');
  expect(model.state.value.rows.size).toBe(3);
  expect(model.state.value.isLoading).toBe(true);
  model.setQuery({ q: 'abc' });
  jest.runAllTimers();
  expect(calls[1].signal.aborted).toBe(true);
  await calls[1].answer(2);
  expect(model.state.value.rows.size).toBe(3);
  await calls[2].answer(1);
  expect([...model.state.value.rows.values()]).toEqual(['abc0']);
  expect(model.state.value.total).toBe(1);
});

it('does not ask again when nothing changed', () => {
  const { model, calls } = open({ q: 'x' });
  model.setQuery({ q: 'x' });
  jest.runAllTimers();
  expect(calls).toHaveLength(0);
});

it('shows a failure, and asks again when told to', async () => {
  const { model, calls } = open();
  model.ensure(0, 0);
  await calls[0].fail(toError({ code: 'network_down', message: 'Gone' }));
  expect(model.state.value.error?.message).toBe('Gone');
  model.refresh();
  await calls[1].answer(1);
  expect(model.state.value.error).toBeUndefined();
});

it('says of a failure that is no answer of the service what it was', async () => {
  const { model, calls } = open();
  model.ensure(0, 0);
  await calls[0].fail(new Error('a fault'));
  expect(model.state.value.error?.reason).toContain('a fault');
});

it('replaces a row that changed', async () => {
  const { model, calls } = open();
  model.ensure(0, 0);
  await calls[0].answer(3);
  model.replace(row => row === '1', 'changed');
  expect([...model.state.value.rows.values()]).toEqual(['0', 'changed', '2']);
});

it('drops what comes after it was disposed', async () => {
  const { model, calls } = open();
  model.ensure(0, 0);
  model.dispose();
  await calls[0].answer(3);
  expect(model.state.value.total).toBeUndefined();
});
