/**
 * Small controls that look like the lab's own.
 */
import { caretDownIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

/** A small button that is only an icon. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: (event: React.MouseEvent<HTMLElement>) => void;
  disabled?: boolean;
  pressed?: boolean;
  className?: string;
  tabIndex?: number;
}): JSX.Element {
  const { icon: Icon, disabled } = props;
  return (
    <button
      type="button"
      className={`orrery-icon-button ${props.className ?? ''}`}
      title={props.label}
      aria-label={props.label}
      aria-disabled={disabled}
      aria-pressed={props.pressed}
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

/** A labelled field with an optional line of help, or with what is wrong in its place. */
export function Field(props: {
  label: string;
  hint?: string;
  problem?: string;
  wide?: boolean;
  children: (id: string, describedBy: string | undefined) => React.ReactNode;
}): JSX.Element {
  const { label, problem } = props;
  const id = useId();
  const line = problem || props.hint;
  const lineId = line ? `${id}-line` : undefined;
  return (
    <div className={`orrery-field${props.wide ? ' orrery-mod-wide' : ''}`}>
      <label htmlFor={id}>{label}</label>
      {props.children(id, lineId)}
      {line && (
        <small
          id={lineId}
          className={problem ? 'orrery-problem' : 'orrery-quiet'}
          role={problem ? 'alert' : undefined}
        >
          {line}
        </small>
      )}
    </div>
  );
}

/** A choice, looking like the lab's own. */
export function Select<T extends string>(props: {
  id?: string;
  label?: string;
  value: T;
  /** Values, what a person reads, and whether one cannot be chosen. */
  options: readonly (readonly [T, string, boolean?])[];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <span className="orrery-select">
      <select
        id={props.id}
        aria-label={props.label}
        className="jp-mod-styled"
        value={props.value}
        onChange={event => props.onChange(event.currentTarget.value as T)}
      >
        {props.options.map(([value, label, disabled]) => (
          <option key={value} value={value} disabled={disabled}>
            {label}
          </option>
        ))}
      </select>
      <caretDownIcon.react tag="span" />
    </span>
  );
}
