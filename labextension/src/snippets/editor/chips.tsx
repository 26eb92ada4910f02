/**
 * Several short texts to write, each shown as a chip, with those that exist offered.
 */
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { IconButton } from '../../base/controls';

export interface IChipsProps {
  id: string;
  values: readonly string[];
  /** Characters of one. */
  maxLength: number;
  /** What ends one beside Enter, if anything does. */
  separator?: string;
  placeholder: string;
  suggestions?: readonly string[];
  removeLabel: (value: string) => string;
  onChange: (values: readonly string[]) => void;
}

/** A field that turns what is typed into chips at Enter, at the separator, and when it is left. */
export function ChipsField(props: IChipsProps): JSX.Element {
  const { values, onChange } = props;
  return (
    <div className="orrery-input orrery-snippets-tags-field">
      {values.map(value => (
        <span key={value} className="orrery-snippets-tag">
          {value}
          <IconButton
            icon={closeIcon}
            label={props.removeLabel(value)}
            onClick={() => onChange(values.filter(other => other !== value))}
          />
        </span>
      ))}
      <ChipInput {...props} />
    </div>
  );
}

function ChipInput(props: IChipsProps): JSX.Element {
  const { maxLength, onChange, separator, suggestions = [], values } = props;
  const [text, setText] = useState('');
  const list = useId();
  const add = (typed: string): void => {
    const parts = separator === undefined ? [typed] : typed.split(separator);
    const added = parts
      .map(part => part.trim().slice(0, maxLength))
      .filter(part => part !== '');
    setText('');
    if (added.length) {
      onChange([...new Set([...values, ...added])]);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === separator) {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && !text && values.length) {
      onChange(values.slice(0, -1));
    }
  };
  const onInput = (event: React.ChangeEvent<HTMLInputElement>): void => {
    const { value } = event.currentTarget;
    // Choosing from the list gives a whole text at once.
    const isChosen = !('inputType' in event.nativeEvent);
    if (isChosen || (separator !== undefined && value.includes(separator))) {
      add(value);
    } else {
      setText(value);
    }
  };
  return (
    <>
      <input
        id={props.id}
        list={list}
        value={text}
        spellCheck={false}
        placeholder={values.length ? '' : props.placeholder}
        onChange={onInput}
        onKeyDown={onKeyDown}
        onBlur={() => add(text)}
      />
      <datalist id={list}>
        {suggestions
          .filter(value => !values.includes(value))
          .map(value => (
            <option key={value} value={value} />
          ))}
      </datalist>
    </>
  );
}
