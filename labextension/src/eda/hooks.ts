/**
 * What the parts of the panel have in common.
 */
import type { ISignal } from '@lumino/signaling';
import { createContext, useContext, useEffect, useReducer } from 'react';

import type { IBench } from './bench';
import type { Folds } from './folds';

/** What every part of the panel may use. */
export interface IPanel {
  readonly bench: IBench;
  readonly folds: Folds;
}

/** Hands the panel to its parts. */
export const PanelContext = createContext<IPanel | null>(null);

/** The panel that a part is in. */
export function usePanel(): IPanel {
  return useContext(PanelContext)!;
}

/** Draw again whenever a signal is emitted. */
export function useChanges(signal: ISignal<unknown, unknown>): void {
  const [, draw] = useReducer((before: number) => before + 1, 0);
  useEffect(() => {
    const listen = (): void => draw();
    signal.connect(listen);
    return () => {
      signal.disconnect(listen);
    };
  }, [signal]);
}
