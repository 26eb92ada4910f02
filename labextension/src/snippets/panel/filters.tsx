/**
 * What the list can be narrowed to: scope, language, tags, favourites.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { IconButton } from '../../base/controls';
import { useSignal } from '../../base/hooks';
import { Chips, FacetButton, type IChip } from '../../base/panel/filters';
import { useSnippets } from '../context';
import { starEmptyIcon, starIcon } from '../icons';
import type { Facet, SnippetQuery } from '../schemas';

type Scope = SnippetQuery['scope'];

/** The filters below the search field. */
export function Filters(): JSX.Element {
  const { model, projects, trans } = useSnippets();
  useSignal(model.changed);
  const { query, facets } = model;
  const current = projects?.current;
  const countIn = (counts: readonly Facet[], value: string | undefined): number =>
    counts.find(facet => facet.value === value)?.count ?? 0;
  const countOf = (value: Scope): number => {
    if (value === null) {
      return model.overall;
    }
    // The project is the one that the lab works in, as everywhere.
    return value === 'project' && projects
      ? countIn(facets.projects, current?.slug)
      : countIn(facets.scopes, value);
  };
  const chip = (value: Scope, label: string): IChip<Scope> => {
    const count = countOf(value);
    const title = trans._n('%2: %1 snippet', '%2: %1 snippets', count, label);
    return { value, label, count, title };
  };
  const projectChip = (): IChip<Scope> => {
    const plain = chip('project', trans.__('Project'));
    return current
      ? { ...plain, title: inProject(plain.count ?? 0, current.name, trans) }
      : plain;
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
          // Outside of every project there is none to show.
          ...(projects && !current ? [] : [projectChip()]),
          chip('everyone', trans.__('Everyone')),
          chip('library', trans.__('Library'))
        ]}
        value={query.scope ?? null}
        onChange={scope => model.showScope(scope, current?.slug ?? null)}
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

function inProject(count: number, name: string, trans: TranslationBundle): string {
  return trans._n(
    '%2: %1 snippet',
    '%2: %1 snippets',
    count,
    trans.__('Project %1', name)
  );
}
