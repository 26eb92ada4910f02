/**
 * A list of any length: columns, order and selection by TanStack Table, the rows in sight by TanStack Virtual.
 */
import {
  columnVisibilityFeature,
  rowSelectionFeature,
  tableFeatures,
  useTable,
  type RowSelectionState
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import React, { useEffect, useId, useMemo, useRef, useState } from 'react';

import { Failure } from './controls';
import { count } from './format';
import { useStore } from './store';
import type { TableModel } from './tablemodel';

const ROW_PX = 32;
const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature });

export interface IColumn<T> {
  readonly id: string;
  readonly title: string;
  /** A CSS grid track. */
  readonly width: string;
  readonly cell: (row: T) => React.ReactNode;
  /** Whether the server can order by it, under the name of its id. */
  readonly isSortable?: boolean;
}

interface IRow<T> {
  readonly index: number;
  readonly item: T | undefined;
}

export interface IDataTableProps<T> {
  readonly label: string;
  /** What a row is called: one, and several. */
  readonly noun: readonly [string, string];
  readonly model: TableModel<T>;
  readonly columns: readonly IColumn<T>[];
  readonly idOf: (row: T) => string;
  readonly sort: string;
  readonly isDescending: boolean;
  readonly onSort: (sort: string, isDescending: boolean) => void;
  readonly onOpen: (row: T) => void;
  /** The rows that are chosen, by id; without it, none can be. */
  readonly selection?: ReadonlyMap<string, T>;
  readonly onSelect?: (selection: ReadonlyMap<string, T>) => void;
  readonly empty: React.ReactNode;
}

/** The table; the arrow keys move in it, Enter opens a row, Space chooses it. */
export function DataTable<T>(props: IDataTableProps<T>): JSX.Element {
  const { model, columns, idOf } = props;
  const state = useStore(model.state);
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const total = state.total ?? 0;
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => model.ensure(first, last), [model, first, last, state.rows]);
  useEffect(() => setActive(index => Math.min(index, Math.max(0, total - 1))), [total]);

  const data = useMemo<IRow<T>[]>(
    () => items.map(({ index }) => ({ index, item: state.rows.get(index) })),
    // The rows in sight are given by the first and the last of them.
    [first, last, items.length, state.rows]
  );
  const definitions = useMemo(
    () =>
      columns.map(column => ({
        id: column.id,
        header: column.title,
        cell: ({ row }: { row: { original: IRow<T> } }) =>
          row.original.item === undefined ? (
            <span className="orrery-skeleton orrery-admin-skeleton" />
          ) : (
            column.cell(row.original.item)
          )
      })),
    [columns]
  );
  const rowSelection = useMemo<RowSelectionState>(
    () =>
      Object.fromEntries([...(props.selection?.keys() ?? [])].map(id => [id, true])),
    [props.selection]
  );
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: row => (row.item === undefined ? `row-${row.index}` : idOf(row.item)),
    state: { rowSelection }
  });
  const toggle = (row: T) => {
    const selection = new Map(props.selection);
    if (!selection.delete(idOf(row))) {
      selection.set(idOf(row), row);
    }
    props.onSelect?.(selection);
  };
  const move = (index: number) => {
    const next = Math.min(Math.max(0, index), Math.max(0, total - 1));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const page = Math.max(
    1,
    Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1
  );
  const onKeyDown = (event: React.KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      End: total - 1,
      Home: 0,
      PageDown: active + page,
      PageUp: active - page
    };
    const row = state.rows.get(active);
    if (event.target !== scroller.current) {
      return;
    }
    if (event.key in steps) {
      move(steps[event.key]);
    } else if (event.key === 'Enter' && row !== undefined) {
      props.onOpen(row);
    } else if (event.key === ' ' && row !== undefined && props.onSelect) {
      toggle(row);
    } else {
      return;
    }
    event.preventDefault();
  };
  const template = [...(props.onSelect ? ['28px'] : []), ...columns.map(c => c.width)];
  const style = { gridTemplateColumns: template.join(' ') };
  const rows = table.getRowModel().rows;
  return (
    <div className="orrery-admin-table">
      <div
        ref={scroller}
        className="orrery-admin-scroller"
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={template.length}
        aria-busy={state.isLoading}
        aria-multiselectable={props.onSelect ? true : undefined}
        aria-activedescendant={total ? `${gridId}-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className="orrery-admin-head">
          <div role="row" aria-rowindex={1} className="orrery-admin-row" style={style}>
            {props.onSelect && (
              <span role="columnheader">
                <span className="orrery-hidden">Selected</span>
              </span>
            )}
            {table.getHeaderGroups()[0].headers.map((header, position) => (
              <Header
                key={header.id}
                column={columns[position]}
                sort={props.sort}
                isDescending={props.isDescending}
                onSort={props.onSort}
              />
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          className="orrery-admin-body"
          style={{ height: virtual.getTotalSize() }}
        >
          {rows.map((row, position) => {
            const { index, item } = row.original;
            const isSelected = item !== undefined && row.getIsSelected();
            return (
              <div
                key={index}
                id={`${gridId}-${index}`}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={props.onSelect ? isSelected : undefined}
                className="orrery-admin-row"
                data-active={index === active}
                style={{
                  ...style,
                  transform: `translateY(${items[position]?.start ?? 0}px)`
                }}
                onClick={() => {
                  setActive(index);
                  if (item !== undefined) {
                    props.onOpen(item);
                  }
                }}
              >
                {props.onSelect && (
                  <span role="gridcell" onClick={event => event.stopPropagation()}>
                    <input
                      type="checkbox"
                      tabIndex={-1}
                      aria-label={
                        item === undefined ? 'Loading' : `Select ${idOf(item)}`
                      }
                      checked={isSelected}
                      disabled={item === undefined}
                      onChange={() => item !== undefined && toggle(item)}
                    />
                  </span>
                )}
                {row.getVisibleCells().map(cell => (
                  <span key={cell.id} role="gridcell" className="orrery-admin-cell">
                    <table.FlexRender cell={cell} />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {state.error && <Failure error={state.error} onRetry={() => model.refresh()} />}
      {!state.error && state.total === 0 && !state.isLoading && (
        <div className="orrery-admin-message">{props.empty}</div>
      )}
      <p className="orrery-admin-status" role="status">
        {state.total === undefined ? 'Loading…' : count(total, ...props.noun)}
        {props.selection && props.selection.size > 0
          ? `, ${props.selection.size.toLocaleString('en')} selected`
          : ''}
      </p>
    </div>
  );
}

function Header<T>(props: {
  readonly column: IColumn<T>;
  readonly sort: string;
  readonly isDescending: boolean;
  readonly onSort: (sort: string, isDescending: boolean) => void;
}): JSX.Element {
  const { column, isDescending } = props;
  const isSorted = props.sort === column.id;
  const order = isDescending ? 'descending' : 'ascending';
  return (
    <span role="columnheader" aria-sort={isSorted ? order : undefined}>
      {column.isSortable ? (
        <button
          type="button"
          className="orrery-admin-sort"
          onClick={() => props.onSort(column.id, isSorted && !isDescending)}
        >
          {column.title}
          <span aria-hidden="true">{isSorted ? (isDescending ? ' ↓' : ' ↑') : ''}</span>
        </button>
      ) : (
        column.title
      )}
    </span>
  );
}
