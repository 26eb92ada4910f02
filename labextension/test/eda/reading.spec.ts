import {
  choiceOf,
  fieldsOf,
  readingKind,
  readingLine,
  UNKNOWN,
  wordsOf,
  type ReadingField,
  type ReadingWords
} from '../../src/eda/readingoptions';
import type { ReaderOptions } from '../../src/eda/schemas';
import { trans } from './fixtures';

const ASSUMED: ReaderOptions = {
  delimiter: '\t',
  quote: '"',
  escape: '',
  encoding: 'cp1252',
  decimal: ',',
  thousands: '.',
  header: 0,
  skip: 2,
  comment: '#',
  na: ['NA', '-'],
  day_first: null,
  date_order: null
};

function chosen(
  words: Partial<ReadingWords>,
  before: ReaderOptions | null = null
): ReturnType<typeof choiceOf> {
  const known = { reading: before, sheet: '' };
  return choiceOf(
    { ...wordsOf(known, UNKNOWN), ...words },
    new Set(Object.keys(words) as ReadingField[]),
    known,
    trans
  );
}

describe('options of reading', () => {
  it('begin with what was found out', () => {
    expect(wordsOf(UNKNOWN, { reading: ASSUMED, sheet: 'May' })).toEqual({
      delimiter: 'tab',
      quote: '"',
      escape: 'none',
      encoding: 'cp1252',
      decimal: ',',
      thousands: '.',
      header: 'none',
      skip: '2',
      comment: '#',
      na: 'NA, -',
      day_first: '',
      date_order: '',
      sheet: 'May'
    });
  });

  it('begin with what the person chose, before what was found out', () => {
    const before = { ...ASSUMED, delimiter: ';', encoding: null };
    const words = wordsOf(
      { reading: before, sheet: '' },
      { reading: ASSUMED, sheet: '' }
    );
    expect(words.delimiter).toBe(';');
    expect(words.encoding).toBe('cp1252');
  });

  it('are those that the person touched', () => {
    expect(chosen({}).reading).toBeNull();
    expect(
      chosen({ delimiter: 'blank', header: '2', na: '?, none given' }).reading
    ).toEqual(
      expect.objectContaining({
        delimiter: ' ',
        header: 2,
        na: ['?', 'none given'],
        skip: null
      })
    );
    expect(
      chosen({ quote: 'none', day_first: 'no', date_order: 'ymd' }).reading
    ).toMatchObject({
      quote: '',
      day_first: false,
      date_order: 'ymd'
    });
    expect(chosen({ sheet: ' May ' }).sheet).toBe('May');
  });

  it('stay as they were chosen, or are found out anew when they are emptied', () => {
    const before = { ...ASSUMED };
    expect(chosen({ delimiter: '' }, before).reading).toEqual({
      ...ASSUMED,
      delimiter: null
    });
  });

  it('say which words stand for nothing', () => {
    const { problems } = chosen({
      delimiter: 'ab',
      header: 'first',
      decimal: ';',
      thousands: 'x'
    });
    expect(Object.keys(problems).sort()).toEqual([
      'decimal',
      'delimiter',
      'header',
      'thousands'
    ]);
  });

  it('are those of the format', () => {
    const of = (location: string): unknown => readingKind({ kind: 'file', location });
    expect(of('a.csv.gz')).toBe('text');
    expect(of('a.xlsx')).toBe('workbook');
    expect(of('a.parquet')).toBeNull();
    expect(readingKind({ kind: 'table', location: 'sqlite:///a.csv' })).toBeNull();
    expect(readingKind({ kind: 'file', location: 'folder/' }, ASSUMED)).toBe('text');
    expect(fieldsOf('workbook')).toEqual(['sheet', 'skip', 'header']);
    expect(fieldsOf('text')).toContain('day_first');
  });

  it('are said in a line', () => {
    expect(readingLine({ reading: ASSUMED, sheet: '' }, trans)).toBe(
      'fields between tab, cp1252, decimal comma, "." between thousands, 2 lines skipped, no names, comments after "#"'
    );
    expect(readingLine(UNKNOWN, trans)).toBe('');
  });
});
