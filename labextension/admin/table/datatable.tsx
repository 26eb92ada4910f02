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
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import React, { useEffect, useId, useMemo, useRef } from 'react';

import { Failure } from '../controls';
import { count } from '../format';
import { useStore } from '../store';

import type { IColumn, IRow } from './column';
import { useCursor } from './cursor';
import { Head, type IOrder } from './head';
import type { ITableState, TableModel } from './model';
import { Row } from './row';

export const ROW_PX = 28;
const CHECKBOX_TRACK = '20px';
const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature });

export interface IDataTableProps<T> {
  readonly label: string;
  /** What a row is called: one, and several. */
  readonly noun: readonly [string, string];
  readonly model: TableModel<T>;
  readonly columns: readonly IColumn<T>[];
  readonly idOf: (row: T) => string;
  readonly order: IOrder;
  readonly onOpen: (row: T) => void;
  /** The row that is open beside the list. */
  readonly openId?: string;
  /** The rows that are chosen, by id; without it, none can be. */
  readonly selection?: ReadonlyMap<string, T>;
  readonly onSelect?: (selection: ReadonlyMap<string, T>) => void;
  readonly empty: React.ReactNode;
}

/** The table; the arrow keys move in it, Enter opens a row, Space chooses it. */
export function DataTable<T>(props: IDataTableProps<T>): JSX.Element {
  const { model, columns } = props;
  const state = useStore(model.state);
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const total = state.total ?? 0;
  const { virtual, items } = useRowsInSight(scroller, total, model, state.rows);
  const toggle = useToggle(props);
  const cursor = useCursor({
    total,
    pageRows: () =>
      Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1),
    onMove: index => virtual.scrollToIndex(index),
    onOpen: index => withRow(state.rows.get(index), props.onOpen),
    onToggle: index => withRow(state.rows.get(index), toggle)
  });
  const canSelect = props.onSelect !== undefined;
  const tracks = [
    ...(canSelect ? [CHECKBOX_TRACK] : []),
    ...columns.map(column => column.width)
  ];
  const style = { gridTemplateColumns: tracks.join(' ') };
  return (
    <div className="orrery-admin-table" data-is-empty={state.total === 0 || undefined}>
      <div
        ref={scroller}
        className="orrery-admin-scroller"
        role="grid"
        aria-label={props.label}
        aria-rowcount={total + 1}
        aria-colcount={tracks.length}
        aria-busy={state.isLoading}
        aria-multiselectable={canSelect || undefined}
        aria-activedescendant={total ? `${gridId}-${cursor.index}` : undefined}
        tabIndex={0}
        onKeyDown={cursor.onKeyDown}
      >
        <Head
          columns={columns}
          canSelect={canSelect}
          order={props.order}
          style={style}
        />
        <Body
          {...props}
          gridId={gridId}
          height={virtual.getTotalSize()}
          items={items}
          rows={state.rows}
          style={style}
          active={cursor.index}
          onActive={cursor.move}
          onToggle={toggle}
        />
      </div>
      <Foot {...props} state={state} />
    </div>
  );
}

/** The rows in sight, which are asked for. */
function useRowsInSight<T>(
  scroller: React.RefObject<HTMLDivElement>,
  total: number,
  model: TableModel<T>,
  rows: ReadonlyMap<number, T>
) {
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    // The head stands over the first of them.
    scrollPaddingStart: ROW_PX,
    overscan: 10
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => model.ensure(first, last), [model, first, last, rows]);
  return { virtual, items };
}

function useToggle<T>(props: IDataTableProps<T>): (row: T) => void {
  return row => {
    const selection = new Map(props.selection);
    if (!selection.delete(props.idOf(row))) {
      selection.set(props.idOf(row), row);
    }
    props.onSelect?.(selection);
  };
}

function withRow<T>(row: T | undefined, act: (row: T) => void): void {
  if (row !== undefined) {
    act(row);
  }
}

interface IBodyProps<T> extends IDataTableProps<T> {
  readonly gridId: string;
  readonly height: number;
  readonly items: readonly VirtualItem[];
  readonly rows: ReadonlyMap<number, T>;
  readonly style: React.CSSProperties;
  readonly active: number;
  readonly onActive: (index: number) => void;
  readonly onToggle: (row: T) => void;
}

function Body<T>(props: IBodyProps<T>): JSX.Element {
  const { idOf, items, gridId, openId } = props;
  const table = useRowTable(props);
  return (
    <div role="rowgroup" className="orrery-admin-body" style={{ height: props.height }}>
      {table.getRowModel().rows.map((row, position) => {
        const { index, item } = row.original;
        const isChosen = item !== undefined && row.getIsSelected();
        return (
          <Row
            key={index}
            id={`${gridId}-${index}`}
            index={index}
            top={items[position]?.start ?? 0}
            style={props.style}
            isActive={index === props.active}
            isOpen={item !== undefined && idOf(item) === openId}
            isSelected={props.onSelect ? isChosen : undefined}
            name={item === undefined ? undefined : idOf(item)}
            onOpen={() => {
              props.onActive(index);
              withRow(item, props.onOpen);
            }}
            onToggle={() => withRow(item, props.onToggle)}
          >
            {row.getVisibleCells().map(cell => (
              <span key={cell.id} role="gridcell" className="orrery-admin-cell">
                <table.FlexRender cell={cell} />
              </span>
            ))}
          </Row>
        );
      })}
    </div>
  );
}

/** The rows in sight as TanStack's table. */
function useRowTable<T>(props: IBodyProps<T>) {
  const { columns, idOf, items, rows, selection } = props;
  const [first, last] = [items[0]?.index, items[items.length - 1]?.index];
  const data = useMemo<IRow<T>[]>(
    () => items.map(({ index }) => ({ index, item: rows.get(index) })),
    // The rows in sight are given by the first and the last of them.
    [first, last, items.length, rows]
  );
  const definitions = useMemo(() => columns.map(definitionOf), [columns]);
  const rowSelection = useMemo<RowSelectionState>(
    () =>
      Object.fromEntries([...(selection?.keys() ?? [])].map(id => [id, true as const])),
    [selection]
  );
  return useTable({
    features,
    columns: definitions,
    data,
    getRowId: row => (row.item === undefined ? `row-${row.index}` : idOf(row.item)),
    state: { rowSelection }
  });
}

function definitionOf<T>(column: IColumn<T>) {
  return {
    id: column.id,
    header: column.title,
    cell: ({ row }: { row: { original: IRow<T> } }) =>
      row.original.item === undefined ? (
        <span className="orrery-skeleton orrery-admin-skeleton" />
      ) : (
        column.cell(row.original.item)
      )
  };
}

/** Why there is nothing, how many there are. */
function Foot<T>(
  props: IDataTableProps<T> & { readonly state: ITableState<T> }
): JSX.Element {
  const { state, selection } = props;
  const chosen = selection?.size ?? 0;
  return (
    <>
      {state.error && (
        <Failure error={state.error} onRetry={() => props.model.refresh()} />
      )}
      {!state.error && state.total === 0 && !state.isLoading && (
        <div className="orrery-admin-message">{props.empty}</div>
      )}
      <p className="orrery-admin-status" role="status">
        {state.total === undefined ? 'Loading…' : count(state.total, ...props.noun)}
        {chosen > 0 ? `, ${chosen.toLocaleString('en')} selected` : ''}
      </p>
    </>
  );
}
