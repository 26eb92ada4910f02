/**
 * The field at the top of a panel that narrows what is listed.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, searchIcon } from '@jupyterlab/ui-components';
import React, { forwardRef } from 'react';

import { IconButton } from './controls';

export interface ISearchFieldProps {
  /** What is searched. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Go to the list. */
  onDown: () => void;
  trans: TranslationBundle;
}

/** Words to look for; Escape empties it, Enter and the arrow go to what was found. */
export const SearchField = forwardRef<HTMLInputElement, ISearchFieldProps>(
  function SearchField({ label, value, onChange, onDown, trans }, field): JSX.Element {
    const onKeyDown = (event: React.KeyboardEvent): void => {
      if (event.key === 'Escape' && value) {
        event.preventDefault();
        onChange('');
      } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
        event.preventDefault();
        onDown();
      }
    };
    return (
      <div className="orrery-search">
        <searchIcon.react tag="span" className="orrery-search-icon" />
        <input
          ref={field}
          type="text"
          role="searchbox"
          spellCheck={false}
          placeholder={trans.__('Search')}
          aria-label={label}
          title={label}
          value={value}
          onChange={event => onChange(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {value && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Clear search')}
            onClick={() => onChange('')}
          />
        )}
      </div>
    );
  }
);
