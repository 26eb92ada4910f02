/**
 * How grave things are.
 */
import type { Level } from '../schemas';

/** The levels, the gravest first. */
export const LEVELS: readonly Level[] = ['serious', 'warning', 'info'];

/** What has a level, the gravest first and otherwise in the same order. */
export function bySeverity<T extends { readonly level: Level }>(
  all: readonly T[]
): T[] {
  return [...all].sort(
    (one, other) => LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level)
  );
}
