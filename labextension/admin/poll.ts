/**
 * Something that is asked for again and again while it is on the screen.
 */
import { useCallback, useEffect, useState } from 'react';

import type { OrreryError } from '../src/base/errors';

import { useAdmin } from './context';
import { asError } from './aserror';

export interface IPoll<T> {
  readonly value: T | undefined;
  readonly error: OrreryError | undefined;
  /** Ask now. */
  refresh(): void;
}

/** What is asked for, anew when the key changes and every so many milliseconds; once, with none. */
export function useAsked<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  key: string,
  milliseconds?: number
): IPoll<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<OrreryError>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const run = async () => {
      try {
        setValue(await ask(abort.signal));
        setError(undefined);
      } catch (cause) {
        if (!abort.signal.aborted) {
          setError(asError(cause));
        }
      }
    };
    void run();
    const timer = milliseconds
      ? setInterval(() => void run(), milliseconds)
      : undefined;
    return () => {
      clearInterval(timer);
      abort.abort();
    };
    // The key stands for what is asked.
  }, [key, milliseconds, round]);
  const refresh = useCallback(() => setRound(number => number + 1), []);
  return { value, error, refresh };
}

/** What the service answers at a path; nothing without one. */
export function usePoll<T>(path: string | undefined, milliseconds?: number): IPoll<T> {
  const { api } = useAdmin();
  return useAsked<T>(
    // What is never answered is never there.
    signal => (path ? api.call<T>(path, { signal }) : new Promise<T>(() => undefined)),
    path ?? '',
    milliseconds
  );
}
