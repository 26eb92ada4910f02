/**
 * Numbers and moments as a person reads them.
 */
import React from 'react';

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const EXACT = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'medium'
});
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1]
];

/** A moment as the time from now: "2 hours ago". */
export function relative(when: string, now: number = Date.now()): string {
  const seconds = (Date.parse(when) - now) / 1000;
  const [unit, length] =
    UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[UNITS.length - 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}

/** The time since a moment, with the exact time on hover; a dash for none. */
export function Moment({ when }: { when: string | null | undefined }): JSX.Element {
  return when ? (
    <time dateTime={when} title={EXACT.format(new Date(when))}>
      {relative(when)}
    </time>
  ) : (
    <span className="orrery-quiet">–</span>
  );
}

/** A count with its noun: "1 person", "2,000 people". */
export function count(number: number, single: string, plural = `${single}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? single : plural}`;
}
