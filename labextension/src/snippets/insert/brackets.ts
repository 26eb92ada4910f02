/**
 * Which brackets, strings and comments a place in code stands in.
 *
 * The texts are read as they are: no parser is loaded for most languages, and what is being written is often no whole
 * program.
 */
import { canonical } from '../../base/insert/languages';
import { commentsOf } from './variables';

/** A place in code. */
export interface ICodePlace {
  /** Whether it is in a string or in a comment. */
  isText: boolean;
  /** Where the brackets around it open, the outermost first. */
  open: readonly number[];
}

const CLOSED_BY: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const QUOTE = /"""|'''|["'`]/y;

/** The place at an offset of code. */
export function placeIn(code: string, offset: number, language: string): ICodePlace {
  let place: ICodePlace = { isText: false, open: [] };
  walk(code, language, next => {
    if (next.from > offset) {
      return false;
    }
    place = next;
    return true;
  });
  return place;
}

/** Behind the bracket that closes the one at an offset; null when none does. */
export function closing(code: string, opened: number, language: string): number | null {
  let end: number | null = null;
  walk(code, language, ({ from, open }) => {
    if (from > opened && !open.includes(opened)) {
      end = from;
    }
    return end === null;
  });
  return end;
}

/** The lines of code that begin outside of all brackets and strings. */
export function outerLines(code: string, language: string): string[] {
  const starts = [0];
  walk(code, language, ({ from, open, isText }) => {
    if (code.charAt(from - 1) === '\n' && open.length === 0 && !isText) {
      starts.push(from);
    }
    return true;
  });
  return starts.map((start, index) => code.slice(start, starts[index + 1]));
}

interface IStep extends ICodePlace {
  from: number;
}

/** Tells of every offset after which something else may stand; until it is answered with false. */
function walk(code: string, language: string, tell: (step: IStep) => boolean): void {
  const comment = commentsOf(language)[0];
  // In these, a single quote belongs to a name or a lifetime as often as to a string.
  const hasSingle = !['julia', 'matlab', 'octave', 'rust'].includes(
    canonical(language)
  );
  let open: readonly number[] = [];
  for (let at = 0; at < code.length;) {
    if (!tell({ from: at, isText: false, open })) {
      return;
    }
    const end = textEnd(code, at, comment, hasSingle);
    if (end > at) {
      for (let inside = at + 1; inside < end; inside++) {
        if (!tell({ from: inside, isText: true, open })) {
          return;
        }
      }
      at = end;
      continue;
    }
    const character = code.charAt(at);
    if ('([{'.includes(character)) {
      open = [...open, at];
    } else if (CLOSED_BY[character] === code.charAt(open.at(-1) ?? code.length)) {
      open = open.slice(0, -1);
    }
    at += 1;
  }
  tell({ from: code.length, isText: false, open });
}

/** The end of the string or comment that begins at an offset; the offset itself when none does. */
function textEnd(
  code: string,
  at: number,
  comment: string,
  hasSingle: boolean
): number {
  const lineEnd = code.indexOf('\n', at);
  const stop = lineEnd < 0 ? code.length : lineEnd;
  if (comment && code.startsWith(comment, at)) {
    return stop;
  }
  QUOTE.lastIndex = at;
  const [quote] = QUOTE.exec(code) ?? [];
  if (!quote || (quote === "'" && !hasSingle)) {
    return at;
  }
  // Only these go over lines.
  const limit = quote.length === 3 || quote === '`' ? code.length : stop;
  for (let next = at + quote.length; next < limit; next++) {
    if (code.charAt(next) === '\\') {
      next += 1;
    } else if (code.startsWith(quote, next)) {
      return next + quote.length;
    }
  }
  return limit;
}
