import corpus from '../../../../tests/contracts/snippet_bodies.json';
import { escapeBody, expand, variablesOf } from '../../../src/snippets/body/expand';
import {
  indented,
  joined,
  literal,
  surrounded
} from '../../../src/snippets/body/compose';

interface ICase {
  name: string;
  body: string;
  variables: Record<string, string>;
  text: string;
  stops: { n: number; default: string; choices: string[] | null; ranges: number[][] }[];
}

const CORPUS = corpus as unknown as ICase[];

const none = () => undefined;

describe('the corpus', () => {
  it.each(CORPUS.map(one => [one.name, one] as const))('%s', (_, one) => {
    const { text, stops } = expand(one.body, name =>
      Object.hasOwn(one.variables, name) ? one.variables[name] : undefined
    );
    expect(text).toBe(one.text);
    expect(
      stops.map(stop => ({
        ...stop,
        ranges: stop.ranges.map(({ from, to }) => [from, to])
      }))
    ).toEqual(one.stops);
  });
});

/** A repeatable source of numbers below a bound. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return bound => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const PIECES = [
  ...[
    '$',
    '{',
    '}',
    '${',
    '$1',
    '$2',
    '$0',
    '${1:',
    '${2:',
    '${3|',
    '|}',
    '|',
    ',',
    '/'
  ],
  ...[
    '\\',
    '\\$',
    ':',
    'a',
    'é',
    '😀',
    '\n',
    '\t',
    '${A',
    '${SELECTION:',
    '${LAKE/',
    '(.*)'
  ],
  ...['${1/', '/g}', '$x', '${x}', '+', '?', '(', '[']
];

describe('random bodies', () => {
  it('never throw, and every range lies in the text', () => {
    const roll = dice(7);
    for (let round = 0; round < 3000; round++) {
      const body = Array.from(
        { length: roll(24) },
        () => PIECES[roll(PIECES.length)]
      ).join('');
      const { text, stops } = expand(body, name =>
        name === 'LAKE' ? 'a/b' : undefined
      );
      expect(stops.at(-1)?.n).toBe(0);
      for (const stop of stops) {
        expect(stop.ranges.length).toBeGreaterThan(0);
        for (const { from, to, transform } of stop.ranges) {
          expect(from >= 0 && from <= to && to <= text.length).toBe(true);
          if (!transform && !stop.ranges[0].transform) {
            expect(text.slice(from, to)).toBe(stop.default);
          }
        }
      }
    }
  });

  it('give back every text that was escaped', () => {
    const roll = dice(11);
    for (let round = 0; round < 2000; round++) {
      const text = Array.from(
        { length: roll(20) },
        () => PIECES[roll(PIECES.length)]
      ).join('');
      expect(expand(escapeBody(text), none)).toEqual(literal(text));
      const placed = expand(`\${1:${escapeBody(text)}}`, none);
      expect(placed.text).toBe(text);
      expect(placed.stops[0].ranges[0]).toMatchObject({ from: 0, to: text.length });
    }
  });
});

describe('hostile bodies', () => {
  const long = 200_000;
  const fill = (piece: string) => piece.repeat(Math.floor(long / piece.length));
  it.each([
    ['open placeholders', fill('${1:')],
    ['open variables', fill('${A:')],
    ['open choices', fill('${1|a')],
    ['open choices of many', `\${1|${fill('a,')}`],
    ['open transforms', fill('${A/')],
    ['open conditions', fill('${A/x/${1:+')],
    ['open elses', fill('${A/x/${1:?a')],
    ['dollars', fill('$')],
    ['backslashes', fill('\\')],
    ['stops', fill('$1')],
    ['closed placeholders', `${fill('${1:')}${fill('}')}`],
    ['mirrors that double', chain(60, n => `\${${n}:$${n + 1}$${n + 1}}`)],
    ['mirrors of much text', `\${1:${'x'.repeat(100_000)}}${'$1'.repeat(50_000)}`],
    ['a long chain of stops', chain(20_000, n => `\${${n}:$${n + 1}}`)],
    ['a long name', `$${fill('A')}`],
    ['a large number', `$${fill('9')}`],
    ['selections', fill('$SELECTION ')]
  ])('%s take no longer than long ones', (_, body) => {
    const start = performance.now();
    const { text } = expand(body, name => (name === 'SELECTION' ? 'a\nb' : undefined));
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(text.length).toBeLessThanOrEqual(2_000_000);
  });

  it.each([
    ['nested repetition', '(a+)+$', 'v'],
    ['choices repeated', '(a|a)*$', 'vx'],
    ['options repeated', '(a?){20}$', 'vx'],
    ['deeper', '((a+)b?)*c', 'v'],
    ['many repetitions', 'a*a*a*a*a*a*b', 'v'],
    ['many options', `${'a?'.repeat(40)}${'a'.repeat(40)}`, `x${'a'.repeat(4920)}!`],
    ['a class in a repeated group', '([a-z]+)*!', 'x'],
    ['a group that is asked for again', '(a+)+\\1+b', 'v'],
    ['a look back', '(?<=(a+)+)b', 'v']
  ])('%s in an expression cost no time', (_, expression, expected) => {
    const value = `${'a'.repeat(5000)}!`;
    const start = performance.now();
    const { text } = expand(`\${LAKE/${expression}/x/}`, () => value);
    expect(performance.now() - start).toBeLessThan(5_000);
    // What would take too long leaves the text as it is.
    const isRight = text === expected.replace('v', value);
    expect(isRight || text === value).toBe(true);
  });

  it('use ordinary expressions on long texts', () => {
    const value = 'a line of code\n'.repeat(200);
    expect(expand('${SELECTION/^/# /gm}', () => value).text).toBe(
      value.replace(/^/gm, '# ')
    );
    expect(expand('${SELECTION/(.+)/[$1]/}', () => 'x'.repeat(3000)).text.length).toBe(
      3002
    );
    expect(expand('${TM_FILENAME/(a|b)+/x/}', () => 'abab.py').text).toBe('x.py');
  });
});

function chain(length: number, link: (n: number) => string): string {
  return Array.from({ length }, (_, n) => link(n + 1)).join('');
}

describe('stops within stops', () => {
  it('a stop in its own default is nothing', () => {
    const { text, stops } = expand('${1:a$1b}', none);
    expect(text).toBe('ab');
    expect(stops[0].ranges.map(({ from, to }) => [from, to])).toEqual([[0, 2]]);
  });

  it('two stops that hold each other come to an end', () => {
    expect(expand('${1:a$2}${2:b$1}', none).text).toBe('abba');
  });

  it('a transformed mirror of nested stops has the text alone', () => {
    const { text, stops } = expand('${1:a${2:b}} ${1/(.*)/${1:/upcase}/}', none);
    expect(text).toBe('ab AB');
    expect(stops.find(stop => stop.n === 2)?.ranges.length).toBe(1);
    expect(stops[0].ranges[1].transform?.('xy')).toBe('XY');
  });
});

describe('variables with several values', () => {
  const frames = (name: string) => (name === 'DATAFRAME' ? ['df', 'sales'] : undefined);

  it('are a choice', () => {
    const { text, stops } = expand('${DATAFRAME}.head()$1', frames);
    expect(text).toBe('df.head()');
    expect(stops.map(stop => [stop.n, stop.choices])).toEqual([
      [1, null],
      [2, ['df', 'sales']],
      [0, null]
    ]);
  });

  it('give their placeholder the choice', () => {
    const { text, stops } = expand('${1:${DATAFRAME:x}} = $1', frames);
    expect(text).toBe('df = df');
    expect(stops[0]).toMatchObject({ n: 1, default: 'df', choices: ['df', 'sales'] });
    expect(stops.length).toBe(2);
  });

  it('take the first in a transform, and none is not set', () => {
    expect(expand('${DATAFRAME/(.*)/${1:/upcase}/}', frames).text).toBe('DF');
    expect(expand('${DATAFRAME:x}', () => []).text).toBe('x');
    expect(expand('${DATAFRAME:x}', () => ['one']).text).toBe('one');
  });
});

describe('variablesOf', () => {
  it('finds them in defaults too', () => {
    expect([...variablesOf('$A ${B:${C/x/y/}} ${1:$D} \\$E')].sort()).toEqual([
      'A',
      'B',
      'C',
      'D'
    ]);
  });
});

describe('indented', () => {
  it('moves every line but the first, and the fields with it', () => {
    const { text, stops } = indented(
      expand('if ${1:x}:\n\t${2:a\nb}\n\n$0', none),
      '    '
    );
    expect(text).toBe('if x:\n    \ta\n    b\n\n    ');
    expect(stops.map(stop => [stop.default, stop.ranges[0].from])).toEqual([
      ['x', 3],
      ['a\n    b', 11],
      ['', text.length]
    ]);
  });

  it('leaves one line as it is', () => {
    const one = expand('a $1', none);
    expect(indented(one, '    ')).toBe(one);
    expect(indented(expand('a\nb', none), '')).toMatchObject({ text: 'a\nb' });
  });
});

describe('order of fields', () => {
  it('tells what is inside what, also where nothing separates them', () => {
    const { stops } = expand('${1:${2:x}}$3$4', none);
    expect(
      stops.map(stop => [stop.n, stop.ranges[0].order, stop.ranges[0].last])
    ).toEqual([
      [1, 0, 1],
      [2, 1, 1],
      [3, 2, 2],
      [4, 3, 3],
      [0, 4, 4]
    ]);
  });
});

describe('surrounded and joined', () => {
  it('keep the fields on their text', () => {
    const whole = joined(
      [
        surrounded(expand('${1:a}$0', none), '# ', ' !'),
        expand('${1:b} $2 $1', none),
        expand('x$0y', none)
      ],
      '\n\n'
    );
    expect(whole.text).toBe('# a !\n\nb  b\n\nxy');
    expect(
      whole.stops.map(({ n, ranges }) => [n, ranges.map(({ from, to }) => [from, to])])
    ).toEqual([
      [1, [[2, 3]]],
      [
        2,
        [
          [7, 8],
          [10, 11]
        ]
      ],
      [3, [[9, 9]]],
      [0, [[14, 14]]]
    ]);
    const orders = whole.stops.flatMap(stop => stop.ranges.map(one => one.order));
    expect(new Set(orders).size).toBe(orders.length);
  });
});
