import { Notification } from '@jupyterlab/apputils';

import { JobNotifications } from '../../src/base/jobs/jobnotifications';
import { runText } from '../../src/eda/notifications';
import type { Run } from '../../src/eda/schemas';
import { createFixture, idOf, run, trans, type IFixture } from './fixtures';

let all: IFixture;
let notifications: JobNotifications<Run>;
let isShown: boolean;
const actions = { open: jest.fn(), cancel: jest.fn(), rerun: jest.fn() };

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-21T00:01:00Z') });
  Notification.dismiss();
  isShown = false;
  all = createFixture();
  notifications = new JobNotifications({
    ...actions,
    jobs: all.model.active,
    trans,
    textOf: job => runText(job, trans),
    isEnabled: () => all.preferences.values.notify,
    isShown: () => isShown
  });
});

afterEach(() => {
  notifications.dispose();
  all.model.dispose();
  Notification.dismiss();
  jest.useRealTimers();
});

const shown = () => Notification.manager.notifications;
const press = (label: string): void =>
  shown()
    .at(-1)!
    .options.actions!.find(action => action.label === label)!
    .callback(new MouseEvent('click'));

describe('the notifications', () => {
  it('say how far a long run is that is out of sight, and how it ended', async () => {
    all.client.runList = [run(1, { state: 'running', progress: 0.2 })];
    await all.model.refresh();
    expect(shown()).toHaveLength(1);
    expect(shown()[0]).toMatchObject({
      message: 'Profiling wine.parquet',
      type: 'in-progress',
      options: { progress: 0.2 }
    });
    press('Cancel');
    expect(actions.cancel).toHaveBeenCalledWith(idOf(1));
    all.client.become(idOf(1), { progress: 0.6 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(shown()[0].options.progress).toBe(0.6);
    all.client.become(idOf(1), { state: 'done' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(shown().map(({ message }) => message)).toEqual(['wine.parquet is ready']);
    press('Open');
    expect(actions.open).toHaveBeenCalledWith(idOf(1));
  });

  it('are silent on short runs until they end, and offer to run again what failed', async () => {
    const created = new Date().toISOString();
    all.client.runList = [run(1, { state: 'running', created })];
    await all.model.refresh();
    expect(shown()).toEqual([]);
    all.client.become(idOf(1), {
      state: 'failed',
      error: { code: 'out_of_memory', message: 'No memory.', reason: '', remedy: '' }
    });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(shown()[0].message).toBe('wine.parquet failed. No memory.');
    press('Run again');
    expect(actions.rerun).toHaveBeenCalledWith(idOf(1));
  });

  it('say once what several runs fail of, and nothing any more when it works', async () => {
    const error = { code: 'x', message: 'The disk is full.', reason: '', remedy: '' };
    all.client.runList = [1, 2, 3].map(number => run(number, { state: 'running' }));
    await all.model.refresh();
    for (const number of [1, 2]) {
      all.client.become(idOf(number), { state: 'failed', error });
    }
    await jest.advanceTimersByTimeAsync(1_000);
    const failed = () => shown().filter(({ type }) => type === 'error');
    expect(failed()).toHaveLength(1);
    all.client.become(idOf(3), { state: 'done' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(failed()).toEqual([]);
  });

  it('are silent on what is in sight, and go when it comes into sight', async () => {
    all.client.runList = [run(1, { state: 'running' })];
    await all.model.refresh();
    expect(shown()).toHaveLength(1);
    isShown = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(shown()).toEqual([]);
    all.client.become(idOf(1), { state: 'done' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(shown()).toEqual([]);
  });

  it.each([
    ['cancelled', (): Promise<void> => all.model.cancel(idOf(1))],
    ['deleted', (): Promise<void> => all.model.remove(idOf(1))]
  ])('go with a run that is %s', async (_, end) => {
    all.client.runList = [run(1, { state: 'running' })];
    await all.model.refresh();
    await end();
    expect(shown()).toEqual([]);
  });

  it('can be turned off', async () => {
    await all.preferences.set('notify', false);
    all.client.runList = [run(1, { state: 'running' })];
    await all.model.refresh();
    all.client.become(idOf(1), { state: 'failed' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(shown()).toEqual([]);
  });
});
