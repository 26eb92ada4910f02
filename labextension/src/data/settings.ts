/**
 * The settings of data.
 */
import type { Library, Sort } from './schemas';

export const LIBRARIES: readonly Library[] = ['pandas', 'polars', 'duckdb', 'pyarrow'];
export const SORTS: readonly Sort[] = [
  'name',
  '-name',
  'size',
  '-size',
  'modified',
  '-modified'
];

/** The properties of the settings schema. */
export interface ISettings {
  /** The library that load code is written for. */
  library: Library;
  /** The order of files in the tree. */
  sort: Sort;
}

export const DEFAULT_SETTINGS: ISettings = { library: 'pandas', sort: 'name' };

/** A library that is one; the default for any other text. */
export function libraryOf(text: unknown): Library {
  return LIBRARIES.find(library => library === text) ?? DEFAULT_SETTINGS.library;
}

/** An order that is one; the default for any other text. */
export function sortOf(text: unknown): Sort {
  return SORTS.find(sort => sort === text) ?? DEFAULT_SETTINGS.sort;
}
