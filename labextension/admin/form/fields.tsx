/**
 * The fields of a form, each for the part at a path.
 */
import React, { useId } from 'react';

import { textOf, useForm } from './model';

const GIB = 1 << 30;

export interface IField {
  readonly path: string;
  readonly label: string;
  readonly hint?: string;
}

/** A line of the form: label, field, what it is for, and what is wrong with it. */
export function Line(
  props: IField & {
    readonly children: (
      field: Readonly<{
        id: string;
        'aria-describedby': string;
        'aria-invalid': boolean;
      }>
    ) => React.ReactNode;
  }
): JSX.Element {
  const id = useId();
  const problem = useForm().problem(props.path);
  return (
    <div className="orrery-form-line">
      <label htmlFor={id}>{props.label}</label>
      <div>
        {props.children({
          id,
          'aria-describedby': `${id}-hint`,
          'aria-invalid': problem !== undefined
        })}
        <p id={`${id}-hint`}>
          {problem && <span className="orrery-problem">{problem}</span>}
          {props.hint && <span className="orrery-quiet">{props.hint}</span>}
        </p>
      </div>
    </div>
  );
}

export function TextLine(
  props: IField & { readonly isCode?: boolean; readonly isRequired?: boolean }
): JSX.Element {
  const form = useForm();
  return (
    <Line {...props}>
      {field => (
        <input
          {...field}
          className="orrery-admin-input"
          data-code={props.isCode}
          required={props.isRequired}
          spellCheck={!props.isCode}
          autoComplete="off"
          value={textOf(form.get(props.path))}
          onChange={event => form.set(props.path, event.currentTarget.value)}
        />
      )}
    </Line>
  );
}

export function LongTextLine(
  props: IField & { readonly isCode?: boolean }
): JSX.Element {
  const form = useForm();
  return (
    <Line {...props}>
      {field => (
        <textarea
          {...field}
          className="orrery-admin-input"
          data-code={props.isCode}
          rows={props.isCode ? 5 : 3}
          spellCheck={!props.isCode}
          value={textOf(form.get(props.path))}
          onChange={event => form.set(props.path, event.currentTarget.value)}
        />
      )}
    </Line>
  );
}

/** A number; empty is null where there may be none, and 0 else. */
export function NumberLine(
  props: IField & {
    readonly isOptional?: boolean;
    readonly unit?: string;
    /** What the stored number is divided by. */
    readonly scale?: number;
    readonly step?: string;
  }
): JSX.Element {
  const form = useForm();
  const scale = props.scale ?? 1;
  const stored =
    (form.get(props.path) as number | null | undefined) ??
    (props.isOptional ? null : 0);
  const set = (text: string) => {
    const number = Math.round(Number(text) * scale * 1000) / 1000;
    form.set(props.path, text === '' ? (props.isOptional ? null : 0) : number);
  };
  return (
    <Line {...props}>
      {field => (
        <span className="orrery-form-number">
          <input
            {...field}
            className="orrery-admin-input"
            type="number"
            step={props.step ?? 'any'}
            value={stored === null ? '' : stored / scale}
            onChange={event => set(event.currentTarget.value)}
          />
          {props.unit && <span className="orrery-quiet">{props.unit}</span>}
        </span>
      )}
    </Line>
  );
}

/** A number of bytes, in GiB. */
export function SizeLine(
  props: IField & { readonly isOptional?: boolean }
): JSX.Element {
  return <NumberLine {...props} unit="GiB" scale={GIB} />;
}

export function CheckLine(props: IField): JSX.Element {
  const form = useForm();
  return (
    <Line {...props}>
      {field => (
        <input
          {...field}
          type="checkbox"
          checked={form.get(props.path) === true}
          onChange={event => form.set(props.path, event.currentTarget.checked)}
        />
      )}
    </Line>
  );
}

export function ChoiceLine(
  props: IField & { readonly options: readonly (readonly [string, string])[] }
): JSX.Element {
  const form = useForm();
  return (
    <Line {...props}>
      {field => (
        <select
          {...field}
          className="orrery-admin-input"
          value={textOf(form.get(props.path))}
          onChange={event => form.set(props.path, event.currentTarget.value)}
        >
          {props.options.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Line>
  );
}

/** Several of a few. */
export function SeveralLine(
  props: IField & { readonly options: readonly (readonly [string, string])[] }
): JSX.Element {
  const form = useForm();
  const chosen = (form.get(props.path) as readonly string[] | undefined) ?? [];
  const toggle = (value: string, isChosen: boolean) =>
    form.set(props.path, [
      ...chosen.filter(other => other !== value),
      ...(isChosen ? [value] : [])
    ]);
  return (
    <Line {...props}>
      {({ id }) => (
        <span id={id} role="group" aria-label={props.label}>
          {props.options.map(([value, label]) => (
            <label key={value} className="orrery-form-option">
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={event => toggle(value, event.currentTarget.checked)}
              />
              {label}
            </label>
          ))}
        </span>
      )}
    </Line>
  );
}
