/**
 * A table of data rows, for React: a grid on a canvas, with its cursor told to screen readers.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import React, { useId, useLayoutEffect, useRef, useState } from 'react';

import { watchTheme } from '../theme';
import {
  GridWidget,
  ROW_PX,
  type IGridSelection,
  type IGridTable,
  type IGridText
} from './gridwidget';
import { readTheme } from './theme';

const SCROLLBAR_PX = 18;

export interface IDataTableProps {
  trans: TranslationBundle;
  /** The accessible name. */
  label: string;
  /** A memoized object: another one makes the grid anew. */
  table: IGridTable;
  text: IGridText;
  /** Rows in sight; of more, the grid scrolls. */
  visibleRows?: number;
  /** What the person selects. */
  onSelect?: (selection: IGridSelection | null) => void;
  /** Called on Enter. */
  onActivate?: () => void;
}

/** Rows of data, selected by pointer or keyboard and copied with the lab's own keys. */
export function DataTable(props: IDataTableProps): JSX.Element {
  const { trans, label, table, text, visibleRows = 12 } = props;
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const [selection, setSelection] = useState<IGridSelection | null>(null);
  const handlers = useRef(props);
  handlers.current = props;
  // A layout effect: its end comes before the node leaves the document.
  useLayoutEffect(() => {
    const node = host.current!;
    const grid = new GridWidget(table, text, readTheme(node));
    describe(grid.viewport.node, id, label, table);
    grid.viewport.node.addEventListener('focus', () => grid.start());
    grid.viewport.node.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        event.preventDefault();
        event.stopPropagation();
        handlers.current.onActivate?.();
      }
    });
    grid.selectionModel?.changed.connect(() => {
      setSelection(grid.selection);
      handlers.current.onSelect?.(grid.selection);
    });
    Widget.attach(grid, node);
    const theme = watchTheme(() => grid.applyTheme(readTheme(node)));
    const stopSizing = followSize(node, grid);
    return () => {
      stopSizing();
      theme.dispose();
      grid.dispose();
    };
  }, [table]);
  const rows = Math.min(table.rows.length, visibleRows) + 1;
  return (
    <div className="orrery-grid">
      <div
        ref={host}
        className="orrery-grid-host"
        style={{ blockSize: rows * ROW_PX + SCROLLBAR_PX }}
      />
      <Cursor id={id} selection={selection} table={table} text={text} />
      <span id={`${id}-help`} className="orrery-hidden">
        {props.onActivate
          ? trans.__('Arrow keys move, Ctrl+C copies, Enter inserts code.')
          : trans.__('Arrow keys move, Ctrl+C copies.')}
      </span>
    </div>
  );
}

/** The cell of the cursor as nodes: what a canvas shows cannot be read out. */
function Cursor(props: {
  id: string;
  selection: IGridSelection | null;
  table: IGridTable;
  text: IGridText;
}): JSX.Element {
  const { id, selection, table, text } = props;
  const column = selection?.column ?? 0;
  const row = selection?.row ?? null;
  const name = table.columns[column] ?? '';
  const value = row === null ? null : (table.rows[row]?.[column] ?? null);
  return (
    <div
      id={`${id}-row`}
      role="row"
      aria-rowindex={(row ?? -1) + 2}
      className="orrery-hidden"
    >
      <span
        id={`${id}-cell`}
        role={row === null ? 'columnheader' : 'gridcell'}
        aria-colindex={column + 1}
        aria-selected={selection !== null}
      >
        {row === null
          ? text.column(name)
          : `${text.column(name)}: ${text.value(value)}`}
      </span>
    </div>
  );
}

function describe(
  node: HTMLElement,
  id: string,
  label: string,
  { columns, rows }: IGridTable
): void {
  node.tabIndex = 0;
  const attributes = {
    role: 'grid',
    'aria-label': label,
    'aria-rowcount': String(rows.length + 1),
    'aria-colcount': String(columns.length),
    'aria-owns': `${id}-row`,
    'aria-activedescendant': `${id}-cell`,
    'aria-describedby': `${id}-help`
  };
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
}

/** Tell a grid of its size, which no layout of Lumino does here. */
function followSize(node: HTMLElement, grid: Widget): () => void {
  if (typeof ResizeObserver === 'undefined') {
    return () => undefined;
  }
  const observer = new ResizeObserver(() =>
    MessageLoop.sendMessage(grid, Widget.ResizeMessage.UnknownSize)
  );
  observer.observe(node);
  return () => observer.disconnect();
}
