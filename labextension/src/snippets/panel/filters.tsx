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
  return (
    <div
      className="orrery-snippets-filters"
      role="group"
      aria-label={trans.__('Filters')}
    >
      <Chips
        label={trans.__('Scope')}
        chips={scopeChips(model, projects, trans)}
        value={model.query.scope ?? null}
        onChange={scope => model.showScope(scope, projects?.current?.slug ?? null)}
      />
      <Facets />
    </div>
  );
}

/** Language, tags and favourites. */
function Facets(): JSX.Element {
  const { model, trans } = useSnippets();
  const { query, facets } = model;
  return (
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
        searchLabel={trans.__('Search Tags…')}
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
  );
}

type Parts = ReturnType<typeof useSnippets>;

/** One chip for each scope, with how many snippets it has. */
function scopeChips(
  model: Parts['model'],
  projects: Parts['projects'],
  trans: TranslationBundle
): readonly IChip<Scope>[] {
  const current = projects?.current;
  const chip = (value: Scope, label: string, count: number): IChip<Scope> => {
    const title = trans._n('%2: %1 snippet', '%2: %1 snippets', count, label);
    return { value, label, count, title };
  };
  const { scopes, projects: slugs } = model.facets;
  // The project is the one that the lab works in, as everywhere.
  const inCurrent = projects
    ? countIn(slugs, current?.slug)
    : countIn(scopes, 'project');
  const project = chip('project', trans.__('Project'), inCurrent);
  if (current) {
    project.title = inProject(inCurrent, current.name, trans);
  }
  return [
    chip(null, trans.__('All'), model.overall),
    chip('mine', trans.__('Mine'), countIn(scopes, 'mine')),
    // Outside of every project there is none to show.
    ...(projects && !current ? [] : [project]),
    chip('everyone', trans.__('Everyone'), countIn(scopes, 'everyone')),
    chip('library', trans.__('Library'), countIn(scopes, 'library'))
  ];
}

function countIn(counts: readonly Facet[], value: string | undefined): number {
  return counts.find(facet => facet.value === value)?.count ?? 0;
}

function inProject(count: number, name: string, trans: TranslationBundle): string {
  return trans._n(
    '%2: %1 snippet',
    '%2: %1 snippets',
    count,
    trans.__('Project %1', name)
  );
}
