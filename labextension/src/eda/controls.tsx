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
  /** What is wrong with it; it takes the place of the hint. */
  problem?: string;
  children: (id: string, describedBy: string | undefined) => React.ReactNode;
}): JSX.Element {
  const id = useId();
  const hintId = props.hint || props.problem ? `${id}-hint` : undefined;
  return (
    <div className="orrery-eda-field">
      <label htmlFor={id}>{props.label}</label>
      {props.children(id, hintId)}
      {hintId && (
        <small
          id={hintId}
          className={props.problem ? 'orrery-eda-problem' : 'orrery-eda-quiet'}
          role={props.problem ? 'alert' : undefined}
        >
          {props.problem || props.hint}
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
