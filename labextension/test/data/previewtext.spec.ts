import { nullTranslator } from '@jupyterlab/translation';

import { filterOf, labelOf, sortOf } from '../../src/data/previewtext';
import type { Preview } from '../../src/data/schemas';

const trans = nullTranslator.load('orrery');

function label(more: Partial<Preview>): string {
  const preview = {
    row_count: 100,
    searched: null,
    is_whole: true,
    total: null,
    total_kind: 'unknown',
    has_more: true,
    ...more
  } as unknown as Preview;
  return labelOf(preview, trans);
}

describe('labelOf()', () => {
  it.each([
    [{}, 'The first 100 rows'],
    [{ has_more: false }, 'All 100 rows'],
    [{ total: 12345, total_kind: 'exact' }, 'The first 100 of 12,345 rows'],
    [{ total: 12345, total_kind: 'estimate' }, 'The first 100 of about 12,345 rows'],
    [{ total: 100, total_kind: 'exact' }, 'All 100 rows'],
    [{ total: 100, total_kind: 'exact', searched: 900 }, 'All 100 rows that match'],
    [{ searched: 900, is_whole: false }, '100 rows that match among the first 900 rows']
  ] as [Partial<Preview>, string][])('says of %j: %s', (more, text) => {
    expect(label(more)).toBe(text);
  });
});

describe('sortOf()', () => {
  it('orders by a column, and once more the other way round', () => {
    const once = sortOf({ limit: 5 }, 2);
    expect(once).toEqual({ limit: 5, sort: [{ column: 2, is_descending: false }] });
    expect(sortOf(once, 2).sort).toEqual([{ column: 2, is_descending: true }]);
    expect(sortOf(sortOf(once, 2), 2).sort).toEqual(once.sort);
  });
});

describe('filterOf()', () => {
  it('has one filter a column, and asks for missing values as such', () => {
    const first = filterOf({}, 1, 'a');
    const second = filterOf(first, 2, null);
    expect(second.filters).toEqual([
      { column: 1, operator: 'eq', value: 'a', values: [] },
      { column: 2, operator: 'null', value: null, values: [] }
    ]);
    expect(filterOf(second, 1, 7).filters?.map(({ value }) => value)).toEqual([
      null,
      7
    ]);
  });
});
