/**
 * What the parts of one panel share.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

import type { ListGroup } from './listgroup';
import type { SectionState } from './sectionstate';

export interface IPanelContext {
  readonly trans: TranslationBundle;
  /** The lists of the panel, which the arrow keys go through one after the other. */
  readonly lists: ListGroup;
  /** Which sections are collapsed. */
  readonly sections: SectionState;
  /** Move the focus to the filter field. */
  readonly focusFilter: () => void;
}

/** Hands the panel to its parts. */
export const PanelContext = createContext<IPanelContext | null>(null);

/** The panel that a component is part of. */
export function usePanel(): IPanelContext {
  return useContext(PanelContext)!;
}
