import { createHash } from 'crypto';

import budgetCases from '../../../../tests/contracts/snippet_budget.json';
import contract from '../../../../tests/contracts/snippet_grammar.json';
import { Budget } from '../../../src/snippets/body/budget';
import { expand } from '../../../src/snippets/body/expand';
import { asCells } from '../../../src/snippets/insert/rendering';
import { Expression, StepLimitError } from '../../../src/snippets/body/regex';

const { rules, size, digests } = contract as {
  rules: Record<string, string[][]>;
  size: number;
  digests: string[];
};
const variables: Record<string, string> = contract.variables;
const DEEPEST = 14;

/** Draws the bodies that `tests/contracts/snippet_generator.py` draws. */
class Generator {
  constructor(seed: number) {
    this._state = (Math.imul(seed, 2654435761) + 1) >>> 0;
  }

  draw(rule = 'body', depth = 0): string {
    const ways = rules[rule];
    const way = ways[depth < DEEPEST ? this._number(ways.length) : 0];
    return way
      .map(part => (part.startsWith('@') ? this.draw(part.slice(1), depth + 1) : part))
      .join('');
  }

  private _number(below: number): number {
    this._state = (Math.imul(this._state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this._state * below) / 2 ** 32);
  }

  private _state: number;
}

function outcome(body: string): string {
  const budget = new Budget();
  const resolve = (name: string) =>
    Object.hasOwn(variables, name) ? variables[name] : undefined;
  const { text, stops } = expand(body, resolve, budget);
  const parts = stops.map(stop =>
    [
      String(stop.n),
      stop.default,
      stop.choices?.join('\x1d') ?? '-',
      ...stop.ranges.map(({ from, to }) => `${from}-${to}`)
    ].join('\x1e')
  );
  return [text, ...parts, String(budget.left)].join('\x1f');
}

function digest(chunk: number): string {
  const outcomes = Array.from({ length: size }, (_, index) =>
    outcome(new Generator(chunk * size + index).draw())
  );
  return createHash('sha256').update(outcomes.join('\0')).digest('hex').slice(0, 16);
}

describe('drawn bodies', () => {
  it('become what they become in the kernel', () => {
    const count = process.env.TEST_PROFILE === 'long' ? digests.length : 20;
    const differing = digests
      .slice(0, count)
      .map((expected, chunk) => (digest(chunk) === expected ? '' : `chunk ${chunk}`));
    expect(differing.filter(Boolean)).toEqual([]);
  });
});

interface IBudgetCase {
  name: string;
  parts: [string, number][];
  isRefused: boolean;
}

describe('one budget holds for all that a body repeats', () => {
  const cases = budgetCases as unknown as IBudgetCase[];
  it.each(cases.map(each => [each.name, each] as const))(
    '%s',
    (_, { parts, isRefused }) => {
      const body = parts.map(([text, count]) => text.repeat(count)).join('');
      const begin = performance.now();
      const { text, isUnexpanded = false } = expand(body, name =>
        name === 'A' ? 'a'.repeat(1_000) : undefined
      );
      expect(performance.now() - begin).toBeLessThan(2_000);
      expect(isUnexpanded).toBe(isRefused);
      if (isRefused) {
        expect(text).toBe(body);
      }
    }
  );

  it('for all cells of a snippet together', () => {
    const source = `\${1:${'a'.repeat(2_000)}}\${1/(a|aa)*%d$/x/}`;
    const cells = Array.from({ length: 64 }, () => ({ kind: 'code' as const, source }));
    const snippet = { name: 'x', language: 'python', syntax: 'vscode' as const, cells };
    const isUnexpanded = asCells(snippet, () => undefined, '    ', null).map(
      ({ expansion }) => expansion.isUnexpanded === true
    );
    expect(isUnexpanded[0]).toBe(false);
    expect(isUnexpanded.at(-1)).toBe(true);
  });
});

describe('expressions', () => {
  const texts = ['', 'a', 'ab_C9 é', 'aab\nba', '--x__y', 'Größe 2024'];
  const plain = [
    ...[
      '(.*)',
      '^(.)(.*)$',
      '[a-z]+',
      '(a|b)*',
      '(a*)+',
      '(a*)*',
      '(?:a|(b))+',
      '(^|_)([a-z])'
    ],
    ...[
      '(\\w)(\\d)?',
      '\\b\\w',
      'a{2,3}',
      'a{2,3}?',
      '(a)|(b)|(.)',
      '[^_]+$',
      '(?=b)',
      '(?!a).'
    ],
    ...[
      '(?<=_)[a-z]',
      '(?<!a)b',
      '(.)\\1',
      '(?<x>a)\\k<x>',
      '\\s+|-',
      '()*a',
      '(a?)??b',
      '[\\s\\S]'
    ],
    ...[
      '((a)|b)*',
      '(z)((a+)?(b+)?(c))*',
      '(?:(a)|b)*?$',
      '^',
      '$',
      '\\B',
      '[]',
      '[^]',
      'a|',
      '|a'
    ]
  ];

  it.each(plain)('%s matches what it matches in a browser', source => {
    for (const flags of ['g', 'gi', 'gm', 'gs', 'gy']) {
      for (const text of texts) {
        const native = [...text.matchAll(new RegExp(source, `${flags}d`))].map(match =>
          (
            match as unknown as { indices: ([number, number] | undefined)[] }
          ).indices.flatMap(pair => pair ?? [-1, -1])
        );
        expect(new Expression(source, flags).matches([...text], true)).toEqual(native);
      }
    }
  });

  it.each([
    '(a+)+$',
    '(a|aa)+$',
    '(.*)*x',
    '(a)\\1*(a+)+$',
    '(?=(a+)+$)b',
    '(?<=(a+)+)b'
  ])('that are hostile end soon: %s', source => {
    const text = [...'a'.repeat(100_000), '!'];
    const begin = performance.now();
    try {
      new Expression(source, 'g').matches(text, true);
    } catch (error) {
      expect(error).toBeInstanceOf(StepLimitError);
    }
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});
