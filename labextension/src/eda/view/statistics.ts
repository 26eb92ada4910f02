/**
 * The statistics of a column, in the order in which they are read.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ColumnProfile, Statistic } from '../schemas';
import { isTime, part, present } from './charts/bins';
import {
  duration,
  exact,
  full,
  number,
  share,
  shownOf,
  whole,
  type Value
} from './format';
import type { ILabels } from './labels';
import type { CodeRequest } from './codeinsert';

/** One statistic. */
export interface IFact {
  label: string;
  text: string;
  /** The same with every digit, or more about it. */
  more: string;
  /** What its button writes code for. */
  request: CodeRequest;
}

/** Statistics that are read together. */
export interface IFacts {
  title: string;
  facts: readonly IFact[];
}

interface IContext {
  column: ColumnProfile;
  trans: TranslationBundle;
  labels: ILabels;
}

/** Every statistic that is known of a column; groups of which nothing is known are left out. */
export function factsOf(
  column: ColumnProfile,
  trans: TranslationBundle,
  labels: ILabels
): IFacts[] {
  const context = { column, trans, labels };
  return [
    { title: trans.__('Values'), facts: counted(context) },
    { title: trans.__('Measures'), facts: measured(context) },
    { title: trans.__('Quantiles'), facts: quantiles(context) },
    { title: trans.__('Text'), facts: written(context) },
    { title: trans.__('Time'), facts: timed(context) }
  ].filter(group => group.facts.length > 0);
}

/** The number of different values, with the sign of an estimate. */
export function distinctText(column: ColumnProfile): string {
  return column.distinct === null
    ? ''
    : `${column.distinct_error > 0 ? '≈ ' : ''}${whole(column.distinct)}`;
}

/** How sure the number of different values is. */
export function distinctMore(column: ColumnProfile, trans: TranslationBundle): string {
  return column.distinct_error > 0
    ? trans.__(
        'Distinct values, estimated: relative standard error %1',
        share(column.distinct_error)
      )
    : trans.__('Distinct values, counted exactly');
}

function codeRequest(column: ColumnProfile, statistic: Statistic): CodeRequest {
  return { what: 'statistic', column: column.index, statistic };
}

function counted({ column, trans }: IContext): IFact[] {
  const facts: IFact[] = [];
  const add = (label: string, count: number, request: CodeRequest): void => {
    const text = `${whole(count)} (${share(part(count, column.count))})`;
    facts.push({ label, text, more: `${label}: ${text}`, request });
  };
  facts.push(
    plain(trans.__('Rows looked at'), whole(column.count), {
      what: 'column',
      column: column.index
    })
  );
  add(trans.__('Missing'), column.missing, codeRequest(column, 'missing'));
  if (column.nan) {
    add(trans.__('Not a number'), column.nan, codeRequest(column, 'missing'));
  }
  if (column.infinite) {
    add(trans.__('Infinite'), column.infinite, codeRequest(column, 'outliers'));
  }
  if (column.distinct !== null) {
    facts.push({
      label: trans.__('Distinct'),
      text: distinctText(column),
      more: distinctMore(column, trans),
      request: codeRequest(column, 'distinct')
    });
  }
  if (column.singles !== null) {
    add(trans.__('Occur once'), column.singles, codeRequest(column, 'distinct'));
  }
  if (column.trues !== null) {
    const value = { what: 'value' as const, column: column.index, value: true };
    add(trans.__('True'), column.trues, value);
  }
  if (column.zeros) {
    const value = { what: 'value' as const, column: column.index, value: 0 };
    add(trans.__('Zeros'), column.zeros, value);
  }
  if (column.negatives) {
    add(trans.__('Negative'), column.negatives, codeRequest(column, 'min'));
  }
  return facts;
}

function measured({ column, trans }: IContext): IFact[] {
  const facts: IFact[] = [];
  const add = (label: string, value: Value | undefined, statistic: Statistic): void => {
    if (value !== null && value !== undefined) {
      facts.push(fact(label, value, codeRequest(column, statistic), column));
    }
  };
  add(trans.__('Minimum'), column.minimum, 'min');
  add(trans.__('Maximum'), column.maximum, 'max');
  add(trans.__('Mean'), column.mean, 'mean');
  add(trans.__('Standard deviation'), column.std, 'std');
  add(trans.__('Sum'), column.total, 'mean');
  add(trans.__('Skewness'), column.skewness, 'skewness');
  add(trans.__('Excess kurtosis'), column.kurtosis, 'skewness');
  if (column.monotonic) {
    const text =
      column.monotonic === 'increasing'
        ? trans.__('always increasing')
        : trans.__('always decreasing');
    facts.push(plain(trans.__('Order'), text, codeRequest(column, 'min')));
  }
  if (column.outliers) {
    const { low, high, fence_low, fence_high } = column.outliers;
    const text = `${whole(low + high)} (${share(part(low + high, present(column)))})`;
    facts.push({
      label: trans.__('Outliers'),
      text,
      more: trans.__(
        '%1 below %2 and %3 above %4 (1.5 interquartile ranges from the quartiles)',
        whole(low),
        number(fence_low),
        whole(high),
        number(fence_high)
      ),
      request: codeRequest(column, 'outliers')
    });
  }
  if (column.association !== null) {
    add(trans.__('Association with the target'), column.association, 'associations');
  }
  return facts;
}

function quantiles({ column, trans }: IContext): IFact[] {
  const { quantile_error: error } = column;
  return column.quantiles.map(({ share: at, value }) => {
    const label = at === 0.5 ? trans.__('Median') : share(at);
    const about = fact(label, value, codeRequest(column, 'quantiles'), column);
    return error > 0
      ? {
          ...about,
          more: trans.__(
            '%1 (estimated, within %2 of the rank)',
            about.more,
            share(error)
          )
        }
      : about;
  });
}

function written({ column, trans, labels }: IContext): IFact[] {
  const { text } = column;
  if (!text) {
    return [];
  }
  const request: CodeRequest = { what: 'column', column: column.index };
  const facts = [
    fact(trans.__('Shortest'), text.shortest, request),
    fact(trans.__('Longest'), text.longest, request),
    fact(trans.__('Mean length'), text.mean_length, request),
    fact(trans.__('Mean words'), text.mean_words, request)
  ];
  if (text.blank) {
    const blank = `${whole(text.blank)} (${share(part(text.blank, column.count))})`;
    facts.push(plain(trans.__('Blank'), blank, codeRequest(column, 'missing')));
  }
  if (text.looks_like) {
    const what = labels.looks[text.looks_like] ?? text.looks_like;
    const about = text.estimated && text.looks_like_share < 1 ? '≈ ' : '';
    const pattern = `${what} (${about}${share(text.looks_like_share)})`;
    facts.push(plain(trans.__('Looks like'), pattern, codeRequest(column, 'top')));
  }
  return facts;
}

function timed({ column, trans }: IContext): IFact[] {
  const { time } = column;
  if (!time) {
    return [];
  }
  const request: CodeRequest = { what: 'column', column: column.index };
  const facts = [plain(trans.__('Granularity'), time.granularity, request)];
  const add = (label: string, seconds: number | null): void => {
    if (seconds !== null) {
      facts.push(plain(label, duration(seconds), request));
    }
  };
  if (time.zone) {
    facts.push(plain(trans.__('Time zone'), time.zone, request));
  } else if (isTime(column)) {
    facts.push(plain(trans.__('Time zone'), trans.__('none'), request));
  }
  add(trans.__('Typical step'), time.typical_step);
  facts.push(plain(trans.__('Gaps'), whole(time.gaps), request));
  add(trans.__('Largest gap'), time.largest_gap);
  if (time.future) {
    facts.push(
      plain(trans.__('In the future'), whole(time.future), codeRequest(column, 'max'))
    );
  }
  return facts;
}

function fact(
  label: string,
  value: Value,
  request: CodeRequest,
  of: { type: string } = { type: '' }
): IFact {
  const more = typeof value === 'number' ? exact(value) : full(value);
  return { label, text: shownOf(of, value), more: `${label}: ${more}`, request };
}

function plain(label: string, text: string, request: CodeRequest): IFact {
  return { label, text, more: `${label}: ${text}`, request };
}
