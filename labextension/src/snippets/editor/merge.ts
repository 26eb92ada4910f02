/**
 * A snippet's cells as one text, and the merging of two changes of it.
 */
import type { SnippetCell } from '../schemas';

const SEPARATOR = /^# %% \[(code|markdown|raw)\]$/;

/** The cells as one text, each under a line that says its kind; a single code cell stands alone. */
export function toText(cells: readonly SnippetCell[]): string {
  if (cells.length === 1 && cells[0].kind === 'code') {
    return cells[0].source;
  }
  return cells.map(cell => `# %% [${cell.kind}]\n${cell.source}`).join('\n');
}

/** The cells that a text stands for. */
export function fromText(text: string): SnippetCell[] {
  const cells: { kind: SnippetCell['kind']; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const kind = SEPARATOR.exec(line)?.[1] as SnippetCell['kind'] | undefined;
    if (kind) {
      cells.push({ kind, lines: [] });
    } else if (cells.length) {
      cells[cells.length - 1].lines.push(line);
    } else {
      cells.push({ kind: 'code', lines: [line] });
    }
  }
  return cells.map(cell => ({ kind: cell.kind, source: cell.lines.join('\n') }));
}

/** Two changes of one text put together. */
export interface IMerged {
  text: string;
  /** How many places both changed differently; they stand in the text between markers. */
  conflicts: number;
}

const [MINE, MIDDLE, THEIRS] = ['<<<<<<< mine', '=======', '>>>>>>> theirs'];

/** Whether a merged text still has a place to choose at. */
export function hasMarkers(text: string): boolean {
  const lines = text.split('\n');
  return lines.includes(MINE) || lines.includes(THEIRS);
}

/** Put two changes of one text together, line by line. */
export function merge(base: string, mine: string, theirs: string): IMerged {
  const origin = base.split('\n');
  const [left, right] = [mine.split('\n'), theirs.split('\n')];
  const [inLeft, inRight] = [matches(origin, left), matches(origin, right)];
  const out: string[] = [];
  let conflicts = 0;
  let [b, l, r] = [0, 0, 0];
  for (;;) {
    // The next line of the base that both kept ends the stretch that may differ.
    let stable = b;
    while (stable < origin.length && !(inLeft.has(stable) && inRight.has(stable))) {
      stable += 1;
    }
    const [toLeft, toRight] =
      stable < origin.length
        ? [inLeft.get(stable)!, inRight.get(stable)!]
        : [left.length, right.length];
    const stretch = choose(
      origin.slice(b, stable),
      left.slice(l, toLeft),
      right.slice(r, toRight)
    );
    out.push(...stretch.lines);
    conflicts += stretch.conflict ? 1 : 0;
    if (stable >= origin.length) {
      return { text: out.join('\n'), conflicts };
    }
    out.push(origin[stable]);
    [b, l, r] = [stable + 1, toLeft + 1, toRight + 1];
  }
}

function choose(
  base: string[],
  mine: string[],
  theirs: string[]
): { lines: string[]; conflict: boolean } {
  if (same(mine, theirs) || same(base, theirs)) {
    return { lines: mine, conflict: false };
  }
  if (same(base, mine)) {
    return { lines: theirs, conflict: false };
  }
  return {
    lines: [MINE, ...mine, MIDDLE, ...theirs, THEIRS],
    conflict: true
  };
}

function same(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

/** For each line of `from` that `to` kept, where it stands there. */
function matches(from: string[], to: string[]): Map<number, number> {
  const pairs = new Map<number, number>();
  const shorter = Math.min(from.length, to.length);
  // Most of two versions is the same; only the stretch between is worth the table.
  let head = 0;
  while (head < shorter && from[head] === to[head]) {
    pairs.set(head, head);
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && from.at(-1 - tail) === to.at(-1 - tail)) {
    tail += 1;
    pairs.set(from.length - tail, to.length - tail);
  }
  const rest = common(
    from.slice(head, from.length - tail),
    to.slice(head, to.length - tail)
  );
  rest.forEach((j, i) => pairs.set(head + i, head + j));
  return pairs;
}

/** A longest common subsequence, as places in the one and in the other. */
function common(from: string[], to: string[]): Map<number, number> {
  const width = to.length + 1;
  const lengths = new Uint32Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        from[i] === to[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const pairs = new Map<number, number>();
  for (let i = 0, j = 0; i < from.length && j < to.length;) {
    if (from[i] === to[j]) {
      pairs.set(i++, j++);
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      i += 1;
    } else {
      j += 1;
    }
  }
  return pairs;
}
