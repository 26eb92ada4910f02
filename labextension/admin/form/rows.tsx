/**
 * Fields of several rows: pairs of a name and a value, and lists of objects.
 */
import React, { useState } from 'react';

import { Button } from '../controls';

import { Line, type IField } from './fields';
import { textOf, useForm } from './model';

export interface IRowColumn {
  readonly key: string;
  readonly label: string;
  /** What it may be; without, any text. */
  readonly options?: readonly string[];
  readonly isCheck?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** A list of objects: one line each, a field for each column. */
export function RowsLine(
  props: IField & { readonly columns: readonly IRowColumn[]; readonly blank: Row }
): JSX.Element {
  const form = useForm();
  const rows = (form.get(props.path) as readonly Row[] | undefined) ?? [];
  return (
    <Line {...props}>
      {({ id }) => (
        <RowTable
          id={id}
          label={props.label}
          columns={props.columns}
          rows={rows}
          blank={props.blank}
          onChange={next => form.set(props.path, next)}
        />
      )}
    </Line>
  );
}

const PAIR: readonly IRowColumn[] = [
  { key: 'name', label: 'Name' },
  { key: 'value', label: 'Value' }
];

/** Pairs of a name and a value. The rows are remembered here: two of one name, while it is typed, are one pair. */
export function PairsLine(props: IField): JSX.Element {
  const form = useForm();
  const pairs = (form.get(props.path) as Readonly<Record<string, string>>) ?? {};
  const [rows, setRows] = useState<readonly Row[]>(() =>
    Object.entries(pairs).map(([name, value]) => ({ name, value }))
  );
  const change = (next: readonly Row[]) => {
    setRows(next);
    const entries = next
      .filter(({ name }) => name !== '')
      .map(({ name, value }) => [name, value] as [string, string]);
    form.set(props.path, Object.fromEntries(entries));
  };
  return (
    <Line {...props}>
      {({ id }) => (
        <RowTable
          id={id}
          label={props.label}
          columns={PAIR}
          rows={rows}
          blank={{ name: '', value: '' }}
          onChange={change}
        />
      )}
    </Line>
  );
}

function RowTable(props: {
  readonly id: string;
  readonly label: string;
  readonly columns: readonly IRowColumn[];
  readonly rows: readonly Row[];
  readonly blank: Row;
  readonly onChange: (rows: readonly Row[]) => void;
}): JSX.Element {
  const { columns, rows, label } = props;
  const set = (index: number, key: string, value: unknown) =>
    props.onChange(
      rows.map((row, at) => (at === index ? { ...row, [key]: value } : row))
    );
  return (
    <div id={props.id} role="group" aria-label={label} className="orrery-form-rows">
      {rows.map((row, index) => (
        <span key={index} className="orrery-form-row">
          {columns.map(column => (
            <Cell
              key={column.key}
              column={column}
              label={`${label} ${index + 1}: ${column.label}`}
              value={row[column.key]}
              onChange={value => set(index, column.key, value)}
            />
          ))}
          <Button
            look="stealth"
            label={`Remove ${label} ${index + 1}`}
            onClick={() => props.onChange(rows.filter((_, at) => at !== index))}
          >
            ✕
          </Button>
        </span>
      ))}
      <Button
        label={`Add to ${label}`}
        onClick={() => props.onChange([...rows, props.blank])}
      >
        Add
      </Button>
    </div>
  );
}

function Cell(props: {
  readonly column: IRowColumn;
  readonly label: string;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}): JSX.Element {
  const { column, label, value } = props;
  if (column.isCheck) {
    return (
      <label className="orrery-form-option">
        <input
          type="checkbox"
          aria-label={label}
          checked={value === true}
          onChange={event => props.onChange(event.currentTarget.checked)}
        />
        {column.label}
      </label>
    );
  }
  const field = {
    className: 'orrery-admin-input',
    'aria-label': label,
    value: textOf(value),
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      props.onChange(event.currentTarget.value)
  };
  return column.options ? (
    <select {...field}>
      {column.options.map(option => (
        <option key={option} value={option}>
          {option || 'Any'}
        </option>
      ))}
    </select>
  ) : (
    <input {...field} placeholder={column.label} spellCheck={false} />
  );
}
