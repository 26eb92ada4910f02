/**
 * Associations as a square: which columns are in it, in which order.
 */
import type { Association } from '../../schemas';

/** A square of associations; the cell of a pair is found from either side. */
export interface IMatrix {
  columns: readonly number[];
  at: (a: number, b: number) => Association | undefined;
}

/** The strongest first, whichever sign it has. */
export function strongest(associations: readonly Association[]): Association[] {
  return [...associations].sort(
    (one, other) => Math.abs(other.value) - Math.abs(one.value)
  );
}

/** The measures of each pair, the strongest first; the pair with the strongest tie first. */
export function pairsOf(associations: readonly Association[]): Association[][] {
  const pairs = new Map<string, Association[]>();
  for (const one of strongest(associations)) {
    const known = pairs.get(key(one.a, one.b));
    if (known) {
      known.push(one);
    } else {
      pairs.set(key(one.a, one.b), [one]);
    }
  }
  return [...pairs.values()];
}

/** The columns with the strongest ties, at most so many, in the table's order. */
export function matrixOf(associations: readonly Association[], most: number): IMatrix {
  const chosen = new Set<number>();
  for (const { a, b } of strongest(associations)) {
    if (chosen.size + Number(!chosen.has(a)) + Number(!chosen.has(b)) > most) {
      break;
    }
    chosen.add(a).add(b);
  }
  const pairs = new Map(pairsOf(associations).map(([one]) => [key(one.a, one.b), one]));
  return {
    columns: [...chosen].sort((one, other) => one - other),
    at: (a, b) => pairs.get(key(a, b))
  };
}

function key(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
