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
      className={`orrery-snippets-button ${props.className ?? ''}`}
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

/** A labelled field with an optional line of help. */
export function Field(props: {
  label: string;
  hint?: string;
  wide?: boolean;
  children: (id: string, describedBy: string | undefined) => React.ReactNode;
}): JSX.Element {
  const id = useId();
  const hintId = props.hint ? `${id}-hint` : undefined;
  return (
    <div className={`orrery-snippets-field${props.wide ? ' orrery-mod-wide' : ''}`}>
      <label htmlFor={id}>{props.label}</label>
      {props.children(id, hintId)}
      {props.hint && (
        <small id={hintId} className="orrery-snippets-quiet">
          {props.hint}
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
  options: readonly [T, string, boolean?][];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <span className="orrery-snippets-select">
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
