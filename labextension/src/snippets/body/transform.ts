/**
 * The `/expression/format/flags` part of a variable or a mirror.
 */
import { ExpressionError, Expression, StepLimitError, type Captures } from './regex';

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
  format: readonly FormatPiece[]
): ((text: string) => string) | null {
  let expression: Expression;
  try {
    expression = new Expression(source, flags);
  } catch (error) {
    if (error instanceof ExpressionError) {
      return null;
    }
    throw error;
  }
  const hasElse = format.some(piece => piece.kind === 'group' && piece.otherwise);
  return text => {
    const chars = [...text];
    const matches = search(expression, chars, flags.includes('g'));
    if (!matches) {
      return text;
    }
    if (matches.length === 0 && hasElse) {
      return fill(format, chars, []);
    }
    let result = '';
    let end = 0;
    for (const match of matches) {
      result += chars.slice(end, match[0]).join('') + fill(format, chars, match);
      end = match[1];
    }
    return result + chars.slice(end).join('');
  };
}

/** The matches; null when that takes too many steps. */
function search(
  expression: Expression,
  chars: readonly string[],
  everywhere: boolean
): Captures[] | null {
  try {
    return expression.matches(chars, everywhere);
  } catch (error) {
    if (error instanceof StepLimitError) {
      return null;
    }
    throw error;
  }
}

function fill(
  format: readonly FormatPiece[],
  chars: readonly string[],
  match: Captures
): string {
  return format
    .map(piece => {
      if (piece.kind === 'text') {
        return piece.value;
      }
      const [begin = -1, end = -1] = match.slice(2 * piece.index, 2 * piece.index + 2);
      const group = Math.min(begin, end) >= 0 ? chars.slice(begin, end).join('') : '';
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
