/**
 * What the list can be narrowed to: scope, language, tags, favourites.
 */
import React from 'react';

import { IconButton } from '../../base/controls';
import { useSignal } from '../../base/hooks';
import { Chips, FacetButton, type IChip } from '../../base/panel/filters';
import { useSnippets } from '../context';
import { starEmptyIcon, starIcon } from '../icons';
import type { SnippetQuery } from '../schemas';

type Scope = SnippetQuery['scope'];

/** The filters below the search field. */
export function Filters(): JSX.Element {
  const { model, trans } = useSnippets();
  useSignal(model.changed);
  const { query, facets } = model;
  const chip = (value: Scope, label: string): IChip<Scope> => {
    const count =
      value === null
        ? model.overall
        : (facets.scopes.find(scope => scope.value === value)?.count ?? 0);
    const title = trans._n('%2: %1 snippet', '%2: %1 snippets', count, label);
    return { value, label, count, title };
  };
  return (
    <div
      className="orrery-snippets-filters"
      role="group"
      aria-label={trans.__('Filters')}
    >
      <Chips
        label={trans.__('Scope')}
        chips={[
          chip(null, trans.__('All')),
          chip('mine', trans.__('Mine')),
          chip('project', trans.__('Project')),
          chip('everyone', trans.__('Everyone')),
          chip('library', trans.__('Library'))
        ]}
        value={query.scope ?? null}
        onChange={scope => model.filter({ scope })}
      />
      <div className="orrery-snippets-facets">
        <FacetButton
          label={trans.__('Language')}
          anyLabel={trans.__('Any language')}
          title={trans.__('Show one language only')}
          facets={facets.languages}
          chosen={query.language ? [query.language] : []}
          onChange={([language = null]) => model.filter({ language })}
        />
        <FacetButton
          label={trans.__('Tags')}
          anyLabel={trans.__('Any tag')}
          title={trans.__('Show only snippets that have all of these tags')}
          facets={facets.tags}
          chosen={query.tag ?? []}
          multiple
          onChange={tag => model.filter({ tag })}
        />
        <IconButton
          icon={query.favourite ? starIcon : starEmptyIcon}
          label={trans.__('Only favourites')}
          pressed={Boolean(query.favourite)}
          onClick={() => model.filter({ favourite: !query.favourite })}
        />
      </div>
    </div>
  );
}
