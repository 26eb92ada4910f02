/**
 * The one look of a row: icon, name, one quiet line of facts, and actions over it.
 */
import { Time } from '@jupyterlab/coreutils';
import { ellipsesIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

import { executeOwn } from '../registry';
import { IconButton } from '../controls';
import { usePanel } from './context';

/** A button of a row. */
export interface IRowAction {
  icon: LabIcon;
  label: string;
  run: () => void;
  enabled?: boolean;
}

/** What a row shows. */
export interface IRow {
  icon: LabIcon;
  /** What the icon means, such as a language. */
  iconTitle?: string;
  name: string;
  /** A mark after the name that asks for attention. */
  badge?: { text: string; title: string };
  /** An icon that stays in sight at the end, such as the star of a favourite. */
  mark?: { icon: LabIcon; title: string };
  /** Whose it is or where it lies, as a small icon that is never cut; its words are for its title and screen readers. */
  place?: { icon: LabIcon; title: string };
  /** Facts in one quiet line, the most telling first; those without room for all of their words are not drawn. */
  facts?: readonly string[];
  /** When it changed, as ISO 8601. */
  time?: string;
  /** Shown by the browser when the pointer rests on the row. */
  title?: string;
  /** 0 to 1 while something goes on. */
  progress?: number | null;
  /** Attributes that menus and tests look for, such as `data-id`. */
  data?: Record<string, string | boolean>;
  /** Whether it only says something, and nothing can be done with it but what its buttons do. */
  isNote?: boolean;
  /** Buttons, the most used first; they lie over the row's end while it is hovered or focused. */
  actions?: readonly IRowAction[];
}

/** A button that runs a command: icon, words and state are those of the command. */
export function commandAction(
  commands: CommandRegistry,
  id: string,
  args: ReadonlyPartialJSONObject = {}
): IRowAction {
  return {
    icon: commands.icon(id, args) as LabIcon,
    label: commands.caption(id, args) || commands.label(id, args),
    enabled: commands.isEnabled(id, args),
    run: () => void executeOwn(commands, id, args)
  };
}

/** The line of a row. */
export function RowLine(props: {
  row: IRow;
  /** Words to make bold. */
  words: readonly string[];
  /** Whether the tab key leads to the row and its buttons. */
  reachable: boolean;
  /** Called before a button does its work. */
  onAction: () => void;
}): JSX.Element {
  const { row, words } = props;
  const { icon: Icon, mark } = row;
  return (
    <>
      <div role="gridcell" className="orrery-row-text">
        <span className="orrery-row-head">
          <Icon.react
            tag="span"
            className="orrery-row-icon"
            title={row.iconTitle}
            stylesheet="listing"
          />
          <span className="orrery-row-name">
            <Highlighted text={row.name} words={words} />
          </span>
          {row.badge && (
            <span className="orrery-badge" title={row.badge.title}>
              {row.badge.text}
            </span>
          )}
          {mark && (
            <mark.icon.react
              tag="span"
              className="orrery-row-mark"
              title={mark.title}
            />
          )}
        </span>
        <RowFacts row={row} words={words} />
      </div>
      {row.place && (
        <div role="gridcell" className="orrery-row-place" title={row.place.title}>
          <row.place.icon.react tag="span" />
          <span className="orrery-hidden">{row.place.title}</span>
        </div>
      )}
      <RowActions {...props} />
      {typeof row.progress === 'number' && <RowProgress row={row} />}
    </>
  );
}

/** One quiet line; it is not drawn where there is no room for a word of it. */
function RowFacts(props: { row: IRow; words: readonly string[] }): JSX.Element {
  const { facts = [], time } = props.row;
  return (
    <span className="orrery-row-facts">
      <span className="orrery-row-meta">
        {facts
          .filter(fact => fact !== '')
          .map((fact, index) => (
            <span key={fact}>
              {index > 0 && ' · '}
              <Highlighted text={fact} words={props.words} />
            </span>
          ))}
      </span>
      {time && (
        <time dateTime={time} title={Time.format(time)}>
          {Time.formatHuman(time, 'narrow')}
        </time>
      )}
    </span>
  );
}

function RowActions(props: {
  row: IRow;
  reachable: boolean;
  onAction: () => void;
}): JSX.Element {
  const { trans } = usePanel();
  const { row } = props;
  const tabIndex = props.reachable ? 0 : -1;
  return (
    <div role="gridcell" className="orrery-row-actions">
      {row.actions?.map(action => (
        <IconButton
          key={action.label}
          icon={action.icon}
          label={action.label}
          disabled={action.enabled === false}
          tabIndex={tabIndex}
          onClick={() => {
            props.onAction();
            action.run();
          }}
        />
      ))}
      {!row.isNote && (
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('More for %1', row.name)}
          tabIndex={tabIndex}
          onClick={event => openContextMenu(event.currentTarget)}
        />
      )}
    </div>
  );
}

function RowProgress({ row }: { row: IRow }): JSX.Element {
  const { trans } = usePanel();
  return (
    <div role="gridcell" className="orrery-row-progress">
      <progress
        max={1}
        value={row.progress!}
        aria-label={trans.__('Progress of %1', row.name)}
      />
    </div>
  );
}

/** Open the lab's context menu of an element at its lower edge. */
export function openContextMenu(element: Element): void {
  const { left, bottom } = element.getBoundingClientRect();
  element.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left,
      clientY: bottom
    })
  );
}

/** A text with some words of it made bold. */
export function Highlighted(props: {
  text: string;
  words: readonly string[];
}): JSX.Element {
  const words = props.words.filter(word => word !== '');
  if (words.length === 0) {
    return <>{props.text}</>;
  }
  const pattern = words
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
  const parts = props.text.split(new RegExp(`(${pattern})`, 'gi'));
  return (
    <>
      {parts.map((part, index) => (index % 2 ? <mark key={index}>{part}</mark> : part))}
    </>
  );
}
