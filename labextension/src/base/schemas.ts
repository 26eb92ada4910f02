// Generated from orrery_server/base/schema.py by "jlpm schemas"; change that file and run it again.

/** One page of a list that is cut on the server. */
export interface Page<T> {
  items: readonly T[];
  /** How many there are in all, over every page. */
  total: number;
  offset: number;
  limit: number;
}
