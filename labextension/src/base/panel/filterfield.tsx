/**
 * The field at the top of a panel that narrows what is listed.
 */
import { FilterBox } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useCallback, useContext, useEffect, useRef, useState } from 'react';

import { PanelContext } from './context';

export interface IFilterFieldProps {
  /** What is searched, such as "Search name, tags and code". */
  placeholder: string;
  /** Shown when the pointer rests on it; the placeholder if left out. */
  title?: string;
  value: string;
  onChange: (value: string) => void;
  /** Enter or the arrow down; in a side panel, both lead to its rows. */
  onDown?: () => void;
  /** Enter, where it does more than lead to the rows while something is searched for. */
  onEnter?: () => void;
  /** Needed outside a side panel, which has one. */
  trans?: TranslationBundle;
}

/** The lab's filter box; Escape empties it, the arrow leads to the rows, and so does Enter unless it does more. */
export function FilterField(props: IFilterFieldProps): JSX.Element {
  const { placeholder, value } = props;
  const panel = useContext(PanelContext);
  const trans = props.trans ?? panel?.trans;
  const input = useRef<HTMLInputElement>(null);
  // The box keeps its text to itself: a text that comes from elsewhere needs a new box.
  const [box, setBox] = useState({ text: value, key: 0 });
  const onChange = useRef(props.onChange);
  onChange.current = props.onChange;
  const typed = useRef(value);
  useEffect(() => {
    if (value !== typed.current) {
      typed.current = value;
      setBox(({ key }) => ({ text: value, key: key + 1 }));
    }
  }, [value]);
  useNames(input, box.key, placeholder, trans?.__('Clear') ?? '');
  const update = useCallback((_filter: unknown, query = ''): void => {
    if (query !== typed.current) {
      typed.current = query;
      onChange.current(query);
    }
  }, []);
  const clear = (): void => {
    update(null, '');
    setBox(({ key }) => ({ text: '', key: key + 1 }));
    requestAnimationFrame(() => input.current?.focus());
  };
  return (
    <div
      className="orrery-filter"
      title={props.title ?? placeholder}
      onKeyDown={event => {
        if (event.key === 'Escape' && typed.current) {
          event.preventDefault();
          clear();
        } else if (event.key === 'Enter' && props.onEnter && typed.current) {
          event.preventDefault();
          props.onEnter();
        } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
          event.preventDefault();
          (props.onDown ?? (() => panel?.lists.focus()))();
        }
      }}
    >
      <FilterBox
        key={box.key}
        inputRef={input}
        initialQuery={box.text}
        placeholder={placeholder}
        updateFilter={update}
        useFuzzyFilter={false}
      />
    </div>
  );
}

/** The lab's box names neither itself nor the button in it; `key` changes with the box. */
function useNames(
  input: React.RefObject<HTMLInputElement>,
  key: number,
  name: string,
  clear: string
): void {
  useEffect(() => {
    input.current?.setAttribute('aria-label', name);
    input.current?.shadowRoot
      ?.querySelector('.clear-button')
      ?.setAttribute('aria-label', clear);
  }, [input, key, name, clear]);
}
