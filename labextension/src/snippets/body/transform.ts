/**
 * The `/regex/format/flags` part of a variable or a mirror.
 */

/** A piece of a format: text, or what becomes of a group of the match. */
export type FormatPiece =
  | { kind: 'text'; value: string }
  | {
      kind: 'group';
      index: number;
      change: Change | null;
      then?: string;
      otherwise?: string;
    };

type Change = keyof typeof CHANGES;

const CHANGES = {
  upcase: (text: string) => text.toUpperCase(),
  downcase: (text: string) => text.toLowerCase(),
  capitalize: (text: string) => text.charAt(0).toUpperCase() + text.slice(1),
  pascalcase: (text: string) => words(text).map(CHANGES.capitalize).join(''),
  camelcase: (text: string) => {
    const pascal = CHANGES.pascalcase(text);
    return pascal.charAt(0).toLowerCase() + pascal.slice(1);
  },
  snakecase: (text: string) =>
    text
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
      .replace(/[\s-]+/g, '_')
      .toLowerCase(),
  kebabcase: (text: string) =>
    text
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1-$2')
      .replace(/[\s_]+/g, '-')
      .toLowerCase()
};

/** Whether a name is one of the changes of case. */
export function isChange(name: string): name is Change {
  return Object.hasOwn(CHANGES, name);
}

/**
 * What a transform makes of a text; null when the expression is not one.
 *
 * A text on which the expression could run for very long is left as it is: a browser cannot stop it.
 */
export function transformer(
  source: string,
  flags: string,
  format: readonly FormatPiece[]
): ((text: string) => string) | null {
  const expression = compile(source, flags);
  if (!expression) {
    return null;
  }
  const cost = costOf(source, flags);
  const hasElse = format.some(piece => piece.kind === 'group' && piece.otherwise);
  return text => {
    if (cost(text.length) > BUDGET) {
      return text;
    }
    let matched = false;
    const result = text.replace(expression, (...match: unknown[]) => {
      matched = true;
      // The match and its groups are the strings and gaps before the offset.
      return fill(
        format,
        match.slice(
          0,
          match.findIndex(value => typeof value === 'number')
        )
      );
    });
    return !matched && hasElse ? fill(format, []) : result;
  };
}

function compile(source: string, flags: string): RegExp | null {
  if (!/^[gimsu]*$/.test(flags)) {
    return null;
  }
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

function fill(format: readonly FormatPiece[], groups: readonly unknown[]): string {
  return format
    .map(piece => {
      if (piece.kind === 'text') {
        return piece.value;
      }
      const value = groups[piece.index];
      const group = typeof value === 'string' ? value : '';
      if (piece.change) {
        return CHANGES[piece.change](group);
      }
      return (group ? piece.then : piece.otherwise) ?? group;
    })
    .join('');
}

function words(text: string): string[] {
  return text.match(/[a-z0-9]+/gi) ?? [text];
}

// Steps that a browser takes in a fraction of a second.
const BUDGET = 5e7;

/**
 * How many steps the matching of a text of some length may take at worst.
 *
 * An open repetition can try every length at every place; a repeated group with a choice inside can try every
 * combination.
 */
function costOf(source: string, flags: string): (length: number) => number {
  const anchored = source.startsWith('^') && !/[gm]/.test(flags);
  const { repeats, forks, nested } = shapeOf(source);
  const power = repeats + (anchored ? 0 : 1);
  return length => {
    const combinations = 2 ** forks * Math.max(1, length) ** power;
    return nested ? combinations * (2 + forks) ** length : combinations;
  };
}

/** How often an expression repeats, how often it chooses, and whether it repeats something that does either. */
function shapeOf(source: string): { repeats: number; forks: number; nested: boolean } {
  let repeats = 0;
  let forks = 0;
  let nested = false;
  const open: boolean[] = [];
  // Whether what stands before the present place, if it is a group, may match in several ways.
  let ambiguous = false;
  const fork = () => {
    if (open.length > 0) {
      open[open.length - 1] = true;
    }
  };
  const token =
    /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|\)|[*+?|]|\{\d+(?:,\d*)?\}|[^]/gu;
  for (const [part] of source.matchAll(token)) {
    const quantifier = part === '*' || part === '+' || /^\{\d/.test(part);
    if (part.startsWith('(')) {
      open.push(false);
    } else if (part === ')') {
      ambiguous = open.pop() ?? false;
      if (ambiguous) {
        fork();
      }
      continue;
    } else if (quantifier) {
      nested ||= ambiguous;
      repeats += 1;
      fork();
    } else if (part === '?' || part === '|') {
      forks += 1;
      fork();
    }
    ambiguous = false;
  }
  return { repeats, forks, nested };
}
