/**
 * A moment as a person says it ("5 minutes ago"), which stays true while it is on the screen.
 */
import { Time } from '@jupyterlab/coreutils';
import React, { useEffect, useReducer } from 'react';

const MINUTE_MS = 60_000;

/** The time that has passed since a moment, with the exact time on hover. */
export function RelativeTime({ when }: { when: string }): JSX.Element {
  useMinutes();
  return (
    <time dateTime={when} title={Time.format(when)}>
      {Time.formatHuman(when)}
    </time>
  );
}

/** Draw again each minute. */
export function useMinutes(): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(draw, MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
}
