/**
 * What other parts of the lab may ask of Auto-EDA.
 */
import { Token } from '@lumino/coreutils';

import type { Options, Run, SourceIn } from './schemas';

/** The id of the side panel, which is known before its code is loaded. */
export const PANEL_ID = 'orrery-eda';

/** Profiles of data: start one, look at one. */
export interface IEda {
  /** Start to profile a source and show the run; options that are left out have their defaults. */
  profile(source: SourceIn, options?: Partial<Options>): Promise<Run>;
  /** Start to compare a source with an older or reference one, and show the run. */
  compare(source: SourceIn, against: SourceIn): Promise<Run>;
  /** Show a run. */
  open(id: string): void;
}

/** The token of Auto-EDA. */
export const IEda = new Token<IEda>(
  '@orrery/labextension:IEda',
  'A service to profile data and look at the results.'
);
