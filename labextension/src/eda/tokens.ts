/**
 * What other parts of the lab may ask of auto-EDA.
 */
import { Token } from '@lumino/coreutils';

import type { Options, Run, SourceIn } from './schemas';

/** Profiles of data: begin one, look at one. */
export interface IEda {
  /** Begin to profile a source and show it; what is left out of the options has its default. */
  profile(source: SourceIn, options?: Partial<Options>): Promise<Run>;
  /** Begin to compare a source with an older or reference one, and show it. */
  compare(source: SourceIn, against: SourceIn): Promise<Run>;
  /** Show a run. */
  open(id: string): void;
}

/** The token of auto-EDA. */
export const IEda = new Token<IEda>(
  '@orrery/labextension:IEda',
  'A service to profile data and look at what was found.'
);
