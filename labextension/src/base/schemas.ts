// Generated from the shapes of orrery_server/base by "jlpm schemas"; change those and run it again.

/** One page of a list that is cut on the server. */
export interface Page<T> {
  items: readonly T[];
  /** How many there are in all, over every page. */
  total: number;
  offset: number;
  limit: number;
}

/** A capability that is installed and cannot be used. */
export interface OffCapability {
  name: string;
  title: string;
  reason: string;
  remedy: string;
}

/** What is installed and for whom. */
export interface Status {
  version: string;
  /** Whether projects and snippets live at a hub. */
  hub: boolean;
  user: string;
  /** Those that can be used. */
  capabilities: readonly string[];
  /** Those that cannot, each with why and what to do. */
  off: readonly OffCapability[];
}
