/**
 * What the characters of an expression are: the kernel's engine knows the same.
 */

/** Whether a character fits. */
export type CharacterTest = (char: string) => boolean;

const SPACES =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a' +
  '\u2028\u2029\u202f\u205f\u3000\ufeff';

export const LINE_ENDS: ReadonlySet<string> = new Set('\n\r\u2028\u2029');

export const WORD: ReadonlySet<string> = new Set(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'
);

/** The members of `\d`, `\w` and `\s`. */
export const CLASSES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['d', new Set('0123456789')],
  ['w', WORD],
  ['s', new Set(SPACES)]
]);

const CATEGORIES: ReadonlySet<string> = new Set(
  (
    'C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps ' +
    'S Sc Sk Sm So Z Zl Zp Zs'
  ).split(' ')
);
const tests = new Map<string, RegExp>();

/** Whether a name is a general category of Unicode, such as `Lu`. */
export function isCategory(name: string): boolean {
  return CATEGORIES.has(name);
}

/** Whether a character is of a general category. */
export function hasCategory(char: string, name: string): boolean {
  const test = tests.get(name) ?? new RegExp(`^\\p{${name}}$`, 'u');
  tests.set(name, test);
  return test.test(char);
}

/** A character in small and in capital; a letter of ASCII never stands for one beyond. */
export function caseForms(char: string): readonly string[] {
  const isAscii = (text: string) => text < '\x80';
  return [char, char.toLowerCase(), char.toUpperCase()].filter(
    form => [...form].length === 1 && isAscii(form) === isAscii(char)
  );
}
