/**
 * What the list can be narrowed to: scope, language, tags, favourites.
 */
import { caretDownIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { useChanges } from '../base/hooks';
import { IconButton } from '../base/controls';
import { useScreen } from './hooks';
import { starEmptyIcon, starIcon } from './icons';
import type { Facet, SnippetQuery } from './schemas';

type Scope = SnippetQuery['scope'];

const MOST_TAGS = 200;

/** The filters under the toolbar. */
export function Filters(): JSX.Element {
  const { bench } = useScreen();
  const { model, trans } = bench;
  useChanges(model.changed);
  const { query, facets } = model;
  const count = (scope: string): number =>
    facets.scopes.find(one => one.value === scope)?.count ?? 0;
  const scopes: [Scope, string, number][] = [
    [null, trans.__('All'), model.overall],
    ['mine', trans.__('Mine'), count('mine')],
    ['project', trans.__('Project'), count('project')],
    ['everyone', trans.__('Everyone'), count('everyone')],
    ['library', trans.__('Library'), count('library')]
  ];
  return (
    <div
      className="orrery-snippets-filters"
      role="group"
      aria-label={trans.__('Filters')}
    >
      <div
        className="orrery-snippets-chips"
        role="group"
        aria-label={trans.__('Scope')}
      >
        {scopes.map(([scope, label, number]) => (
          <button
            key={label}
            type="button"
            className="orrery-snippets-chip"
            aria-pressed={(query.scope ?? null) === scope}
            title={trans._n('%2: %1 snippet', '%2: %1 snippets', number, label)}
            onClick={() => model.narrow({ scope })}
          >
            {label} <span className="orrery-snippets-count">{compact(number)}</span>
          </button>
        ))}
      </div>
      <div className="orrery-snippets-narrow">
        <LanguageFilter />
        <TagFilter />
        <IconButton
          icon={query.favourite ? starIcon : starEmptyIcon}
          label={trans.__('Only favourites')}
          pressed={Boolean(query.favourite)}
          onClick={() => model.narrow({ favourite: !query.favourite })}
        />
      </div>
    </div>
  );
}

/** 12, 340, 1.2K, 100K. */
function compact(count: number): string {
  return new Intl.NumberFormat(undefined, { notation: 'compact' }).format(count);
}

function LanguageFilter(): JSX.Element {
  const { model, trans } = useScreen().bench;
  const { query, facets } = model;
  const languages = withChosen(
    facets.languages,
    query.language ? [query.language] : []
  );
  const entries = [
    {
      label: trans.__('Any language'),
      toggled: !query.language,
      run: () => model.narrow({ language: null })
    },
    ...languages.map(({ value, count }) => ({
      label: `${value} (${count})`,
      toggled: query.language === value,
      run: () => model.narrow({ language: value })
    }))
  ];
  return (
    <MenuButton
      label={query.language ?? trans.__('Language')}
      title={trans.__('Show one language only')}
      on={Boolean(query.language)}
      entries={entries}
    />
  );
}

function TagFilter(): JSX.Element {
  const { model, trans } = useScreen().bench;
  const { query, facets } = model;
  const chosen = query.tag ?? [];
  const entries = [
    {
      label: trans.__('Any tag'),
      toggled: !chosen.length,
      run: () => model.narrow({ tag: [] })
    },
    ...withChosen(facets.tags.slice(0, MOST_TAGS), chosen).map(({ value, count }) => ({
      label: `${value} (${count})`,
      toggled: chosen.includes(value),
      run: () =>
        model.narrow({
          tag: chosen.includes(value)
            ? chosen.filter(tag => tag !== value)
            : [...chosen, value]
        })
    }))
  ];
  return (
    <MenuButton
      label={chosen.length ? chosen.join(', ') : trans.__('Tags')}
      title={trans.__('Show only snippets that have all of these tags')}
      on={chosen.length > 0}
      entries={entries}
    />
  );
}

interface IEntry {
  label: string;
  toggled: boolean;
  run: () => void;
}

function MenuButton(props: {
  label: string;
  title: string;
  on: boolean;
  entries: readonly IEntry[];
}): JSX.Element {
  const open = (event: React.MouseEvent<HTMLElement>): void => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    menuOf(props.entries).open(left, bottom);
  };
  return (
    <button
      type="button"
      className={`orrery-snippets-menu${props.on ? ' orrery-mod-on' : ''}`}
      title={props.title}
      aria-haspopup="menu"
      onClick={open}
    >
      <span>{props.label}</span>
      <caretDownIcon.react tag="span" />
    </button>
  );
}

/** A menu of choices; its commands are its own, for they are of no use elsewhere. */
function menuOf(entries: readonly IEntry[]): MenuSvg {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  menu.addClass('orrery-snippets-choices');
  entries.forEach(({ label, toggled, run }, index) => {
    const command = `choose:${index}`;
    commands.addCommand(command, {
      label,
      mnemonic: -1,
      isToggleable: true,
      isToggled: () => toggled,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: run
    });
    menu.addItem({ command });
  });
  return menu;
}

/** The facets, and what was chosen although nothing has it any more. */
function withChosen(
  facets: readonly Facet[],
  chosen: readonly string[]
): readonly Facet[] {
  const gone = chosen.filter(value => !facets.some(facet => facet.value === value));
  return [...gone.map(value => ({ value, count: 0 })), ...facets];
}
