/**
 * What is drawn of a column: bins of a histogram, shares of its frequent values.
 */
import type { ColumnProfile, Histogram } from '../../schemas';

const MOST_BARS = 60;
const LEAST_SHARE = 0.1;

/** A bin that is drawn; of whole numbers, from the first to the last of them. */
export interface IBin {
  from: number;
  to: number;
  count: number;
  /** Its height, as a share of the highest. */
  height: number;
}

/** Whether the edges of a column's histogram are times. */
export function isTime(column: Pick<ColumnProfile, 'type'>): boolean {
  return ['datetime', 'date'].includes(column.type);
}

/** Whether a column is measured in numbers. */
export function isNumber(column: Pick<ColumnProfile, 'type'>): boolean {
  return ['integer', 'float', 'decimal'].includes(column.type);
}

/** The bins, at most as many as can be told apart: neighbours are added up. */
export function binsOf(histogram: Histogram, most = MOST_BARS): IBin[] {
  const { edges, counts, whole } = histogram;
  const beside = whole ? 0.5 : 0;
  const step = Math.max(1, Math.ceil(counts.length / most));
  const bins: IBin[] = [];
  for (let start = 0; start < counts.length; start += step) {
    const end = Math.min(start + step, counts.length);
    const count = counts.slice(start, end).reduce((sum, part) => sum + part, 0);
    bins.push({
      from: edges[start] + beside,
      to: edges[end] - beside,
      count,
      height: 0
    });
  }
  const highest = Math.max(1, ...bins.map(bin => bin.count));
  return bins.map(bin => ({ ...bin, height: bin.count / highest }));
}

/** The bin with the most. */
export function fullest(bins: readonly IBin[]): IBin | undefined {
  return bins.reduce<IBin | undefined>(
    (best, bin) => (!best || bin.count > best.count ? bin : best),
    undefined
  );
}

/** The rows of a column that hold a value. */
export function present(column: ColumnProfile): number {
  return Math.max(0, column.count - column.missing);
}

/** A part of the rows, as a share; none of nothing. */
export function part(count: number, of: number): number {
  return of > 0 ? Math.min(1, count / of) : 0;
}

/** Whether the most frequent values say more of a column than how long its texts are. */
export function showsValues(column: ColumnProfile): boolean {
  const { top, type } = column;
  return (
    top.length > 0 &&
    (type !== 'text' || part(top[0].count, present(column)) >= LEAST_SHARE)
  );
}
