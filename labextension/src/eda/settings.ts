/**
 * The settings of Auto-EDA.
 */
import type { Nulls, Options } from './schemas';
import { DEFAULTS } from './source';

const NULLS: readonly Nulls[] = ['skip', 'mean', 'mode', 'interpolate'];

/** The properties of the settings schema. */
export interface ISettings {
  /** Seconds that a run may take. */
  seconds: number;
  nulls: Nulls;
  /** Whether the list of dataframes follows the cells that run. */
  live: boolean;
  /** Whether runs are told of while their tabs are out of sight. */
  notify: boolean;
}

export const DEFAULT_SETTINGS: ISettings = {
  seconds: DEFAULTS.seconds,
  nulls: DEFAULTS.nulls,
  live: true,
  notify: true
};

/** The options of a run that a person has set; a value that is none is the default. */
export function optionsOf({ seconds, nulls }: ISettings): Options {
  return {
    ...DEFAULTS,
    seconds: typeof seconds === 'number' ? seconds : DEFAULTS.seconds,
    nulls: NULLS.find(value => value === nulls) ?? DEFAULTS.nulls
  };
}
