/**
 * Severity of alerts.
 */
import type { Level } from '../schemas';

/** The levels, the most severe first. */
export const LEVELS: readonly Level[] = ['serious', 'warning', 'info'];

/** Items sorted by their level, the most severe first; items of one level keep their order. */
export function bySeverity<T extends { readonly level: Level }>(
  items: readonly T[]
): T[] {
  return [...items].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}
