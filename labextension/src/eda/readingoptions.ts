/**
 * How text and workbooks are read: the words of each option in a form, and what they stand for.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Overview, ReaderOptions, SourceIn } from './schemas';
import { hasSheets } from './source';

/** Which options a source has. */
export type ReadingKind = 'text' | 'workbook';

export type ReadingField = keyof ReaderOptions | 'sheet';

/** The words of the fields. */
export type ReadingWords = Record<ReadingField, string>;

/** What a person chose; the problems are those of words that stand for nothing. */
export interface IReadingChoice {
  reading: ReaderOptions | null;
  sheet: string;
  problems: Partial<Record<ReadingField, string>>;
}

/** How a source is read, chosen or found out. */
export interface IReading {
  reading: ReaderOptions | null;
  sheet: string;
}

/** What a run has found out about a source. */
export interface IKnownSource extends IReading {
  /** Its columns. */
  names: readonly string[];
}

/** Of a source that was not profiled. */
export const UNKNOWN: IKnownSource = { names: [], reading: null, sheet: '' };

/** What an overview tells of the source. */
export function knownFrom(overview: Overview | null | undefined): IKnownSource {
  return overview
    ? {
        names: overview.names,
        reading: overview.reading ?? null,
        sheet: overview.sheet ?? ''
      }
    : UNKNOWN;
}

const TEXT = /\.(csv|tsv|tab|psv|txt)(\.(gz|zst|xz|bz2|zip))?$/i;
const NAMED: Record<string, string> = { '\t': 'tab', ' ': 'blank', '': 'none' };
const SIGNS: Record<string, string> = {
  tab: '\t',
  '\\t': '\t',
  blank: ' ',
  space: ' ',
  comma: ',',
  point: '.',
  semicolon: ';',
  pipe: '|',
  none: ''
};
const WORKBOOK: readonly ReadingField[] = ['sheet', 'skip', 'header'];
const ALL: readonly ReadingField[] = [
  'delimiter',
  'encoding',
  'decimal',
  'thousands',
  'skip',
  'header',
  'comment',
  'quote',
  'escape',
  'na',
  'day_first',
  'date_order'
];
const DECIMALS = ['.', ','];
const THOUSANDS = ['', ',', '.', ' ', "'", '_'];

/** The options of a source, by its name or by how it was read; null if it has none. */
export function readingKind(
  { kind, location }: Pick<SourceIn, 'kind' | 'location'>,
  assumed: ReaderOptions | null = null
): ReadingKind | null {
  if (kind === 'table' || kind === 'frame') {
    return null;
  }
  if (hasSheets(location)) {
    return 'workbook';
  }
  return TEXT.test(location) || assumed ? 'text' : null;
}

/** The fields of a form, in their order. */
export function fieldsOf(kind: ReadingKind): readonly ReadingField[] {
  return kind === 'workbook' ? WORKBOOK : ALL;
}

/** The words that stand for what was chosen, or else for what was assumed. */
export function wordsOf(chosen: IReading, assumed: IReading): ReadingWords {
  const options = { ...EMPTY, ...assumed.reading, ...present(chosen.reading) };
  return {
    delimiter: signWords(options.delimiter),
    encoding: options.encoding ?? '',
    decimal: options.decimal ?? '',
    thousands: signWords(options.thousands),
    header: options.header === 0 ? 'none' : numberWords(options.header),
    skip: numberWords(options.skip),
    comment: signWords(options.comment),
    quote: signWords(options.quote),
    escape: signWords(options.escape),
    na: options.na?.join(', ') ?? '',
    day_first: options.day_first === null ? '' : options.day_first ? 'yes' : 'no',
    date_order: options.date_order ?? '',
    sheet: chosen.sheet || assumed.sheet
  };
}

/**
 * What the words stand for. A field that was not touched stays as the person chose it before, or is
 * found out anew: what followed from a wrong guess goes with the guess.
 */
export function choiceOf(
  words: ReadingWords,
  touched: ReadonlySet<ReadingField>,
  before: IReading,
  trans: TranslationBundle
): IReadingChoice {
  const problems: IReadingChoice['problems'] = {};
  const options: ReaderOptions = { ...EMPTY, ...before.reading };
  const parts: Partial<ReaderOptions> = {};
  for (const field of touched) {
    if (field === 'sheet') {
      continue;
    }
    try {
      Object.assign(parts, { [field]: PARSERS[field](words[field].trim(), trans) });
    } catch (problem) {
      problems[field] = (problem as Error).message;
    }
  }
  const reading = { ...options, ...parts };
  return {
    reading: Object.values(reading).some(value => value !== null) ? reading : null,
    sheet: touched.has('sheet') ? words.sheet.trim() : before.sheet,
    problems
  };
}

/** How a source was read, in one line; empty if nothing is known. */
export function readingLine(
  { reading, sheet }: IReading,
  trans: TranslationBundle
): string {
  const parts: string[] = [];
  if (sheet) {
    parts.push(trans.__('sheet %1', sheet));
  }
  if (reading?.delimiter) {
    parts.push(trans.__('fields between %1', quoted(reading.delimiter)));
  }
  if (reading?.encoding) {
    parts.push(reading.encoding);
  }
  if (reading?.decimal === ',') {
    parts.push(trans.__('decimal comma'));
  }
  if (reading?.thousands) {
    parts.push(trans.__('%1 between thousands', quoted(reading.thousands)));
  }
  if (reading?.skip) {
    parts.push(
      trans._n('%1 line skipped', '%1 lines skipped', reading.skip, reading.skip)
    );
  }
  if (reading?.header === 0) {
    parts.push(trans.__('no names'));
  }
  if (reading?.comment) {
    parts.push(trans.__('comments after %1', quoted(reading.comment)));
  }
  return parts.join(', ');
}

const EMPTY: ReaderOptions = {
  delimiter: null,
  quote: null,
  escape: null,
  encoding: null,
  decimal: null,
  thousands: null,
  header: null,
  skip: null,
  comment: null,
  na: null,
  day_first: null,
  date_order: null
};

type Parser = (words: string, trans: TranslationBundle) => unknown;

const sign: Parser = (words, trans) => {
  if (words === '') {
    return null;
  }
  const result = SIGNS[words.toLowerCase()] ?? words;
  if (result.length > 1) {
    throw new Error(trans.__('Write one sign, or tab, blank or none.'));
  }
  return result;
};

const signOf =
  (allowed: readonly string[]): Parser =>
  (words, trans) => {
    const result = sign(words, trans);
    if (result !== null && !allowed.includes(result as string)) {
      const signs = allowed.map(item => NAMED[item] ?? item).join(' ');
      throw new Error(trans.__('Write one of: %1', signs));
    }
    return result;
  };

const number: Parser = (words, trans) => {
  if (words !== '' && !/^\d{1,6}$/.test(words)) {
    throw new Error(trans.__('Write a whole number.'));
  }
  return words === '' ? null : Number(words);
};

const PARSERS: Record<keyof ReaderOptions, Parser> = {
  delimiter: (words, trans) => {
    const result = sign(words, trans);
    if (result === '') {
      throw new Error(trans.__('Write one sign, tab or blank.'));
    }
    return result;
  },
  quote: sign,
  escape: sign,
  encoding: words => words || null,
  decimal: signOf(DECIMALS),
  thousands: signOf(THOUSANDS),
  header: (words, trans) => (words.toLowerCase() === 'none' ? 0 : number(words, trans)),
  skip: number,
  comment: sign,
  na: words =>
    words === ''
      ? null
      : words === 'none'
        ? []
        : words
            .split(',')
            .map(text => text.trim())
            .filter(Boolean),
  day_first: words => (words === '' ? null : words === 'yes'),
  date_order: words => words || null
};

function present(reading: ReaderOptions | null): Partial<ReaderOptions> {
  return Object.fromEntries(
    Object.entries(reading ?? {}).filter(([, value]) => value !== null)
  );
}

function signWords(value: string | null): string {
  return value === null ? '' : (NAMED[value] ?? value);
}

function numberWords(value: number | null): string {
  return value === null ? '' : String(value);
}

function quoted(value: string): string {
  return NAMED[value] ?? `"${value}"`;
}
