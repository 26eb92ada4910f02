/**
 * The head of a list: titles, and the order.
 */
import React from 'react';

import type { IColumn } from './column';

export interface IOrder {
  readonly sort: string;
  readonly isDescending: boolean;
  readonly onSort: (sort: string, isDescending: boolean) => void;
}

export function Head<T>(props: {
  readonly columns: readonly IColumn<T>[];
  readonly canSelect: boolean;
  readonly order: IOrder;
  readonly style: React.CSSProperties;
}): JSX.Element {
  return (
    <div role="rowgroup" className="orrery-admin-head">
      <div
        role="row"
        aria-rowindex={1}
        className="orrery-admin-row"
        style={props.style}
      >
        {props.canSelect && (
          <span role="columnheader">
            <span className="orrery-hidden">Selected</span>
          </span>
        )}
        {props.columns.map(column => (
          <Title key={column.id} column={column} order={props.order} />
        ))}
      </div>
    </div>
  );
}

function Title<T>(props: {
  readonly column: IColumn<T>;
  readonly order: IOrder;
}): JSX.Element {
  const { column, order } = props;
  const { isDescending } = order;
  const isSorted = order.sort === column.id;
  const direction = isDescending ? 'descending' : 'ascending';
  return (
    <span role="columnheader" aria-sort={isSorted ? direction : undefined}>
      {column.isSortable ? (
        <button
          type="button"
          className="orrery-admin-sort"
          onClick={() => order.onSort(column.id, isSorted && !isDescending)}
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
