/**
 * Numbers, shares, sizes and times as a person reads them, in the language of the lab.
 */

/** What a cell of a table may hold on the wire. */
export type Value = string | number | boolean | null;

const DAY = 86_400;
const UNITS: readonly [Intl.NumberFormatOptions['unit'], number][] = [
  ['year', 365.25 * DAY],
  ['day', DAY],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
  ['millisecond', 1e-3],
  ['microsecond', 1e-6]
];
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];

const CLOCK = /^(-?\d{4,}-\d\d-\d\d)T(\d\d:\d\d)/;

/** Control characters, and those that turn the direction of what follows: a name could pose as another. */
const UNSEEN = /[\p{Cc}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

const formats = new Map<string, Intl.NumberFormat>();

/** The language that the lab speaks; the browser's own if it does not say. */
function language(): string | undefined {
  const tag = document.documentElement.lang;
  try {
    return tag ? Intl.getCanonicalLocales(tag)[0] : undefined;
  } catch {
    return undefined;
  }
}

function format(value: number, options: Intl.NumberFormatOptions): string {
  const locale = language();
  const key = `${locale} ${JSON.stringify(options)}`;
  let known = formats.get(key);
  if (!known) {
    known = new Intl.NumberFormat(locale, options);
    formats.set(key, known);
  }
  return known.format(value);
}

/** 1,234,567 */
export function whole(value: number): string {
  return format(value, { maximumFractionDigits: 0 });
}

/** 1.2M */
export function compact(value: number): string {
  return Math.abs(value) < 10_000
    ? whole(value)
    : format(value, { notation: 'compact', maximumSignificantDigits: 3 });
}

/** A measured number, short enough for a table: 3.1416, 12,345, 1.2E9. */
export function number(value: number): string {
  if (value === 0 || !Number.isFinite(value)) {
    return format(value, {});
  }
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) {
    return format(value, { notation: 'scientific', maximumSignificantDigits: 4 });
  }
  if (Number.isInteger(value)) {
    return whole(value);
  }
  // What would be rounded up to a power of its own has the notation of that.
  if (Math.round(size * 10) >= 1e10) {
    return number(Math.sign(value) * 1e9);
  }
  return format(value, {
    maximumFractionDigits: size >= 1_000 ? 1 : Math.max(0, 4 - digits(size))
  });
}

/** Every digit that there is. */
export function exact(value: number): string {
  return format(value, { maximumSignificantDigits: 17 });
}

/** A share as a percentage that is never rounded to none or to all. */
export function share(value: number): string {
  const percent = (part: number): string =>
    format(part, { style: 'percent', maximumFractionDigits: 1 });
  if (value > 0 && value < 0.0005) {
    return `< ${percent(0.001)}`;
  }
  if (value < 1 && value > 0.9995) {
    return `> ${percent(0.999)}`;
  }
  return percent(value);
}

/** A difference of shares in percentage points' own number: ±0.098 points is "0.098". */
export function points(value: number): string {
  return format(value * 100, { maximumSignificantDigits: 2 });
}

/** 12.3 MB */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.floor(Math.log10(value) / 3 + 1e-9);
  const index = Math.min(power, SIZES.length - 1);
  return format(value / 1_000 ** index, {
    style: 'unit',
    unit: SIZES[index],
    unitDisplay: index ? 'short' : 'long',
    maximumSignificantDigits: 3
  });
}

/** How long something took or lasts: 320 ms, 3.2 s, 4 min, 2 days. */
export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  const [unit, length] =
    UNITS.find(([, least]) => size >= least) ??
    (size ? UNITS[UNITS.length - 1] : UNITS[4]);
  return format(seconds / length, {
    style: 'unit',
    unit,
    unitDisplay: length >= DAY || length === 3_600 ? 'long' : 'short',
    maximumSignificantDigits: 3
  });
}

/** A time as seconds since 1970, no finer than the span that is looked at. */
export function moment(seconds: number, span: number): string {
  const date = new Date(seconds * 1_000);
  if (Number.isNaN(date.valueOf())) {
    return number(seconds);
  }
  const parts: Intl.DateTimeFormatOptions =
    span > 6 * 365 * DAY
      ? { year: 'numeric', month: 'short' }
      : span > 3 * DAY
        ? { dateStyle: 'medium' }
        : { dateStyle: 'short', timeStyle: span > 3_600 ? 'short' : 'medium' };
  return new Intl.DateTimeFormat(language(), { ...parts, timeZone: 'UTC' }).format(
    date
  );
}

/** An edge of a bin: a number, or a time. */
export function edge(value: number, edges: readonly number[], isTime: boolean): string {
  return isTime ? moment(value, edges[edges.length - 1] - edges[0]) : number(value);
}

/** A value of the data in one line; what cannot be seen is made visible. */
export function shown(value: Value): string {
  if (typeof value === 'number') {
    return number(value);
  }
  if (typeof value !== 'string') {
    return String(value);
  }
  return value.trim() === '' && value !== '' ? `"${visible(value)}"` : visible(value);
}

/** A value of a column in one line: a time is read more easily without the letter in its middle. */
export function shownOf(column: { type: string }, value: Value): string {
  const text = shown(value);
  return column.type === 'datetime' ? text.replace(CLOCK, '$1 $2') : text;
}

/** Both ends of a range, with as many digits as tell them apart. */
export function ends(
  column: { type: string },
  from: Value,
  to: Value
): readonly [string, string] {
  const texts = [shownOf(column, from), shownOf(column, to)] as const;
  const isHidden = from !== to && texts[0] === texts[1];
  return isHidden && typeof from === 'number' && typeof to === 'number'
    ? [exact(from), exact(to)]
    : texts;
}

/** A value as it is, for the tooltip. */
export function full(value: Value): string {
  return typeof value === 'number' ? exact(value) : String(value);
}

function visible(text: string): string {
  return text
    .replace(/\r\n|[\n\r\u2028\u2029]/g, '\u21B5')
    .replace(/\t/g, '\u21E5')
    .replace(
      UNSEEN,
      character =>
        `\u27E8${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}\u27E9`
    );
}

function digits(size: number): number {
  return Math.floor(Math.log10(size)) + 1;
}
