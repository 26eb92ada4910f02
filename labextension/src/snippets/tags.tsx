/**
 * Tags to write, with those that exist offered.
 */
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { IconButton } from '../base/controls';
import type { Draft } from './draft';
import { useScreen } from './hooks';

/** A field that turns what is typed into tags at a comma or Enter. */
export function TagsField({ id, draft }: { id: string; draft: Draft }): JSX.Element {
  const { model, trans } = useScreen().bench;
  const [text, setText] = useState('');
  const list = useId();
  const { tags } = draft.content;
  const set = (next: readonly string[]): void =>
    draft.update({ tags: [...new Set(next)] });
  const add = (typed: string): void => {
    const fresh = typed
      .split(',')
      .map(tag => tag.trim().slice(0, 48))
      .filter(tag => tag !== '');
    setText('');
    if (fresh.length) {
      set([...tags, ...fresh]);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && !text && tags.length) {
      set(tags.slice(0, -1));
    }
  };
  return (
    <div className="orrery-input orrery-snippets-tagsfield">
      {tags.map(tag => (
        <span key={tag} className="orrery-snippets-tag">
          {tag}
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove tag %1', tag)}
            onClick={() => set(tags.filter(other => other !== tag))}
          />
        </span>
      ))}
      <input
        id={id}
        list={list}
        value={text}
        placeholder={tags.length ? '' : trans.__('Add a tag')}
        onChange={event => {
          const { value } = event.currentTarget;
          // Choosing from the list gives a whole tag at once.
          const chosen = !('inputType' in event.nativeEvent);
          if (chosen || value.includes(',')) {
            add(value);
          } else {
            setText(value);
          }
        }}
        onKeyDown={onKeyDown}
        onBlur={() => add(text)}
      />
      <datalist id={list}>
        {model.facets.tags
          .filter(({ value }) => !tags.includes(value))
          .map(({ value }) => (
            <option key={value} value={value} />
          ))}
      </datalist>
    </div>
  );
}
