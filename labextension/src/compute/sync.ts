/**
 * Keeping up with the hub while the tab is seen.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';

import type { ComputeModel } from './model';

/** What is used, left and free is measured every minute. */
const REFRESH_MS = 60_000;
const MOST_MS = 300_000;
const EVENTS = 'urn:orrery:events:compute';

/** Ask for notices as often as the hub says, and for everything each minute; less often while it does not answer. */
export function watch(model: ComputeModel): IDisposable {
  if (!model.isAtHub) {
    return new DisposableDelegate(() => undefined);
  }
  const failing = async (question: Promise<void>): Promise<void> => {
    await question;
    if (model.state === 'failed') {
      throw model.error;
    }
  };
  const notices = new Poll({
    factory: async () => {
      await failing(model.check());
      const { frequency } = notices;
      if (frequency.interval !== model.pollMs) {
        notices.frequency = { ...frequency, interval: model.pollMs };
      }
    },
    frequency: { interval: model.pollMs, backoff: true, max: MOST_MS },
    name: '@orrery/labextension:compute#notices',
    standby: 'when-hidden'
  });
  const everything = new Poll({
    factory: () => failing(model.refresh()),
    frequency: { interval: REFRESH_MS, backoff: true, max: MOST_MS },
    name: '@orrery/labextension:compute#everything',
    standby: 'when-hidden'
  });
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') {
      void model.check();
    }
  };
  document.addEventListener('visibilitychange', onVisible);
  return new DisposableDelegate(() => {
    document.removeEventListener('visibilitychange', onVisible);
    notices.dispose();
    everything.dispose();
  });
}

/** Follow what this server did for a terminal, a notebook or another tab; `events` are those of the server. */
export function followServer(
  model: ComputeModel,
  events: ISignal<unknown, { readonly schema_id: string }>
): IDisposable {
  const follow = (_: unknown, event: { readonly schema_id: string }): void => {
    if (event.schema_id === EVENTS && model.isAtHub) {
      void model.refresh();
    }
  };
  events.connect(follow);
  return new DisposableDelegate(() => events.disconnect(follow));
}
