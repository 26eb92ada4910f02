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

type ButtonAttributes = React.ButtonHTMLAttributes<HTMLButtonElement>;

/** The lab's own button; `accept` is the one that stands out, `warn` the one that takes something away. */
export const Button = React.forwardRef<
  HTMLButtonElement,
  ButtonAttributes & { look?: 'accept' | 'warn' }
>(function Button({ look, className = '', type = 'button', ...attributes }, ref) {
  const classes = ['jp-mod-styled orrery-call', look && `jp-mod-${look}`, className];
  return (
    <button
      {...attributes}
      ref={ref}
      className={classes.filter(Boolean).join(' ')}
      type={type}
    />
  );
});

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

/** The element of a text field, of one line or several. */
export type TextElement = HTMLInputElement & HTMLTextAreaElement;

export interface ITextFieldProps extends React.InputHTMLAttributes<TextElement> {
  label: string;
  hint?: string;
  problem?: string;
  wide?: boolean;
  inputRef?: React.Ref<TextElement>;
  /** With it, the field has several lines. */
  rows?: number;
}

/** A field for text; the other attributes are those of its input. */
export function TextField(props: ITextFieldProps): JSX.Element {
  const { label, hint, problem, wide, inputRef, ...attributes } = props;
  const Tag = props.rows ? 'textarea' : 'input';
  return (
    <Field label={label} hint={hint} problem={problem} wide={wide}>
      {(id, describedBy) => (
        <Tag
          {...attributes}
          ref={inputRef}
          aria-describedby={describedBy}
          aria-invalid={problem ? true : undefined}
          className="jp-mod-styled"
          id={id}
        />
      )}
    </Field>
  );
}

/** A choice, looking like the lab's own. */
export function Select<T extends string>(props: {
  id?: string;
  label?: string;
  title?: string;
  disabled?: boolean;
  value: T;
  /** Values, what a person reads, and whether one cannot be chosen. */
  options: readonly (readonly [T, string, boolean?])[];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <span className="orrery-select" title={props.title}>
      <select
        id={props.id}
        disabled={props.disabled}
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
