/**
 * The one way in which a React component follows a signal.
 */
import type { ISignal } from '@lumino/signaling';
import { useLayoutEffect, useReducer } from 'react';

/** Draw again whenever a signal is emitted; returns how often that was. */
export function useSignal(signal: ISignal<unknown, unknown>): number {
  const [count, draw] = useReducer((before: number) => before + 1, 0);
  // An effect that waits for the browser to draw would miss what is emitted until then.
  useLayoutEffect(() => {
    const listen = (): void => draw();
    signal.connect(listen);
    return () => {
      signal.disconnect(listen);
    };
  }, [signal]);
  return count;
}
