/**
 * Tags to write, with those that exist offered.
 */
import React from 'react';

import { useSnippets } from '../context';
import { ChipsField } from './chips';
import type { Draft } from './draft';

const MOST_CHARACTERS = 48;

/** A field that turns what is typed into tags at a comma or Enter. */
export function TagsField({ id, draft }: { id: string; draft: Draft }): JSX.Element {
  const { model, trans } = useSnippets();
  return (
    <ChipsField
      id={id}
      values={draft.content.tags}
      maxLength={MOST_CHARACTERS}
      separator=","
      placeholder={trans.__('Add a tag')}
      suggestions={model.facets.tags.map(({ value }) => value)}
      removeLabel={tag => trans.__('Remove tag %1', tag)}
      onChange={tags => draft.update({ tags: [...tags] })}
    />
  );
}
