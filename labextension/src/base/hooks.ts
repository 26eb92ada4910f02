/**
 * What the screens of all capabilities have in common.
 */
import type { ISignal } from '@lumino/signaling';
import { useEffect, useReducer } from 'react';

/** Draw again whenever a signal is emitted; the number grows with each. */
export function useChanges(signal: ISignal<unknown, unknown>): number {
  const [count, draw] = useReducer((before: number) => before + 1, 0);
  useEffect(() => {
    const listen = (): void => draw();
    signal.connect(listen);
    return () => {
      signal.disconnect(listen);
    };
  }, [signal]);
  return count;
}
