/**
 * Tags to write, with those that exist offered.
 */
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { IconButton } from '../../base/controls';
import type { Draft } from './draft';
import { useSnippets } from '../context';

const MOST_CHARACTERS = 48;

/** A field that turns what is typed into tags at a comma or Enter. */
export function TagsField({ id, draft }: { id: string; draft: Draft }): JSX.Element {
  const { trans } = useSnippets();
  const { tags } = draft.content;
  const set = (next: readonly string[]): void =>
    draft.update({ tags: [...new Set(next)] });
  return (
    <div className="orrery-input orrery-snippets-tags-field">
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
      <TagInput id={id} tags={tags} onChange={set} />
    </div>
  );
}

function TagInput(props: {
  id: string;
  tags: readonly string[];
  onChange: (tags: readonly string[]) => void;
}): JSX.Element {
  const { model, trans } = useSnippets();
  const { tags, onChange } = props;
  const [text, setText] = useState('');
  const list = useId();
  const add = (typed: string): void => {
    const added = typed
      .split(',')
      .map(tag => tag.trim().slice(0, MOST_CHARACTERS))
      .filter(tag => tag !== '');
    setText('');
    if (added.length) {
      onChange([...tags, ...added]);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && !text && tags.length) {
      onChange(tags.slice(0, -1));
    }
  };
  const onInput = (event: React.ChangeEvent<HTMLInputElement>): void => {
    const { value } = event.currentTarget;
    // Choosing from the list gives a whole tag at once.
    const isChosen = !('inputType' in event.nativeEvent);
    if (isChosen || value.includes(',')) {
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
        placeholder={tags.length ? '' : trans.__('Add a tag')}
        onChange={onInput}
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
    </>
  );
}
