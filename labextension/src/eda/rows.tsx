/**
 * Sections of the panel and their rows, which work by pointer and by keyboard.
 */
import {
  caretDownIcon,
  caretRightIcon,
  ellipsesIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { useChanges } from '../base/hooks';
import { IconButton } from '../base/controls';
import { useScreen } from './hooks';
import { nameOfPick, type Pick } from './picks';

const SKELETON_ROWS = 3;

/** A part of the panel with a heading, a count, and a fold. */
export function Section(props: {
  id: string;
  title: string;
  /** Unknown while nothing was asked. */
  count: number | null;
  children: React.ReactNode;
}): JSX.Element {
  const { folds } = useScreen();
  useChanges(folds.changed);
  const open = !folds.has(props.id);
  const id = useId();
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <section className="orrery-eda-section" data-open={open} data-section={props.id}>
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          title={props.title}
          onClick={() => folds.toggle(props.id)}
        >
          <Caret.react tag="span" />
          <span>{props.title}</span>
          {props.count !== null && (
            <span className="orrery-eda-count">{props.count.toLocaleString()}</span>
          )}
        </button>
      </h3>
      <div id={id} className="orrery-eda-content" hidden={!open}>
        {open && props.children}
      </div>
    </section>
  );
}

/** A row and what can be done with it. */
export interface IRow {
  pick: Pick;
  icon: LabIcon;
  /** One quiet word. */
  meta: string;
  /** A second one, where there is room. */
  extra?: string;
  title: string;
  /** 0 to 1 while it goes on. */
  progress?: number | null;
  /** Attributes that the menus look for. */
  data?: Record<string, string>;
  actions: readonly { icon: LabIcon; label: string; run: () => void }[];
  onOpen: () => void;
  onDelete?: () => void;
}

/** The rows of a section. */
export function Rows(props: { label: string; rows: readonly IRow[] }): JSX.Element {
  const { bench } = useScreen();
  const { picks } = bench;
  useChanges(picks.changed);
  const [place, setPlace] = useState('');
  const { rows } = props;
  const cursor = rows.find(row => row.pick.key === place) ?? rows.at(0);
  return (
    <div
      role="grid"
      className="orrery-eda-rows"
      aria-label={props.label}
      aria-multiselectable
      aria-rowcount={rows.length}
    >
      {rows.map((row, index) => (
        <Row
          key={row.pick.key}
          row={row}
          index={index}
          reachable={row === cursor}
          onReach={() => setPlace(row.pick.key)}
        />
      ))}
    </div>
  );
}

function Row(props: {
  row: IRow;
  index: number;
  /** Whether the tab key leads here. */
  reachable: boolean;
  onReach: () => void;
}): JSX.Element {
  const { row, reachable } = props;
  const { picks, trans } = useScreen().bench;
  const { pick } = row;
  const name = nameOfPick(pick);
  const selected = picks.has(pick.key);
  const onClick = (event: React.MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      picks.toggle(pick);
    } else {
      picks.set(pick);
    }
  };
  return (
    <div
      role="row"
      className={`orrery-eda-row${selected ? ' jp-mod-selected' : ''}`}
      data-kind={pick.kind}
      {...row.data}
      aria-rowindex={props.index + 1}
      aria-selected={selected}
      tabIndex={reachable ? 0 : -1}
      title={row.title}
      onClick={onClick}
      onContextMenu={() => selected || picks.set(pick)}
      onDoubleClick={row.onOpen}
      onFocus={props.onReach}
      onKeyDown={event => press(event, row, () => picks.toggle(pick))}
    >
      <div role="gridcell" className="orrery-eda-line">
        <row.icon.react tag="span" className="orrery-eda-icon" />
        <span className="orrery-eda-name">{name}</span>
        {row.extra && <span className="orrery-eda-extra">{row.extra}</span>}
        <span className="orrery-eda-meta">{row.meta}</span>
        {typeof row.progress === 'number' && (
          <progress
            className="orrery-eda-progress"
            max={1}
            value={row.progress}
            aria-label={trans.__('Progress of %1', name)}
          />
        )}
      </div>
      <div role="gridcell" className="orrery-eda-actions">
        {row.actions.map(action => (
          <IconButton
            key={action.label}
            icon={action.icon}
            label={action.label}
            tabIndex={reachable ? 0 : -1}
            onClick={() => {
              picks.set(pick);
              action.run();
            }}
          />
        ))}
        <IconButton
          icon={ellipsesIcon}
          label={trans.__('More for %1', name)}
          tabIndex={reachable ? 0 : -1}
          onClick={event => openMenu(event.currentTarget)}
        />
      </div>
    </div>
  );
}

/** What the keys do while a row has the focus. */
function press(
  event: React.KeyboardEvent<HTMLElement>,
  row: IRow,
  toggle: () => void
): void {
  const node = event.currentTarget;
  if (event.target !== node) {
    if (event.key === 'Escape') {
      node.focus();
    }
    return;
  }
  const keys: Record<string, (() => void) | undefined> = {
    ArrowDown: () => focusBeside(node, 1),
    ArrowUp: () => focusBeside(node, -1),
    Home: () => focusBeside(node, -Infinity),
    End: () => focusBeside(node, Infinity),
    Enter: row.onOpen,
    ' ': toggle,
    Delete: row.onDelete,
    '/': () => focusSearch(node)
  };
  const action = keys[event.key];
  if (action && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}

/** Go to the row so many places away, over the borders of sections. */
function focusBeside(row: HTMLElement, move: number): void {
  const panel = row.closest('.orrery-eda');
  const all = [...(panel?.querySelectorAll<HTMLElement>('.orrery-eda-row') ?? [])];
  const place = all.indexOf(row) + move;
  all.at(Math.max(0, Math.min(place, all.length - 1)))?.focus();
}

function focusSearch(node: HTMLElement): void {
  node.closest('.orrery-eda')?.querySelector('input')?.focus();
}

/** The lab's menu of a row, opened by a button in it. */
function openMenu(button: HTMLElement): void {
  const { left, bottom } = button.getBoundingClientRect();
  button.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left,
      clientY: bottom
    })
  );
}

/** Why there is no row, and the one thing to do. */
export function Empty(props: {
  text: string;
  action?: string;
  onAction?: () => void;
}): JSX.Element {
  return (
    <p className="orrery-eda-empty">
      {props.text}
      {props.action && (
        <button type="button" className="orrery-link" onClick={props.onAction}>
          {props.action}
        </button>
      )}
    </p>
  );
}

/** The shape of rows that are on their way. */
export function Skeleton({ label }: { label: string }): JSX.Element {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: SKELETON_ROWS }, (_, index) => (
        <div key={index} className="orrery-eda-line">
          <span className="orrery-skeleton" />
        </div>
      ))}
    </div>
  );
}
