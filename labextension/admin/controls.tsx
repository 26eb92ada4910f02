/**
 * The lab's components with the few properties that the page uses.
 */
import {
  Button as JupyterButton,
  Option,
  Search,
  Select as JupyterSelect,
  TextArea,
  TextField as JupyterTextField
} from '@jupyter/react-components';
import React, { useEffect, useId, useRef } from 'react';

import type { OrreryError } from '../src/base/errors';

/** A button; `accent` is the one that stands out, `error` the one that takes something away. */
export function Button(props: {
  readonly children: React.ReactNode;
  readonly look?: 'accent' | 'error' | 'stealth';
  readonly label?: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return (
    <JupyterButton
      appearance={props.look === 'error' ? 'neutral' : (props.look ?? 'neutral')}
      className={props.look === 'error' ? 'orrery-admin-danger' : undefined}
      aria-label={props.label}
      disabled={props.disabled ?? false}
      onClick={props.onClick}
    >
      {props.children}
    </JupyterButton>
  );
}

interface IHasValue {
  readonly value: string;
}

const valueOf = (event: { target: EventTarget | null }): string =>
  (event.target as (EventTarget & IHasValue) | null)?.value ?? '';

/** Put a value into a component of the lab when it came from elsewhere, such as the address. */
function useValue<E extends HTMLElement & { value: string }>(
  value: string
): React.RefObject<E> {
  const ref = useRef<E>(null);
  useEffect(() => {
    if (ref.current && ref.current.value !== value) {
      ref.current.value = value;
    }
  }, [value]);
  return ref;
}

/** A field that says what it searches. */
export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const ref = useValue<HTMLElement & { value: string }>(props.value);
  return (
    <Search
      ref={ref as never}
      className="orrery-admin-search"
      aria-label={props.label}
      placeholder={props.label}
      maxlength={255}
      onInput={event => props.onChange(valueOf(event))}
    >
      <span slot="close-glyph">
        <span aria-hidden="true">✕</span>
        <span className="orrery-hidden">Clear the search</span>
      </span>
    </Search>
  );
}

/** A labelled field of one line. */
export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly type?: 'text' | 'number';
  readonly required?: boolean;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const ref = useValue<HTMLElement & { value: string }>(props.value);
  return (
    <JupyterTextField
      ref={ref as never}
      className="orrery-admin-field"
      required={props.required ?? false}
      onInput={event => props.onChange(valueOf(event))}
    >
      {props.label}
    </JupyterTextField>
  );
}

/** A labelled field of several lines. */
export function LongTextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const ref = useValue<HTMLElement & { value: string }>(props.value);
  return (
    <TextArea
      ref={ref as never}
      className="orrery-admin-field"
      rows={4}
      onInput={event => props.onChange(valueOf(event))}
    >
      {props.label}
    </TextArea>
  );
}

/** A labelled choice. */
export function Select<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}): JSX.Element {
  const id = useId();
  const ref = useValue<HTMLElement & { value: string }>(props.value);
  return (
    <span className="orrery-admin-select">
      <label id={id}>{props.label}</label>
      <JupyterSelect
        ref={ref as never}
        aria-labelledby={id}
        aria-label={props.label}
        onChange={event => props.onChange(valueOf(event) as T)}
      >
        {props.options.map(([value, label]) => (
          <Option key={value} value={value} selected={value === props.value}>
            {label}
          </Option>
        ))}
      </JupyterSelect>
    </span>
  );
}

/** A word about the state of something, with a colour that repeats it. */
export function Badge(props: {
  readonly level?: 'good' | 'warning' | 'bad' | 'plain';
  readonly children: React.ReactNode;
}): JSX.Element {
  return (
    <span className="orrery-badge" data-level={props.level ?? 'plain'}>
      {props.children}
    </span>
  );
}

/** What failed, why, and what to do. */
export function Failure(props: {
  readonly error: OrreryError;
  readonly onRetry?: () => void;
}): JSX.Element {
  const { error } = props;
  return (
    <div className="orrery-admin-message" role="alert">
      <p className="orrery-problem">{error.message}</p>
      {error.reason && <p>{error.reason}</p>}
      {error.remedy && <p>{error.remedy}</p>}
      {error.requestId && <p className="orrery-quiet">Request {error.requestId}</p>}
      {props.onRetry && <Button onClick={props.onRetry}>Try Again</Button>}
    </div>
  );
}
