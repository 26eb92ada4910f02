/**
 * Choices that narrow a list: chips beside each other, and buttons with a menu.
 */
import { InputDialog } from '@jupyterlab/apputils';
import { caretDownIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import React from 'react';

/** One of a few choices. */
export interface IChip<V> {
  value: V;
  label: string;
  count: number;
  title: string;
}

/** A few choices, of which one is on. */
export function Chips<V>(props: {
  label: string;
  chips: readonly IChip<V>[];
  value: V;
  onChange: (value: V) => void;
}): JSX.Element {
  return (
    <div className="orrery-chips" role="group" aria-label={props.label}>
      {props.chips.map(({ value, label, count, title }) => (
        <button
          key={label}
          type="button"
          className="orrery-chip"
          aria-pressed={value === props.value}
          title={title}
          onClick={() => props.onChange(value)}
        >
          {label} <span className="orrery-count">{compact(count)}</span>
        </button>
      ))}
    </div>
  );
}

/** 12, 340, 1.2K, 100K. */
function compact(count: number): string {
  return new Intl.NumberFormat(undefined, { notation: 'compact' }).format(count);
}

/** A value, and how many items have it. */
export interface IFacet {
  value: string;
  count: number;
}

const MOST_VALUES = 200;
// A menu with more values than this is not read through.
const MANY_VALUES = 15;

interface IFacetButtonProps {
  /** What the button is called while nothing is chosen. */
  label: string;
  /** The entry that chooses nothing. */
  anyLabel: string;
  title: string;
  facets: readonly IFacet[];
  chosen: readonly string[];
  /** The entry that searches the values, when there are many. */
  searchLabel?: string;
  /** Whether more than one value can be chosen. */
  multiple?: boolean;
  onChange: (chosen: readonly string[]) => void;
}

/** A button whose menu offers the values of a facet; several can be on. */
export function FacetButton(props: IFacetButtonProps): JSX.Element {
  const { chosen } = props;
  return (
    <button
      type="button"
      className={`orrery-menu-button${chosen.length > 0 ? ' orrery-mod-on' : ''}`}
      title={props.title}
      aria-haspopup="menu"
      onClick={event => {
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        createMenu(facetEntries(props)).open(left, bottom);
      }}
    >
      <span>{chosen.length > 0 ? chosen.join(', ') : props.label}</span>
      <caretDownIcon.react tag="span" />
    </button>
  );
}

function facetEntries(props: IFacetButtonProps): IMenuEntry[] {
  const { chosen, facets, onChange, searchLabel } = props;
  const any = {
    label: props.anyLabel,
    toggled: chosen.length === 0,
    run: () => onChange([])
  };
  const search = {
    label: searchLabel ?? '',
    toggled: false,
    run: () => void searchValue(props)
  };
  const values = withChosen(facets.slice(0, MOST_VALUES), chosen).map(
    ({ value, count }) => ({
      label: `${value} (${count})`,
      toggled: chosen.includes(value),
      run: () => onChange(toggled(props, value))
    })
  );
  return searchLabel && facets.length > MANY_VALUES
    ? [search, any, ...values]
    : [any, ...values];
}

/** What is chosen when a value is switched on or off. */
function toggled(props: IFacetButtonProps, value: string): readonly string[] {
  if (props.chosen.includes(value)) {
    return props.chosen.filter(other => other !== value);
  }
  return props.multiple ? [...props.chosen, value] : [value];
}

/** Ask for a value by its name, and choose it. */
async function searchValue(props: IFacetButtonProps): Promise<void> {
  const values = props.facets.map(({ value }) => value);
  const { value } = await InputDialog.getItem({
    title: props.searchLabel ?? '',
    items: values,
    editable: true
  });
  if (value && values.includes(value)) {
    props.onChange(props.chosen.includes(value) ? props.chosen : toggled(props, value));
  }
}

/** The facets, and what was chosen although no item has it any more. */
function withChosen(
  facets: readonly IFacet[],
  chosen: readonly string[]
): readonly IFacet[] {
  const missing = chosen.filter(value => !facets.some(facet => facet.value === value));
  return [...missing.map(value => ({ value, count: 0 })), ...facets];
}

interface IMenuEntry {
  label: string;
  toggled: boolean;
  run: () => void;
}

/** A menu of choices; its commands are its own, for they are of no use elsewhere. */
function createMenu(entries: readonly IMenuEntry[]): MenuSvg {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  menu.addClass('orrery-choices');
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
