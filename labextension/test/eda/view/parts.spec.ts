import { binsOf, fullest, part } from '../../../src/eda/view/charts/bins';
import { worstFirst } from '../../../src/eda/view/drift';
import { rerunOf } from '../../../src/eda/view/rerun';
import { matrixOf, strongest } from '../../../src/eda/view/charts/matrix';
import { pairsOf } from '../../../src/eda/view/charts/drift';
import { checkLabel } from '../../../src/eda/view/checklabels';
import { RunModel } from '../../../src/eda/view/run';
import { sectionsOf } from '../../../src/eda/view/sections';
import { distinctText, factsOf } from '../../../src/eda/view/statistics';
import { labelsOf } from '../../../src/eda/view/labels';
import type { Association, Check, Run } from '../../../src/eda/schemas';
import { column, drift, ID, MemoryClient, overview, run, trans } from './fixtures';

const labels = labelsOf(trans);

function pair(a: number, b: number, value: number): Association {
  return { a, b, value, measure: 'pearson', rows: 10 };
}

function check(more: Partial<Check>): Check {
  return {
    code: 'not_null',
    column: 'age',
    type: null,
    minimum: null,
    maximum: null,
    values: [],
    pattern: '',
    allowed: 0,
    why: '',
    ...more
  };
}

describe('bins', () => {
  it('adds neighbours up when there are more than can be told apart', () => {
    const edges = Array.from({ length: 101 }, (_, place) => place);
    const counts = edges.slice(1).map(() => 1);
    const bins = binsOf({ edges, counts, whole: false }, 40);
    expect(bins).toHaveLength(34);
    expect(bins[0]).toEqual({ from: 0, to: 3, count: 3, height: 1 });
    expect(bins.slice(-1)[0]).toMatchObject({ from: 99, to: 100, count: 1 });
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(100);
  });

  it('finds the fullest, and no share of nothing', () => {
    const half = { edges: [17.5, 19.5, 21.5], counts: [3, 1], whole: true };
    expect(binsOf(half).map(({ from, to }) => [from, to])).toEqual([
      [18, 19],
      [20, 21]
    ]);
    expect(
      fullest(binsOf({ edges: [0, 1, 2], counts: [1, 5], whole: false }))?.from
    ).toBe(1);
    expect(fullest([])).toBeUndefined();
    expect([part(1, 0), part(3, 2), part(1, 4)]).toEqual([0, 1, 0.25]);
  });
});

describe('statistics', () => {
  it('tells estimates from counts', () => {
    expect(distinctText(column({ distinct: 1_000 }))).toBe('1,000');
    expect(distinctText(column({ distinct: 1_000, distinct_error: 0.02 }))).toBe(
      '≈ 1,000'
    );
    expect(distinctText(column({ distinct: null }))).toBe('');
  });

  it('leaves out what is not known, and writes code for everything else', () => {
    const groups = factsOf(column({ skewness: 2.5 }), trans, labels);
    expect(groups.map(group => group.title)).toEqual([
      'Values',
      'Measures',
      'Quantiles'
    ]);
    const facts = groups.flatMap(group => group.facts);
    expect(facts.map(fact => fact.label)).not.toContain('Sum');
    expect(facts.find(fact => fact.label === 'Skewness')).toMatchObject({
      text: '2.5',
      request: { what: 'statistic', statistic: 'skewness', column: 0 }
    });
    expect(facts.every(fact => fact.request.what)).toBe(true);
  });

  it('says zones, gaps and outliers in labels', () => {
    const groups = factsOf(
      column({
        type: 'datetime',
        outliers: { low: 1, high: 2, fence_low: 0, fence_high: 10 },
        time: {
          granularity: 'day',
          zone: 'UTC',
          typical_step: 86_400,
          gaps: 2,
          largest_gap: 432_000,
          weekdays: [],
          hours: [],
          future: 0
        }
      }),
      trans,
      labels
    );
    const text = groups.flatMap(group => group.facts.map(fact => fact.text));
    expect(text).toEqual(expect.arrayContaining(['UTC', '1 day', '5 days', '3 (3%)']));
  });
});

describe('relations', () => {
  it('finds a pair from either side and takes the strongest ties first', () => {
    const matrix = matrixOf([pair(0, 1, 0.2), pair(4, 2, -0.9), pair(2, 1, 0.5)], 3);
    expect(matrix.columns).toEqual([1, 2, 4]);
    expect(matrix.at(2, 4)?.value).toBe(-0.9);
    expect(matrix.at(0, 4)).toBeUndefined();
    expect(strongest([pair(0, 1, 0.2), pair(1, 2, -0.9)])[0].value).toBe(-0.9);
  });
});

describe('drift', () => {
  it('compares shares, so tables of different length can be compared', () => {
    const [first] = pairsOf(
      drift({ before: [1, 1], after: [10, 10], edges: [0, 1, 2] })
    );
    expect(first).toMatchObject({ label: '0 – 1', shareBefore: 0.5, shareAfter: 0.5 });
  });

  it('has one side only when a column is new', () => {
    const pairs = pairsOf(drift({ change: 'added', before: [], after: [3, 1] }));
    expect(pairs.map(one => one.shareBefore)).toEqual([0, 0]);
  });

  it('puts what changed most first, and keeps the order of the rest', () => {
    const sorted = worstFirst([
      drift({ name: 'a' }),
      drift({ name: 'b' }),
      drift({ name: 'c', change: 'drifted', level: 'warning', value: 0.2 }),
      drift({ name: 'd', change: 'drifted', level: 'serious', value: 0.3 }),
      drift({ name: 'e', change: 'drifted', level: 'serious', value: 0.9 })
    ]);
    expect(sorted.map(one => one.name)).toEqual(['e', 'd', 'c', 'a', 'b']);
  });
});

describe('checks', () => {
  it.each([
    [check({}), 'Not missing'],
    [check({ code: 'between', minimum: 0, maximum: 80 }), 'Between 0 and 80'],
    [check({ code: 'between', minimum: 0 }), 'Between: at least 0'],
    [check({ code: 'length_between', maximum: 9 }), 'Length between: at most 9'],
    [check({ code: 'type', type: 'integer' }), 'Has the type Integer'],
    [check({ code: 'in_set', values: ['a', 'b'] }), 'One of a, b'],
    [check({ code: 'matches', pattern: '^x$' }), 'Matches ^x$'],
    [check({ allowed: 0.01 }), 'Not missing (up to 1% of the rows may break it)']
  ])('are said in labels: %j', (one, text) => {
    expect(checkLabel(one, labels, trans)).toBe(text);
  });
});

describe('sections', () => {
  const ids = (more: Partial<Run>): string[] => {
    const client = new MemoryClient();
    const model = new RunModel({ client, id: ID });
    Object.defineProperty(model, 'run', { value: run(more) });
    Object.defineProperty(model, 'overview', { value: overview() });
    const found = sectionsOf(model, trans).map(section => section.id);
    model.dispose();
    return found;
  };

  it('are those that were asked for', () => {
    const { options } = run();
    expect(ids({})).toEqual([
      'overview',
      'columns',
      'relations',
      'missing',
      'text',
      'alerts',
      'checks',
      'report'
    ]);
    expect(ids({ options: { ...options, sections: ['univariate'] } })).toEqual([
      'overview',
      'columns',
      'missing',
      'alerts',
      'checks',
      'report'
    ]);
    expect(ids({ options: { ...options, target: 'price' } })).toContain('target');
  });

  it('are others for other tasks', () => {
    expect(ids({ task: 'comparison' })).toEqual(['drift', 'alerts']);
    expect(ids({ task: 'checks' })).toEqual(['results']);
    expect(ids({ task: 'report' })).toEqual(['report']);
  });
});

describe('rerun', () => {
  it('starts the same again, with the suite that its results know', () => {
    const source = run().source;
    expect(rerunOf(run(), null)).toMatchObject({
      task: 'profile',
      source,
      suite: null
    });
    expect(rerunOf(run({ task: 'checks' }), null)).toBeNull();
    const result = { check: check({}), passed: true, broken: 0, rows: 1 };
    const results = {
      name: 'mine',
      rows: 1,
      results: [{ ...result, examples: [], message: '' }]
    };
    expect(rerunOf(run({ task: 'checks' }), results)?.suite).toEqual({
      name: 'mine',
      checks: [check({})]
    });
  });
});
