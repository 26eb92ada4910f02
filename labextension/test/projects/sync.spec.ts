import { nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { toError } from '../../src/base/errors';
import { notifyError } from '../../src/base/notify';
import { outages } from '../../src/base/outages';
import { ProjectsModel } from '../../src/projects/model';
import { followServer, followTabs, recover, watch } from '../../src/projects/sync';
import { MemoryClient, project } from './fixtures';

const MINUTE = 60_000;

let client: MemoryClient;
let model: ProjectsModel;
let recovery: IDisposable;

beforeEach(async () => {
  jest.useFakeTimers();
  client = new MemoryClient(project('one'));
  model = new ProjectsModel(client);
  recovery = recover(model);
  await model.refresh();
  client.asked.length = 0;
});

afterEach(() => {
  recovery.dispose();
  jest.useRealTimers();
});

describe('recover', () => {
  it('asks nothing while the server answers', async () => {
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    expect(client.asked).toEqual([]);
  });

  it('asks again until the server answers, then no more', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    model.disconnect(client.error);
    await jest.advanceTimersByTimeAsync(5 * MINUTE);
    expect(model.state).toBe('failed');
    expect(client.asked.length).toBeGreaterThan(3);
    expect(client.asked.length).toBeLessThan(60);
    client.error = null;
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(model.state).toBe('ready');
    const asked = client.asked.length;
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    expect(client.asked).toHaveLength(asked);
  });

  it.each([
    ['network_down', {}],
    ['backend_unavailable', { outage: 'hub' }]
  ])(
    'ends what was said of an outage within 10 s of its end (%s)',
    async (code, details) => {
      client.error = toError({ code, details, message: 'Gone' });
      const end = jest.spyOn(outages, 'end');
      notifyError(client.error, nullTranslator.load('orrery'));
      await jest.advanceTimersByTimeAsync(5 * MINUTE);
      expect(model.state).toBe('failed');
      expect(end).not.toHaveBeenCalled();
      client.error = null;
      await jest.advanceTimersByTimeAsync(12_000);
      expect(model.state).toBe('ready');
      expect(end).toHaveBeenCalledTimes(1);
      expect(outages.isOpen).toBe(false);
      client.asked.length = 0;
      await jest.advanceTimersByTimeAsync(MINUTE);
      expect(client.asked).toEqual([]);
      end.mockRestore();
    }
  );

  it('asks nothing about a refusal: that does not mend itself', async () => {
    client.error = toError({ code: 'forbidden', message: 'No' });
    await model.refresh();
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    expect(client.asked).toEqual(['current']);
  });

  it('asks at once when the browser is online again', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    model.disconnect(client.error);
    client.error = null;
    window.dispatchEvent(new Event('online'));
    await jest.advanceTimersByTimeAsync(0);
    expect(model.state).toBe('ready');
  });
});

describe('watch', () => {
  it('asks now and then, and sees what was done elsewhere within some seconds', async () => {
    const watching = watch(model);
    client.now = client.projects[0];
    await jest.advanceTimersByTimeAsync(12_000);
    expect(model.current?.slug).toBe('one');
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(client.asked.length).toBeLessThan(12);
    watching.dispose();
    client.asked.length = 0;
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(client.asked).toEqual([]);
  });

  it('asks at once when the tab is seen again', async () => {
    const watching = watch(model);
    client.now = client.projects[0];
    document.dispatchEvent(new Event('visibilitychange'));
    await jest.advanceTimersByTimeAsync(0);
    expect(model.current?.slug).toBe('one');
    watching.dispose();
  });
});

it('followServer asks when the server says that a project changed, and only then', async () => {
  const events = new Signal<unknown, { schema_id: string }>({});
  const following = followServer(model, events);
  events.emit({ schema_id: 'urn:orrery:events:snippets' });
  await jest.advanceTimersByTimeAsync(0);
  expect(client.asked).toEqual([]);
  events.emit({ schema_id: 'urn:orrery:events:projects' });
  await jest.advanceTimersByTimeAsync(0);
  expect(client.asked).toEqual(['current']);
  following.dispose();
  events.emit({ schema_id: 'urn:orrery:events:projects' });
  expect(client.asked).toHaveLength(1);
});

/** Channels of one name that hear each other at once, as browsers' do a little later. */
class MemoryChannel {
  static open: MemoryChannel[] = [];

  constructor(readonly name: string) {
    MemoryChannel.open.push(this);
  }

  onmessage: (() => void) | null = null;

  postMessage(): void {
    MemoryChannel.open
      .filter(other => other !== this && other.name === this.name)
      .forEach(other => other.onmessage?.());
  }

  close(): void {
    MemoryChannel.open = MemoryChannel.open.filter(other => other !== this);
  }
}

describe('followTabs', () => {
  it('lets the tabs of one server agree, and asks no more than that', async () => {
    jest.useRealTimers();
    Object.assign(window, { BroadcastChannel: MemoryChannel });
    client.projects.push(project('two'));
    const stranger = new MemoryClient();
    const tabs = [new ProjectsModel(client), new ProjectsModel(client)];
    const other = new ProjectsModel(stranger);
    const followers = [
      ...tabs.map(tab => followTabs(tab, '/user/ada/')),
      followTabs(other, '/user/bea/')
    ];
    await Promise.all([...tabs, other].map(tab => tab.refresh()));
    client.asked.length = stranger.asked.length = 0;
    await tabs[0].setCurrent('two');
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(tabs[1].current?.slug).toBe('two');
    expect(client.asked).toEqual(['setCurrent', 'current']);
    expect(stranger.asked).toEqual([]);
    // A new name is news too; what one tab was told by another is not said again.
    client.now = client.projects[1] = project('two', { name: 'Renamed' });
    await tabs[0].refresh();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(tabs[1].current?.name).toBe('Renamed');
    await tabs[1].setCurrent('one');
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(tabs[0].current?.slug).toBe('one');
    followers.forEach(follower => follower.dispose());
    expect(MemoryChannel.open).toEqual([]);
  });
});
