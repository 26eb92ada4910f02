/**
 * Small controls that look like the lab's own.
 */
import { caretDownIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import React, { useEffect, useId, useReducer } from 'react';

/** A small button that is only an icon. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: (event: React.MouseEvent<HTMLElement>) => void;
  disabled?: boolean;
  tabIndex?: number;
}): JSX.Element {
  const { icon: Icon, disabled } = props;
  return (
    <button
      type="button"
      className="orrery-eda-button"
      title={props.label}
      aria-label={props.label}
      aria-disabled={disabled}
      tabIndex={props.tabIndex}
      onClick={event => {
        event.stopPropagation();
        if (!disabled) {
          props.onClick(event);
        }
      }}
      onDoubleClick={event => event.stopPropagation()}
    >
      <Icon.react tag="span" />
    </button>
  );
}

/** A labelled field with an optional line of help. */
export function Field(props: {
  label: string;
  hint?: string;
  children: (id: string, describedBy: string | undefined) => React.ReactNode;
}): JSX.Element {
  const id = useId();
  const hintId = props.hint ? `${id}-hint` : undefined;
  return (
    <div className="orrery-eda-field">
      <label htmlFor={id}>{props.label}</label>
      {props.children(id, hintId)}
      {props.hint && (
        <small id={hintId} className="orrery-eda-quiet">
          {props.hint}
        </small>
      )}
    </div>
  );
}

/** A choice, looking like the lab's own. */
export function Select<T extends string>(props: {
  id?: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <span className="orrery-eda-select">
      <select
        id={props.id}
        className="jp-mod-styled"
        value={props.value}
        onChange={event => props.onChange(event.currentTarget.value as T)}
      >
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <caretDownIcon.react tag="span" />
    </span>
  );
}

/** Draw again whenever a signal is emitted. */
export function useChanges(signal: ISignal<unknown, unknown>): void {
  const [, draw] = useReducer((before: number) => before + 1, 0);
  useEffect(() => {
    const listen = (): void => draw();
    signal.connect(listen);
    return () => {
      signal.disconnect(listen);
    };
  }, [signal]);
}
