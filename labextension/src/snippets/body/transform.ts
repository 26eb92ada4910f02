/**
 * The `/expression/format/flags` part of a variable or a mirror.
 */
import { Budget, CHARACTERS_PER_STEP } from './budget';
import {
  ExpressionError,
  ExpressionTooLargeError,
  Expression,
  MAX_PROGRAM,
  StepLimitError,
  type Captures
} from './regex';

/** What a mirror does to the text of its stop; throws `BodyTooLarge` when the budget has too few steps left. */
export type Transform = (text: string, budget?: Budget) => string;

/** A piece of a format: text, or what becomes of a group of the match. */
export type FormatPiece =
  | { kind: 'text'; value: string }
  | {
      kind: 'group';
      index: number;
      /** The name of a change of case; another name changes nothing. */
      change?: string;
      then?: string;
      otherwise?: string;
    };

const CHANGES: ReadonlyMap<string, (text: string) => string> = new Map([
  ['upcase', (text: string) => text.toUpperCase()],
  ['downcase', (text: string) => text.toLowerCase()],
  ['capitalize', capitalize],
  ['pascalcase', pascal],
  ['camelcase', camel],
  [
    'snakecase',
    (text: string) =>
      text
        .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
        .replace(/[\s-]+/g, '_')
        .toLowerCase()
  ],
  [
    'kebabcase',
    (text: string) =>
      text
        .replace(/(\p{Ll})(\p{Lu})/gu, '$1-$2')
        .replace(/[\s_]+/g, '-')
        .toLowerCase()
  ]
]);

/**
 * What a transform makes of a text; null when the expression is not one.
 *
 * A text on which the expression takes too many steps stays as it is, here and in the kernel.
 */
export function transformer(
  source: string,
  flags: string,
  format: readonly FormatPiece[],
  reading: Budget
): Transform | null {
  let expression: Expression;
  reading.charge(lengthOf(source));
  try {
    expression = new Expression(source, flags);
  } catch (error) {
    if (error instanceof ExpressionError) {
      reading.charge(error instanceof ExpressionTooLargeError ? MAX_PROGRAM : 0);
      return null;
    }
    throw error;
  }
  reading.charge(expression.size);
  const size = format.reduce((sum, piece) => sum + sizeOf(piece), 0);
  const hasElse = format.some(piece => piece.kind === 'group' && piece.otherwise);
  return (text, budget = new Budget()) => {
    const chars = [...text];
    budget.chargeText(chars.length);
    const matches = search(expression, chars, flags.includes('g'), budget);
    if (!matches) {
      return text;
    }
    budget.charge(size * Math.max(1, matches.length));
    if (matches.length === 0 && hasElse) {
      return fill(format, chars, [], budget);
    }
    let result = '';
    let end = 0;
    for (const match of matches) {
      result +=
        chars.slice(end, match[0]).join('') + fill(format, chars, match, budget);
      end = match[1];
    }
    return result + chars.slice(end).join('');
  };
}

/** The matches; null when that takes too many steps. */
function search(
  expression: Expression,
  chars: readonly string[],
  everywhere: boolean,
  budget: Budget
): Captures[] | null {
  try {
    return expression.matches(chars, everywhere, budget);
  } catch (error) {
    if (error instanceof StepLimitError) {
      return null;
    }
    throw error;
  }
}

/** How many code points a text has. */
function lengthOf(text: string): number {
  return [...text].length;
}

/** How much a match takes to write a piece, without the value of its group. */
function sizeOf(piece: FormatPiece): number {
  return piece.kind === 'text'
    ? 1
    : 1 + lengthOf(piece.then ?? '') + lengthOf(piece.otherwise ?? '');
}

function fill(
  format: readonly FormatPiece[],
  chars: readonly string[],
  match: Captures,
  budget: Budget
): string {
  return format
    .map(piece => {
      if (piece.kind === 'text') {
        return piece.value;
      }
      const [begin = -1, end = -1] = match.slice(2 * piece.index, 2 * piece.index + 2);
      const isPresent = Math.min(begin, end) >= 0;
      budget.charge(isPresent ? Math.floor((end - begin) / CHARACTERS_PER_STEP) : 0);
      const group = isPresent ? chars.slice(begin, end).join('') : '';
      if (piece.change !== undefined) {
        return CHANGES.get(piece.change)?.(group) ?? group;
      }
      return group ? (piece.then ?? group) : (piece.otherwise ?? '');
    })
    .join('');
}

function capitalize(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('');
}

function pascal(text: string): string {
  return (
    text
      .match(/[\p{L}\p{N}]+/gu)
      ?.map(capitalize)
      .join('') ?? text
  );
}

function camel(text: string): string {
  const [first = '', ...rest] = pascal(text);
  return first.toLowerCase() + rest.join('');
}
