/**
 * Something that is asked for again and again while it is on the screen.
 */
import { useCallback, useEffect, useState } from 'react';

import type { OrreryError } from '../src/base/errors';

import { useAdmin } from './context';
import { asError } from './tablemodel';

export interface IPoll<T> {
  readonly value: T | undefined;
  readonly error: OrreryError | undefined;
  /** Ask now. */
  refresh(): void;
}

/** What the service answers at a path, every so many milliseconds; once, with none. */
export function usePoll<T>(path: string, milliseconds?: number): IPoll<T> {
  const { api } = useAdmin();
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<OrreryError>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const ask = async () => {
      try {
        setValue(await api.call<T>(path, { signal: abort.signal }));
        setError(undefined);
      } catch (cause) {
        if (!abort.signal.aborted) {
          setError(asError(cause));
        }
      }
    };
    void ask();
    const timer = milliseconds
      ? setInterval(() => void ask(), milliseconds)
      : undefined;
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [api, path, milliseconds, round]);
  const refresh = useCallback(() => setRound(number => number + 1), []);
  return { value, error, refresh };
}
