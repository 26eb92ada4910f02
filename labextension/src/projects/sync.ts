/**
 * Keeping up with the server and with the other tabs of this browser.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';

import { isOutage, TimedOut } from '../base/errors';
import { outages } from '../base/outages';
import { isEqual, type ProjectsModel } from './model';

const FIRST_MS = 3_000;
const LAST_MS = 10_000;
const WATCH_MS = 10_000;
const EVENTS = 'urn:orrery:events:projects';
const CHANNEL = '@orrery/labextension:projects';

/**
 * Ask again, less and less often, for as long as the server or its hub does not answer; otherwise ask nothing.
 *
 * What the person was told of the outage goes when it is over.
 */
export function recover(model: ProjectsModel): IDisposable {
  const poll = new Poll({
    auto: false,
    factory: async () => {
      await model.check();
      if (isUnreachable(model)) {
        throw model.error;
      }
      outages.end();
      follow();
    },
    name: '@orrery/labextension:projects#recovery',
    standby: 'when-hidden'
  });
  // As an option, the longest interval would be at least 30 s.
  poll.frequency = { interval: FIRST_MS, backoff: true, max: LAST_MS };
  let isOn = false;
  const follow = (): void => {
    const isNeeded = isUnreachable(model) || outages.isOpen;
    if (isNeeded && !isOn) {
      isOn = true;
      void poll.start();
    } else if (!isNeeded && isOn) {
      isOn = false;
      void poll.stop();
    }
  };
  const onOnline = (): void => {
    if (isUnreachable(model)) {
      void model.refresh();
    }
  };
  model.changed.connect(follow);
  outages.noted.connect(follow);
  window.addEventListener('online', onOnline);
  return new DisposableDelegate(() => {
    model.changed.disconnect(follow);
    outages.noted.disconnect(follow);
    window.removeEventListener('online', onOnline);
    poll.dispose();
  });
}

/** Ask now and then, while the tab is seen, whether anything changed elsewhere: a role, a name, a removal. */
export function watch(model: ProjectsModel): IDisposable {
  const check = (): Promise<void> =>
    model.state === 'ready' ? model.check() : Promise.resolve();
  const poll = new Poll({
    factory: check,
    frequency: { interval: WATCH_MS, backoff: false },
    name: '@orrery/labextension:projects#watch',
    standby: 'when-hidden'
  });
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') {
      void check();
    }
  };
  document.addEventListener('visibilitychange', onVisible);
  return new DisposableDelegate(() => {
    document.removeEventListener('visibilitychange', onVisible);
    poll.dispose();
  });
}

/** Follow what this server did for a terminal or another program; `events` are those of the server. */
export function followServer(
  model: ProjectsModel,
  events: ISignal<unknown, { readonly schema_id: string }>
): IDisposable {
  const follow = (_: unknown, event: { readonly schema_id: string }): void => {
    if (event.schema_id === EVENTS && model.state === 'ready') {
      void model.check();
    }
  };
  events.connect(follow);
  return new DisposableDelegate(() => events.disconnect(follow));
}

/** Let the tabs of one server agree on the current project: a switch or a change of it in one is followed in the others. */
export function followTabs(model: ProjectsModel, serverUrl: string): IDisposable {
  const channel = new BroadcastChannel(`${CHANNEL} ${serverUrl}`);
  let current = model.current;
  let isKnown = false;
  let isFollowing = false;
  const follow = (): void => {
    if (model.state !== 'ready') {
      return;
    }
    // What another tab said is not said again.
    if (isKnown && !isFollowing && !isEqual(current, model.current)) {
      channel.postMessage(null);
    }
    isKnown = true;
    current = model.current;
  };
  channel.onmessage = () => {
    isFollowing = true;
    void model.check().finally(() => {
      isFollowing = false;
    });
  };
  model.changed.connect(follow);
  return new DisposableDelegate(() => {
    model.changed.disconnect(follow);
    channel.close();
  });
}

function isUnreachable({ error, state }: ProjectsModel): boolean {
  return state === 'failed' && (isOutage(error) || error instanceof TimedOut);
}
