/**
 * Keeping up with the server and with the other tabs of this browser.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

import { NetworkDown, TimedOut } from '../base/errors';
import type { ProjectsModel } from './model';

const FIRST_MS = 3_000;
const LAST_MS = 60_000;
const CHANNEL = '@orrery/labextension:projects';

/** Ask again, less and less often, for as long as the server does not answer; otherwise ask nothing. */
export function recover(model: ProjectsModel): IDisposable {
  const poll = new Poll({
    auto: false,
    factory: async () => {
      await model.refresh();
      if (isUnreachable(model)) {
        throw model.error;
      }
    },
    frequency: { interval: FIRST_MS, backoff: true, max: LAST_MS },
    name: '@orrery/labextension:projects#recovery',
    standby: 'when-hidden'
  });
  let isOn = false;
  const follow = (): void => {
    if (isUnreachable(model) && !isOn) {
      isOn = true;
      void poll.start();
    } else if (model.state === 'ready' && isOn) {
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
  window.addEventListener('online', onOnline);
  return new DisposableDelegate(() => {
    model.changed.disconnect(follow);
    window.removeEventListener('online', onOnline);
    poll.dispose();
  });
}

/** Let the tabs of one server agree on the current project: a switch in one is followed in the others. */
export function followTabs(model: ProjectsModel, serverUrl: string): IDisposable {
  const channel = new BroadcastChannel(`${CHANNEL} ${serverUrl}`);
  let slug = model.current?.slug;
  let isKnown = false;
  const follow = (): void => {
    if (model.state !== 'ready') {
      return;
    }
    if (isKnown && slug !== model.current?.slug) {
      channel.postMessage(null);
    }
    isKnown = true;
    slug = model.current?.slug;
  };
  channel.onmessage = () => {
    // What another tab said is not said again.
    isKnown = false;
    void model.refresh();
  };
  model.changed.connect(follow);
  return new DisposableDelegate(() => {
    model.changed.disconnect(follow);
    channel.close();
  });
}

function isUnreachable({ error, state }: ProjectsModel): boolean {
  return (
    state === 'failed' && (error instanceof NetworkDown || error instanceof TimedOut)
  );
}
