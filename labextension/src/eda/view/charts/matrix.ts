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
  return [...associations].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
}

/** The measures of each pair, the strongest first; the pair with the strongest tie first. */
export function pairsOf(associations: readonly Association[]): Association[][] {
  const pairs = new Map<string, Association[]>();
  for (const association of strongest(associations)) {
    const { a, b } = association;
    const known = pairs.get(key(a, b));
    if (known) {
      known.push(association);
    } else {
      pairs.set(key(a, b), [association]);
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
  const pairs = new Map(
    pairsOf(associations).map(([first]) => [key(first.a, first.b), first])
  );
  return {
    columns: [...chosen].sort((a, b) => a - b),
    at: (a, b) => pairs.get(key(a, b))
  };
}

function key(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
