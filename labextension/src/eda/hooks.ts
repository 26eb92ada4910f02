/**
 * What the parts of the panel have in common.
 */
import { createContext, useContext } from 'react';

import type { IWorkbench } from './workbench';
import type { Folds } from './folds';

/** What every part of the panel may use. */
export interface IScreen {
  readonly bench: IWorkbench;
  readonly folds: Folds;
}

/** Hands the panel to its parts. */
export const ScreenContext = createContext<IScreen | null>(null);

/** The panel that a part is in. */
export function useScreen(): IScreen {
  return useContext(ScreenContext)!;
}
