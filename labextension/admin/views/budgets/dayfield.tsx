/**
 * A field for a day: the moment at which it ends for the person.
 */
import React, { useId } from 'react';

const two = (number: number) => String(number).padStart(2, '0');

/** The day that ends at a moment, as an input for days has it; empty for none. */
export function dayOf(moment: string | null): string {
  if (!moment) {
    return '';
  }
  const last = new Date(Date.parse(moment) - 1);
  return `${last.getFullYear()}-${two(last.getMonth() + 1)}-${two(last.getDate())}`;
}

/** When a day ends, in the person's own time; null for none. */
export function endOf(day: string): string | null {
  if (!day) {
    return null;
  }
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + 1).toISOString();
}

export function DayField(props: {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (moment: string | null) => void;
}): JSX.Element {
  const id = useId();
  return (
    <p className="orrery-admin-select">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="date"
        className="orrery-admin-input"
        value={dayOf(props.value)}
        onChange={event => props.onChange(endOf(event.currentTarget.value))}
      />
    </p>
  );
}
