import { Notification } from '@jupyterlab/apputils';

import { Notices, type INoticeActions } from '../../src/eda/notices';
import { idOf, made, run, type IMade } from './fixtures';

let all: IMade;
let actions: jest.Mocked<INoticeActions>;
let notices: Notices;
let shown: boolean;

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-21T00:01:00Z') });
  Notification.dismiss();
  shown = false;
  all = made();
  actions = {
    open: jest.fn(),
    cancel: jest.fn(),
    again: jest.fn(),
    isShown: jest.fn<boolean, [string]>(() => shown)
  };
  notices = new Notices(all.bench, actions);
});

afterEach(() => {
  notices.dispose();
  all.model.dispose();
  Notification.dismiss();
  jest.useRealTimers();
});

const told = () => Notification.manager.notifications;
const press = (label: string): void =>
  told()
    .at(-1)!
    .options.actions!.find(one => one.label === label)!
    .callback(new MouseEvent('click'));

describe('the notices', () => {
  it('say how far a long run is that is out of sight, and how it ended', async () => {
    all.client.runList = [run(1, { state: 'running', progress: 0.2 })];
    await all.model.refresh();
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatchObject({
      message: 'Profiling wine.parquet',
      type: 'in-progress',
      options: { progress: 0.2 }
    });
    press('Cancel');
    expect(actions.cancel).toHaveBeenCalledWith(idOf(1));
    all.client.become(idOf(1), { progress: 0.6 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told()[0].options.progress).toBe(0.6);
    all.client.become(idOf(1), { state: 'done' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told().map(one => one.message)).toEqual(['wine.parquet is ready']);
    press('Open');
    expect(actions.open).toHaveBeenCalledWith(idOf(1));
  });

  it('are silent on short runs until they end, and offer to run again what failed', async () => {
    const created = new Date().toISOString();
    all.client.runList = [run(1, { state: 'running', created })];
    await all.model.refresh();
    expect(told()).toEqual([]);
    all.client.become(idOf(1), {
      state: 'failed',
      error: { code: 'out_of_memory', message: 'No memory.', reason: '', remedy: '' }
    });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told()[0].message).toBe('wine.parquet failed. No memory.');
    press('Run again');
    expect(actions.again).toHaveBeenCalledWith(idOf(1));
  });

  it('are silent on what is in sight, and go when it comes into sight', async () => {
    all.client.runList = [run(1, { state: 'running' })];
    await all.model.refresh();
    expect(told()).toHaveLength(1);
    shown = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told()).toEqual([]);
    all.client.become(idOf(1), { state: 'done' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told()).toEqual([]);
  });

  it.each([
    ['cancelled', (): Promise<void> => all.model.cancel(idOf(1))],
    ['deleted', (): Promise<void> => all.model.remove(idOf(1))]
  ])('go with a run that is %s', async (_, end) => {
    all.client.runList = [run(1, { state: 'running' })];
    await all.model.refresh();
    await end();
    expect(told()).toEqual([]);
  });

  it('can be turned off', async () => {
    all.bench.preferences.follow({
      composite: { notify: false },
      changed: { connect: () => true }
    } as never);
    all.client.runList = [run(1, { state: 'running' })];
    await all.model.refresh();
    all.client.become(idOf(1), { state: 'failed' });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told()).toEqual([]);
  });
});
