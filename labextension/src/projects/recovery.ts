/**
 * Finding the server again after it stopped answering.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';

import { NetworkDown, TimedOut } from '../base/errors';
import type { ProjectsModel } from './model';

const FIRST_MS = 3_000;
const LAST_MS = 60_000;

/** Ask again, less and less often, for as long as the server does not answer; otherwise ask nothing. */
export function recover(model: ProjectsModel): IDisposable {
  const poll = new Poll({
    auto: false,
    factory: async () => {
      await model.refresh();
      if (isGone(model)) {
        throw model.error;
      }
    },
    frequency: { interval: FIRST_MS, backoff: true, max: LAST_MS },
    name: '@orrery/labextension:projects#recovery',
    standby: 'when-hidden'
  });
  let isOn = false;
  const follow = (): void => {
    if (isGone(model) && !isOn) {
      isOn = true;
      void poll.start();
    } else if (model.state === 'ready' && isOn) {
      isOn = false;
      void poll.stop();
    }
  };
  const online = (): void => {
    if (isGone(model)) {
      void model.refresh();
    }
  };
  model.changed.connect(follow);
  window.addEventListener('online', online);
  return new DisposableDelegate(() => {
    model.changed.disconnect(follow);
    window.removeEventListener('online', online);
    poll.dispose();
  });
}

function isGone({ error, state }: ProjectsModel): boolean {
  return (
    state === 'failed' && (error instanceof NetworkDown || error instanceof TimedOut)
  );
}
